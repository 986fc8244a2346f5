package io.denim.bgp.speaker;

/** How far a peer's session has come (RFC 4271 8.2.2). */
public enum PeerState {
  /** Nothing is tried, or not yet again. */
  IDLE(1, "Idle"),
  /** This side dials. */
  CONNECT(2, "Connect"),
  /** This side waits to be dialled. */
  ACTIVE(3, "Active"),
  /** TCP is up, and the peer's OPEN is waited for. */
  OPEN_SENT(4, "OpenSent"),
  /** Both OPENs are good, and the peer's first KEEPALIVE is waited for. */
  OPEN_CONFIRM(5, "OpenConfirm"),
  /** Routes are exchanged. */
  ESTABLISHED(6, "Established");

  private final int number;
  private final String words;

  PeerState(int number, String words) {
    this.number = number;
    this.words = words;
  }

  /** As RFC 6396 and RFC 4273 number them, from 1. */
  public int number() {
    return number;
  }

  @Override
  public String toString() {
    return words;
  }
}
