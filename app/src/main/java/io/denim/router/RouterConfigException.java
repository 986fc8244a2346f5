package io.denim.router;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** A router's file that cannot be used; the message holds all that is wrong with it. */
public final class RouterConfigException extends IllegalArgumentException {
  private final List<RouterProblem> problems;

  /**
   * A file with these problems.
   *
   * @param source the file's name
   * @param problems at least one
   */
  RouterConfigException(String source, Collection<RouterProblem> problems) {
    super(message(source, problems.stream().sorted().toList()));
    this.problems = problems.stream().sorted().toList();
  }

  /** All that is wrong, in the order of the file. */
  public List<RouterProblem> problems() {
    return problems;
  }

  private static String message(String source, List<RouterProblem> problems) {
    if (problems.size() == 1) {
      return source + ": " + problems.getFirst();
    }
    return problems.stream()
        .map(problem -> "\n  " + problem)
        .collect(Collectors.joining("", source + ": " + problems.size() + " problems", ""));
  }
}
