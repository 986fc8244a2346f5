package io.denim.bgp.mrt;

import io.denim.bgp.rib.PathView;
import io.denim.bgp.rib.RoutePage;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.rib.SourceInfo;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.AttributeSet;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the routes of a speaker as they came, in the way of collectors (TABLE_DUMP_V2 of RFC 6396
 * 4.3, with RFC 8050 for several paths of one peer). Its own routes are those of a peer that has
 * its identifier and address. The speaker is asked for some thousands at a time; what comes or goes
 * meanwhile may be in it or not.
 */
public final class TableDump {
  private static final int MOST_ATTRIBUTES = 0xffff;
  private static final byte MP_REACH_NLRI = 14;
  private static final byte OPTIONAL = (byte) 0x80;

  private final Speaker speaker;
  private final IpAddress identifier;
  private final long as;
  private final Instant now;
  private final Map<String, Integer> places = new HashMap<>();
  private long sequence;

  /**
   * A dump that is not written yet.
   *
   * @param identifier of the speaker
   * @param as of the speaker
   */
  public TableDump(Speaker speaker, IpAddress identifier, long as, Instant now) {
    this.speaker = speaker;
    this.identifier = identifier;
    this.as = as;
    this.now = now;
  }

  /**
   * Writes all.
   *
   * @throws IOException when the stream takes no more
   */
  public void write(OutputStream out) throws IOException {
    MrtWriter to = new MrtWriter(out);
    to.write(peers());
    Optional<RoutePage.Place> place = Optional.of(RoutePage.Place.START);
    while (place.isPresent()) {
      RoutePage page = speaker.page(place.get(), _ -> true, Optional.empty());
      for (RouteView route : page.routes()) {
        MrtRecord.Routes record = routes(route);
        if (!record.entries().isEmpty()) {
          to.write(record);
        }
      }
      place = page.next();
    }
    to.flush();
  }

  private MrtRecord.Peers peers() {
    List<MrtRecord.Peer> peers = new ArrayList<>();
    peers.add(new MrtRecord.Peer(identifier, identifier, as));
    for (PeerStatus peer : speaker.peers()) {
      places.put(peer.name(), peers.size());
      peers.add(
          new MrtRecord.Peer(
              peer.theirs().map(open -> IpAddress.v4(open.identifier())).orElse(IpAddress.ANY_V4),
              peer.address(),
              peer.theirs().map(open -> open.as()).orElse(0L)));
    }
    return new MrtRecord.Peers(now, identifier, "", peers);
  }

  private MrtRecord.Routes routes(RouteView route) {
    boolean addPath = route.paths().stream().anyMatch(path -> path.pathId() != 0);
    List<MrtRecord.Entry> entries = new ArrayList<>();
    for (PathView path : route.paths()) {
      byte[] attributes = attributes(route.prefix(), path.received());
      place(path.from())
          .filter(_ -> attributes.length <= MOST_ATTRIBUTES)
          .ifPresent(place ->
              entries.add(
                  new MrtRecord.Entry(
                      place,
                      now.minusSeconds(path.seconds()),
                      path.pathId() & MrtRecord.MAX,
                      Bytes.of(attributes))));
    }
    return new MrtRecord.Routes(now, sequence++, route.prefix(), addPath, entries);
  }

  /** Who came after the peers were written has no place. */
  private Optional<Integer> place(SourceInfo from) {
    return from.peer() == 0 ? Optional.of(0) : Optional.ofNullable(places.get(from.name()));
  }

  private static byte[] attributes(Cidr prefix, AttributeSet set) {
    boolean classic = prefix.address().isV4() && set.nextHop().isV4();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(set.encode(true, classic));
    if (!classic) {
      byte[] nextHop = set.nextHopOctets();
      int length = nextHop.length;
      all.writeBytes(new byte[] {OPTIONAL, MP_REACH_NLRI, (byte) (length + 1), (byte) length});
      all.writeBytes(nextHop);
    }
    return all.toByteArray();
  }
}
