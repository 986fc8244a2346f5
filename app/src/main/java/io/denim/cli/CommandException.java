package io.denim.cli;

/** What ends a command: one line for the user, and the exit code. */
public final class CommandException extends RuntimeException {
  /** The exit code of a command that was understood and failed. */
  static final int FAILURE = 1;

  /** The exit code of a command line or an environment that is wrong. */
  static final int USAGE = 2;

  private final int exitCode;

  private CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The command line is wrong: {@code message} says which word and what is allowed. */
  static CommandException usage(String message) {
    return new CommandException(USAGE, message);
  }

  /** What was asked for did not work: {@code message} says what, on what, why, what to do. */
  static CommandException failure(String message) {
    return new CommandException(FAILURE, message);
  }

  /** Another process has done and said everything; this one only ends with its code. */
  static CommandException ended(int exitCode) {
    return new CommandException(exitCode, "");
  }

  int exitCode() {
    return exitCode;
  }
}
