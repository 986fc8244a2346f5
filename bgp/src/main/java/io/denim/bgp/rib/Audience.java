package io.denim.bgp.rib;

/** Whom a message of a group is for, as an int: all, all but one peer, or one peer only. */
final class Audience {
  static final int ALL = 0;

  private Audience() {}

  /** All but the peer of this number; all when it is 0, which no peer is. */
  static int allBut(int peer) {
    return peer;
  }

  static int only(int peer) {
    return -peer;
  }

  static boolean includes(int audience, int peer) {
    return audience < 0 ? -audience == peer : audience != peer;
  }
}
