package io.denim.lab;

/** Something cannot be done with a lab. The message says why. */
public final class LabException extends RuntimeException {
  /** Says why. */
  public LabException(String message) {
    super(message);
  }

  /** Says why, and what was thrown beneath. */
  public LabException(String message, Throwable cause) {
    super(message, cause);
  }
}
