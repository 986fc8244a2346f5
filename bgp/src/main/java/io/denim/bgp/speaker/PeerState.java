package io.denim.bgp.speaker;

/** How far a peer's session has come (RFC 4271 8.2.2). */
public enum PeerState {
  /** Nothing is tried, or not yet again. */
  IDLE("Idle"),
  /** This side dials. */
  CONNECT("Connect"),
  /** This side waits to be dialled. */
  ACTIVE("Active"),
  /** TCP is up, and the peer's OPEN is waited for. */
  OPEN_SENT("OpenSent"),
  /** Both OPENs are good, and the peer's first KEEPALIVE is waited for. */
  OPEN_CONFIRM("OpenConfirm"),
  /** Routes are exchanged. */
  ESTABLISHED("Established");

  private final String words;

  PeerState(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
