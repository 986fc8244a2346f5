package io.denim.lab;

/**
 * What a command printed and how it ended.
 *
 * @param code its exit code
 * @param out its standard output
 * @param err its standard error
 */
public record Output(int code, String out, String err) {
  /** Whether it ended with 0. */
  public boolean succeeded() {
    return code == 0;
  }
}
