package io.denim.model;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A document that cannot be used. It carries everything that is wrong with it at once; the caller,
 * who knows where the document came from, says so beside it.
 */
public final class InvalidConfigException extends RuntimeException {
  private final transient List<ConfigProblem> problems;

  InvalidConfigException(List<ConfigProblem> problems) {
    super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** With one thing that is wrong. */
  public static InvalidConfigException of(String field, String value, String advice) {
    return new InvalidConfigException(List.of(new ConfigProblem(field, value, advice)));
  }

  /** What is wrong, in the order of the document's keys in the manual; never empty. */
  public List<ConfigProblem> problems() {
    return problems;
  }
}
