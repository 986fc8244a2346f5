package io.denim.bgp.bmp;

import io.denim.bgp.speaker.Following;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Open;
import io.denim.net.Family;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The peer that a station sees in the place of the Loc-RIB (RFC 9069 6.1). Of each family one part
 * of it is in memory at most, beside the one that is being sent: a station that reads slowly is
 * told less often, and then what is so at that time (RFC 9069 5.4.2).
 */
final class LocRibPeer implements AutoCloseable {
  private final Queue<Part> parts = new ConcurrentLinkedQueue<>();
  private final Following following;
  private final PeerHeader header;

  private record Part(Family family, Instant time, List<byte[]> updates) {}

  /**
   * Begins with the whole Loc-RIB.
   *
   * @param wake called by the speaker's thread when there is something to {@link #take}
   */
  LocRibPeer(Speaker speaker, Runnable wake) {
    following =
        speaker.follow((family, updates) -> {
          parts.add(new Part(family, Instant.now(), updates));
          wake.run();
        });
    header = PeerHeader.locRib(following.as(), following.routerId());
    for (Family family : Family.values()) {
      following.next(family);
    }
  }

  /** The message that is before all others of this peer. */
  byte[] up(Instant time) {
    return BmpMessage.locRibUp(header, time, open().encode());
  }

  /** With all that one has to know to read the UPDATEs (RFC 9069 5.2). */
  private Open open() {
    Capabilities capabilities =
        Capabilities.builder()
            .family(Family.IPV4)
            .family(Family.IPV6)
            .ipv4OverIpv6NextHop()
            .extendedMessages()
            .fourOctetAs()
            .build();
    return new Open(following.as(), 0, following.routerId().low32(), capabilities);
  }

  /** The next messages with routes; empty when there are none now. */
  List<byte[]> take() {
    List<byte[]> messages = new ArrayList<>();
    Part part = parts.poll();
    if (part != null) {
      following.next(part.family);
      part.updates.forEach(update -> messages.add(BmpMessage.route(header, part.time, update)));
    }
    return messages;
  }

  /** Numbers of routes (RFC 9069 5.6). */
  byte[] statistics(Instant time, Map<Family, Integer> chosen) {
    return BmpMessage.locRibStatistics(header, time, chosen);
  }

  @Override
  public void close() {
    following.close();
  }
}
