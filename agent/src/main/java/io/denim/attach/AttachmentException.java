package io.denim.attach;

/** A pod cannot be attached. The message says why and what to do. */
public final class AttachmentException extends RuntimeException {
  /** Says why. */
  public AttachmentException(String message) {
    super(message);
  }

  /** Says why, with the cause. */
  public AttachmentException(String message, Throwable cause) {
    super(message, cause);
  }
}
