package io.denim.store;

/** The entry is not as the caller thought; nothing was written. */
public final class ConflictException extends StoreException {
  private final transient Entry present;

  /**
   * For a store that refuses an operation.
   *
   * @param attempted the operation in words, such as {@code create subnets/10.5.52.0-24}
   * @param present the entry as it is
   */
  public ConflictException(String attempted, Entry present) {
    super(attempted + ": the entry is there, at revision " + present.revision());
    this.present = present;
  }

  /** The entry as it is. */
  public Entry present() {
    return present;
  }
}
