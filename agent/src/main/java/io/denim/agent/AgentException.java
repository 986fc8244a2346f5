package io.denim.agent;

/** The agent cannot start or go on. The message says why and what a person can do. */
public final class AgentException extends RuntimeException {
  /** Says why. */
  public AgentException(String message) {
    super(message);
  }

  /** Says why, with the cause. */
  public AgentException(String message, Throwable cause) {
    super(message, cause);
  }
}
