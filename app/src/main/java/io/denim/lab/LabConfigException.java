package io.denim.lab;

import java.util.List;
import java.util.stream.Collectors;

/** A lab's configuration that cannot be used; the message holds all that is wrong with it. */
public final class LabConfigException extends IllegalArgumentException {
  private final List<LabProblem> problems;

  /**
   * A configuration with these problems.
   *
   * @param source the file, or words for where it comes from
   * @param problems at least one
   */
  LabConfigException(String source, List<LabProblem> problems) {
    super(message(source, problems));
    this.problems = List.copyOf(problems);
  }

  /** All that is wrong, in the order of the file. */
  public List<LabProblem> problems() {
    return problems;
  }

  private static String message(String source, List<LabProblem> problems) {
    if (problems.size() == 1) {
      return source + ": " + problems.getFirst();
    }
    return problems.stream()
        .map(problem -> "\n  " + problem)
        .collect(Collectors.joining("", source + ": " + problems.size() + " problems", ""));
  }
}
