package io.denim.install;

/** Something cannot be taken away as asked. The message says why and what to do. */
public final class InstallException extends RuntimeException {
  /** Says why, with the cause. */
  public InstallException(String message, Throwable cause) {
    super(message, cause);
  }
}
