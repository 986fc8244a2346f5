package io.denim.store.etcd;

/** An attempt at one member, or at all of them, came to nothing. It stays within the package. */
final class AskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Trouble trouble;

  AskException(Trouble trouble, Throwable cause) {
    super(trouble.words(), cause);
    this.trouble = trouble;
  }

  Trouble trouble() {
    return trouble;
  }
}
