package io.denim.bgp.rib;

/** Whom a message of a group is for, as a long: all, all but one or two peers, or one peer only. */
final class Audience {
  static final long ALL = 0;

  private Audience() {}

  /** All but the peer of this number; all when it is 0, which no peer is. */
  static long allBut(int peer) {
    return peer;
  }

  /** All but the peers of these numbers, of which each may be 0. */
  static long allBut(int peer, int other) {
    return (long) other << 32 | peer;
  }

  static long only(int peer) {
    return -peer;
  }

  static boolean includes(long audience, int peer) {
    return audience < 0
        ? -audience == peer
        : (int) audience != peer && (int) (audience >>> 32) != peer;
  }
}
