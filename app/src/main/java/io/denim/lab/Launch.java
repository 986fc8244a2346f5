package io.denim.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program that is to be started.
 *
 * @param command the program and its arguments
 * @param environment all of its environment, except that an empty map leaves it this process's
 * @param input what it reads; empty: a pipe
 * @param log the file at whose end its output and errors are written; empty: two pipes
 */
public record Launch(
    List<String> command,
    Map<String, String> environment,
    Optional<Path> input,
    Optional<Path> log) {
  /** Copies. */
  public Launch {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /** This command with this process's environment and pipes. */
  public static Launch of(List<String> command) {
    return new Launch(command, Map.of(), Optional.empty(), Optional.empty());
  }

  /** The same with this environment and no other. */
  public Launch with(Map<String, String> variables) {
    return new Launch(command, variables, input, log);
  }

  /** The same, reading a file. */
  public Launch reading(Path file) {
    return new Launch(command, environment, Optional.of(file), log);
  }

  /** The same, for a program that goes on: it reads nothing, and its output goes to a file. */
  public Launch loggingTo(Path file) {
    return new Launch(command, environment, Optional.of(Path.of("/dev/null")), Optional.of(file));
  }
}
