package io.denim.bgp.speaker;

import io.denim.bgp.wire.Notification;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is counted and remembered of a peer since the speaker knows it. Used by the speaker's thread
 * only; times are those of {@link System#nanoTime}.
 */
final class PeerCounters {
  private static final int TYPES = 6;
  private static final int COLLISION = 7;
  private static final int SENT = 1 << 16;

  /** Of a damaged message so many octets are kept. */
  private static final int KEPT = 64;

  private final long[] received = new long[TYPES];
  private final long[] sent = new long[TYPES];

  /** By {@link #key}, those received before those sent. */
  private Map<Integer, Long> notifications = Collections.emptyMap();

  private @Nullable Noted lastReceived;
  private @Nullable Noted lastSent;
  private @Nullable Damaged damaged;
  private long sessions;
  private long malformed;
  private long withdrawn;

  private record Noted(Notification notification, long at) {
    PeerStatus.Noted seen(long now) {
      return new PeerStatus.Noted(notification, TimeUnit.NANOSECONDS.toSeconds(now - at));
    }
  }

  private record Damaged(boolean endedSession, String words, String octets, long at) {
    PeerStatus.Damaged seen(long now) {
      return new PeerStatus.Damaged(
          endedSession, words, octets, TimeUnit.NANOSECONDS.toSeconds(now - at));
    }
  }

  void received(int type) {
    received[type]++;
  }

  /** A message leaves. */
  void sent(int type) {
    sent(type, 1);
  }

  void sent(int type, long count) {
    sent[type] += count;
  }

  /** The peer has said why it ends a connection. */
  void notified(Notification notification, long now) {
    count(key(false, notification));
    if (isRemembered(notification)) {
      lastReceived = new Noted(notification, now);
    }
  }

  /** This side says why it ends a connection. */
  void notifies(Notification notification, long now) {
    count(key(true, notification));
    if (isRemembered(notification)) {
      lastSent = new Noted(notification, now);
    }
  }

  /** A collision is how two that dial at once go on, and would hide what went wrong before. */
  private static boolean isRemembered(Notification notification) {
    return notification.code() != Notification.CEASE || notification.subcode() != COLLISION;
  }

  private void count(int key) {
    if (notifications.isEmpty()) {
      // Most peers have none.
      notifications = new TreeMap<>();
    }
    notifications.merge(key, 1L, Long::sum);
  }

  private static int key(boolean sent, Notification notification) {
    return (sent ? SENT : 0) | notification.code() << 8 | notification.subcode();
  }

  /** A session is up. */
  void established() {
    sessions++;
  }

  /**
   * A message ended a session.
   *
   * @param length of the message, or of what there is of it
   */
  void malformed(String words, byte[] buffer, int offset, int length, long now) {
    malformed++;
    damaged = new Damaged(true, words, hex(buffer, offset, length), now);
  }

  /** The routes of an UPDATE counted as withdrawn (RFC 7606). */
  void treatedAsWithdrawn(String words, byte[] buffer, int offset, int length, long now) {
    withdrawn++;
    damaged = new Damaged(false, words, hex(buffer, offset, length), now);
  }

  private static String hex(byte[] buffer, int offset, int length) {
    int kept = Math.min(length, KEPT);
    String hex = HexFormat.of().formatHex(buffer, offset, offset + kept);
    return kept < length ? hex + "…" : hex;
  }

  /** Messages that came, by their types: 1 OPEN to 5 ROUTE-REFRESH. */
  Map<Integer, Long> receivedByType() {
    return byType(received);
  }

  /** Messages that left. */
  Map<Integer, Long> sentByType() {
    return byType(sent);
  }

  private static Map<Integer, Long> byType(long[] counts) {
    Map<Integer, Long> all = new TreeMap<>();
    for (int type = 1; type < TYPES; type++) {
      all.put(type, counts[type]);
    }
    return all;
  }

  /** Of which codes NOTIFICATIONs were, both ways. */
  List<PeerStatus.Notifications> notifications() {
    List<PeerStatus.Notifications> all = new ArrayList<>();
    notifications.forEach((key, count) ->
        all.add(
            new PeerStatus.Notifications((key & SENT) != 0, key >> 8 & 0xff, key & 0xff, count)));
    return all;
  }

  Optional<PeerStatus.Noted> lastReceived(long now) {
    return Optional.ofNullable(lastReceived).map(noted -> noted.seen(now));
  }

  Optional<PeerStatus.Noted> lastSent(long now) {
    return Optional.ofNullable(lastSent).map(noted -> noted.seen(now));
  }

  /** The last message that could not be understood, or not whole. */
  Optional<PeerStatus.Damaged> damaged(long now) {
    return Optional.ofNullable(damaged).map(each -> each.seen(now));
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
