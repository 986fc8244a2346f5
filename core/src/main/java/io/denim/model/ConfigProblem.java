package io.denim.model;

/**
 * One thing that is wrong in a document.
 *
 * @param field where: the path of the key in its canonical spelling, such as {@code Backend.VNI},
 *     or a line and column for what is no JSON
 * @param value the offending text as it was written
 * @param advice what is wrong with it, what is allowed or what to do
 */
public record ConfigProblem(String field, String value, String advice) {
  @Override
  public String toString() {
    return field + (value.isEmpty() ? "" : " " + value) + ": " + advice;
  }
}
