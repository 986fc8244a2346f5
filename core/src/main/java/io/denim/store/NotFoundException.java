package io.denim.store;

/** The entry does not exist (any more); nothing was written. */
public final class NotFoundException extends StoreException {
  private final transient Key key;

  /**
   * For a store that refuses an operation.
   *
   * @param attempted the operation in words, such as {@code replace subnets/10.5.52.0-24}
   * @param key the name of the entry
   */
  public NotFoundException(String attempted, Key key) {
    super(attempted + ": there is no such entry");
    this.key = key;
  }

  /** The name of the entry. */
  public Key key() {
    return key;
  }
}
