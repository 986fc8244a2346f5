package io.denim.store;

/** A store did not do what it was asked. The kinds are what a caller can decide by. */
public sealed class StoreException extends RuntimeException
    permits ConflictException, NotFoundException, UnavailableException, CorruptException {
  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
