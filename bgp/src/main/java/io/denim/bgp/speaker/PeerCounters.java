package io.denim.bgp.speaker;

/** What is counted of a peer since the speaker knows it. Used by the speaker's thread only. */
final class PeerCounters {
  private static final int TYPES = 6;

  private final long[] received = new long[TYPES];
  private final long[] sent = new long[TYPES];
  private long sessions;
  private long malformed;
  private long withdrawn;
  private long discarded;

  void received(int type) {
    received[type]++;
  }

  void sent(int type) {
    sent[type]++;
  }

  void notificationSent() {
    sent[3]++;
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

  /** An attribute was left out (RFC 7606). */
  void discarded(int count) {
    discarded += count;
  }

  /** Messages by type; 1 OPEN to 5 ROUTE-REFRESH. */
  long receivedCount(int type) {
    return received[type];
  }

  long sentCount(int type) {
    return sent[type];
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

  long discardedCount() {
    return discarded;
  }
}
