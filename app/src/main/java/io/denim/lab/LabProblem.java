package io.denim.lab;

/**
 * One thing that is wrong with a lab's configuration.
 *
 * @param path where, as keys from the top: {@code nodes.n1.subnet}, {@code routers.r1.subnets[2]};
 *     empty for the whole
 * @param message what is wrong with which value
 * @param allowed what may stand there
 */
public record LabProblem(String path, String message, String allowed) {
  /** {@code path: message; allowed: what may stand there}. */
  @Override
  public String toString() {
    return (path.isEmpty() ? "" : path + ": ")
        + message
        + (allowed.isEmpty() ? "" : "; allowed: " + allowed);
  }
}
