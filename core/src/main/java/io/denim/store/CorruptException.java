package io.denim.store;

/** What the store keeps is damaged; no repetition helps, a person must decide. */
public final class CorruptException extends StoreException {
  /** For a store whose files are damaged. The message says where, and what can be done. */
  public CorruptException(String message) {
    super(message);
  }

  /** The same damage, met by another attempt. */
  CorruptException(String attempted, CorruptException known) {
    super(attempted + ": " + known.getMessage(), known);
  }
}
