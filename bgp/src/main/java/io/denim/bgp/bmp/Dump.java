package io.denim.bgp.bmp;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.rib.PathView;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.speaker.Monitor;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.bgp.wire.UpdateWriter;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What all peers have announced, at one moment, as UPDATEs that say it again. */
final class Dump {
  private static final int NO_PATH_ID = -1;

  /** The number under which the speaker has its own routes. */
  private static final int OWN = 0;

  /** By peer, then by what a message can hold. */
  private final Map<PeerAddress, Map<Kind, List<Place>>> routes = new HashMap<>();

  private record Kind(Family family, AttributeSet attributes) {}

  private record Place(Cidr prefix, int pathId) {}

  /** Of all routes that a speaker has. */
  Dump(List<RouteView> all) {
    for (RouteView route : all) {
      for (PathView path : route.paths()) {
        if (path.from().peer() != OWN) {
          add(route.prefix(), path);
        }
      }
    }
  }

  private void add(Cidr prefix, PathView path) {
    routes
        .computeIfAbsent(path.from().at(), _ -> new LinkedHashMap<>())
        .computeIfAbsent(new Kind(prefix.family(), path.received()), _ -> new ArrayList<>())
        .add(new Place(prefix, path.pathId()));
  }

  /** The UPDATEs of a peer, with the End-of-RIB of each family that was agreed; once only. */
  List<byte[]> take(Monitor.Link link) {
    List<byte[]> updates = new ArrayList<>();
    Optional<Negotiated> agreed = link.agreed();
    Map<Kind, List<Place>> own = routes.remove(link.at());
    if (own != null) {
      own.forEach((kind, places) -> updates.addAll(updates(kind, places, agreed)));
    }
    for (Family family : Family.values()) {
      if (agreed.map(session -> session.agreed(family)).orElse(false)) {
        updates.add(UpdateEncoder.endOfRib(family));
      }
    }
    return updates;
  }

  private static List<byte[]> updates(Kind kind, List<Place> places, Optional<Negotiated> agreed) {
    boolean fourOctetAs = agreed.map(Negotiated::fourOctetAs).orElse(true);
    boolean addPath = agreed.map(session -> session.addPath(kind.family)).orElse(false);
    UpdateWriter writer = new UpdateWriter();
    if (writer.announce(kind.family, kind.attributes, fourOctetAs)) {
      for (Place place : places) {
        IpAddress address = place.prefix.address();
        long pathId = addPath ? place.pathId & 0xffff_ffffL : NO_PATH_ID;
        writer.add(pathId, address.high(), address.low(), place.prefix.length());
      }
    }
    return writer.take();
  }
}
