package io.denim.network;

/** A node cannot join yet; the message says what is waited for and who must act. */
public final class NotYetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With what is waited for, in words for a person. */
  public NotYetException(String message) {
    super(message);
  }
}
