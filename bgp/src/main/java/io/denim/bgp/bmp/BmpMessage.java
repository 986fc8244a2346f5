package io.denim.bgp.bmp;

import io.denim.bgp.speaker.Monitor;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.Arrays;
import java.util.Map;

/** The messages of RFC 7854 and RFC 9069, as octets. */
final class BmpMessage {
  static final int HEADER = 6;
  static final int VERSION = 3;

  static final int ROUTE_MONITORING = 0;
  static final int STATISTICS = 1;
  static final int PEER_DOWN = 2;
  static final int PEER_UP = 3;
  static final int INITIATION = 4;
  static final int TERMINATION = 5;

  private static final int SYS_DESCR = 1;
  private static final int SYS_NAME = 2;
  private static final int TABLE_NAME = 3;
  private static final int REASON = 1;
  private static final int MOST_TEXT = 0xffff;

  private final ByteArrayOutputStream to = new ByteArrayOutputStream(128);

  private BmpMessage() {}

  /** The first message. */
  static byte[] initiation(BmpStation station) {
    BmpMessage message = new BmpMessage();
    message.text(SYS_DESCR, station.sysDescr());
    message.text(SYS_NAME, station.sysName());
    return message.whole(INITIATION);
  }

  /** The last message: this side ends it on purpose. */
  static byte[] termination() {
    BmpMessage message = new BmpMessage();
    message.int16(REASON);
    message.int16(2);
    message.int16(0);
    return message.whole(TERMINATION);
  }

  /** A session is up. */
  static byte[] peerUp(Monitor.Link link, Instant time, byte[] ours, byte[] theirs) {
    BmpMessage message = new BmpMessage();
    message.peer(PeerHeader.of(link), time);
    message.address(link.local());
    message.int16(link.localPort());
    message.int16(link.port());
    message.bytes(ours);
    message.bytes(theirs);
    return message.whole(PEER_UP);
  }

  /**
   * The Loc-RIB is told of from now on (RFC 9069 5.2): what a session has is empty.
   *
   * @param open how its UPDATEs are to be read, in the place of both OPENs
   */
  static byte[] locRibUp(PeerHeader header, Instant time, byte[] open) {
    BmpMessage message = new BmpMessage();
    message.peer(header, time);
    message.address(IpAddress.ANY_V4);
    message.int16(0);
    message.int16(0);
    message.bytes(open);
    message.bytes(open);
    message.text(TABLE_NAME, "global");
    return message.whole(PEER_UP);
  }

  /** A session is down. */
  static byte[] peerDown(Monitor.Link link, Instant time, Monitor.End end) {
    BmpMessage message = new BmpMessage();
    message.peer(PeerHeader.of(link), time);
    switch (end) {
      case Monitor.End.Sent(var notification) -> {
        message.int8(1);
        message.bytes(notification.encode());
      }
      case Monitor.End.Received(var notification) -> {
        message.int8(3);
        message.bytes(notification.encode());
      }
      case Monitor.End.Silent() -> message.int8(4);
    }
    return message.whole(PEER_DOWN);
  }

  /** An UPDATE, whole. */
  static byte[] route(PeerHeader header, Instant time, byte[] update) {
    BmpMessage message = new BmpMessage();
    message.peer(header, time);
    message.bytes(update);
    return message.whole(ROUTE_MONITORING);
  }

  /**
   * Numbers of a peer.
   *
   * @param chosen how many prefixes of a family the speaker has a route to, whoever said it
   */
  static byte[] statistics(
      Monitor.Link link, Instant time, PeerStatus status, Map<Family, Integer> chosen) {
    long received =
        status.families().values().stream().mapToLong(PeerStatus.Routes::received).sum();
    long accepted =
        status.families().values().stream().mapToLong(PeerStatus.Routes::accepted).sum();
    BmpMessage counts = new BmpMessage();
    counts.number(0, received - accepted, false);
    counts.number(7, received, true);
    counts.number(8, all(chosen), true);
    int all = 4;
    for (Map.Entry<Family, PeerStatus.Routes> each : status.families().entrySet()) {
      counts.number(9, each.getKey(), each.getValue().received());
      counts.number(10, each.getKey(), chosen.getOrDefault(each.getKey(), 0));
      all += 2;
    }
    counts.number(11, status.treatedAsWithdrawn(), false);
    return statistics(PeerHeader.of(link), time, all, counts);
  }

  /**
   * Numbers of the Loc-RIB (RFC 9069 5.6).
   *
   * @param chosen how many prefixes of a family the speaker has a route to
   */
  static byte[] locRibStatistics(PeerHeader header, Instant time, Map<Family, Integer> chosen) {
    BmpMessage counts = new BmpMessage();
    counts.number(8, all(chosen), true);
    chosen.forEach((family, count) -> counts.number(10, family, count));
    return statistics(header, time, 1 + chosen.size(), counts);
  }

  private static long all(Map<Family, Integer> chosen) {
    return chosen.values().stream().mapToLong(Integer::longValue).sum();
  }

  private static byte[] statistics(PeerHeader header, Instant time, int count, BmpMessage counts) {
    BmpMessage message = new BmpMessage();
    message.peer(header, time);
    message.int32(count);
    message.bytes(counts.to.toByteArray());
    return message.whole(STATISTICS);
  }

  private void number(int type, long value, boolean wide) {
    int16(type);
    int16(wide ? 8 : 4);
    if (wide) {
      int64(value);
    } else {
      int32(value);
    }
  }

  private void number(int type, Family family, long value) {
    int16(type);
    int16(11);
    int16(family == Family.IPV4 ? 1 : 2);
    int8(1);
    int64(value);
  }

  private void peer(PeerHeader header, Instant time) {
    int8(header.type());
    int8(header.flags());
    int64(0);
    address(header.address());
    int32(header.as());
    int32(header.identifier());
    int32(time.getEpochSecond());
    int32(time.get(ChronoField.MICRO_OF_SECOND));
  }

  /** In 16 octets, of which IPv4 takes the last four. */
  private void address(IpAddress address) {
    byte[] octets = address.bytes();
    for (int i = octets.length; i < 16; i++) {
      int8(0);
    }
    bytes(octets);
  }

  private void text(int type, String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(octets.length, MOST_TEXT);
    int16(type);
    int16(length);
    bytes(Arrays.copyOf(octets, length));
  }

  private byte[] whole(int type) {
    BmpMessage message = new BmpMessage();
    message.int8(VERSION);
    message.int32(HEADER + to.size());
    message.int8(type);
    message.bytes(to.toByteArray());
    return message.to.toByteArray();
  }

  private void int8(int value) {
    to.write(value);
  }

  private void int16(int value) {
    int8(value >>> 8);
    int8(value);
  }

  private void int32(long value) {
    int16((int) (value >>> 16));
    int16((int) value);
  }

  private void int64(long value) {
    int32(value >>> 32);
    int32(value);
  }

  private void bytes(byte[] octets) {
    to.writeBytes(octets);
  }
}
