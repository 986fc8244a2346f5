package io.denim.bgp.speaker;

/** What is counted of a peer since the speaker knows it. Used by the speaker's thread only. */
final class PeerCounters {
  private static final int TYPES = 6;

  private final long[] received = new long[TYPES];
  private long sessions;
  private long malformed;
  private long withdrawn;

  void received(int type) {
    received[type]++;
  }

  /** A session is up. */
  void established() {
    sessions++;
  }

  /** A message ended a session. */
  void malformed() {
    malformed++;
  }

  /** The routes of an UPDATE counted as withdrawn (RFC 7606). */
  void treatedAsWithdrawn() {
    withdrawn++;
  }

  /** Messages by type; 1 OPEN to 5 ROUTE-REFRESH. */
  long receivedCount(int type) {
    return received[type];
  }

  long sessions() {
    return sessions;
  }

  long malformedCount() {
    return malformed;
  }

  long withdrawnCount() {
    return withdrawn;
  }
}
