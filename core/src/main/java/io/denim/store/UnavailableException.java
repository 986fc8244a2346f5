package io.denim.store;

/**
 * The store could not be asked, or did not answer in time. A write may or may not have happened:
 * read before trying again.
 */
public final class UnavailableException extends StoreException {
  /** For a store that cannot answer. The message says what was attempted and what to do. */
  public UnavailableException(String message) {
    super(message);
  }

  /** For a store that cannot answer. The message says what was attempted and what to do. */
  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
