package io.denim.router;

/** What a router, or who asks one, cannot do; the message says what, why, and what to do. */
public final class RouterException extends RuntimeException {
  /** With this message for the user. */
  RouterException(String message) {
    super(message);
  }

  /** With this message for the user. */
  RouterException(String message, Throwable cause) {
    super(message, cause);
  }
}
