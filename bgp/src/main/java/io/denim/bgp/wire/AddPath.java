package io.denim.bgp.wire;

/** What a side can do with several paths for a prefix (RFC 7911). */
public enum AddPath {
  /** It understands path identifiers. */
  RECEIVE(1),
  /** It sends path identifiers. */
  SEND(2),
  /** Both. */
  BOTH(3);

  private final int number;

  AddPath(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Whether this side sends them. */
  public boolean sends() {
    return this != RECEIVE;
  }

  /** Whether this side understands them. */
  public boolean receives() {
    return this != SEND;
  }
}
