package io.denim.bgp.bmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.MirroredTable;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A speaker with a peer and stations, in a namespace of the test's own. */
abstract class BmpCase {
  static final Duration PATIENCE = Duration.ofSeconds(20);
  static final int PORT = 179;
  static final IpAddress SELF = IpAddress.parse("10.88.8.1");
  static final IpAddress PEER = IpAddress.parse("10.88.8.2");
  static final Cidr FIRST = Cidr.parse("10.244.1.0/26");
  static final Cidr SECOND = Cidr.parse("10.244.2.0/26");
  static final Cidr V6 = Cidr.parse("fd00:10:244::/64");

  final Namespace namespace = Namespace.create();
  final Monitors monitors = new Monitors();
  final Deque<AutoCloseable> open = new ArrayDeque<>();

  @BeforeEach
  void addresses() {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(Links.up(1));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(SELF, 32)));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(PEER, 32)));
    }
  }

  @AfterEach
  void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
    namespace.close();
  }

  static SpeakerConfig config(
      IpAddress address, long as, IpAddress other, long otherAs, Policy in) {
    return new SpeakerConfig(
        address,
        as,
        address,
        List.of(new Listener(address, PORT)),
        List.of(
            PeerConfig.of("peer", other, otherAs)
                .port(PORT)
                .localAddress(address)
                .bothFamilies()
                .importPolicy(in)
                .build()),
        List.of(),
        List.of(),
        List.of(),
        SpeakerConfig.DEFAULT_DEFERRAL,
        false);
  }

  Speaker start(SpeakerConfig config, Speaker.World world) {
    Speaker speaker = namespace.call(() -> Speaker.start(config, world));
    open.push(speaker);
    return speaker;
  }

  Speaker watched() {
    return watched(Policy.ACCEPT_ALL);
  }

  Speaker watched(Policy in) {
    var world = Speaker.World.plain(new Random(1)).seenBy(monitors);
    return start(config(SELF, 64512, PEER, 64513, in), world);
  }

  Speaker peer() {
    return start(
        config(PEER, 64513, SELF, 64512, Policy.ACCEPT_ALL), Speaker.World.plain(new Random(2)));
  }

  FakeStation station(int port) {
    FakeStation station = namespace.call(() -> new FakeStation(SELF, port));
    open.push(station);
    return station;
  }

  BmpExport export(Speaker speaker, FakeStation station, Duration statistics) {
    var told = new BmpStation(station.address(), "n1", "Denim", statistics);
    BmpExport export = namespace.call(() -> BmpExport.start(monitors, speaker, told, 1 << 16));
    open.push(export);
    return export;
  }

  BmpExport export(Speaker speaker, FakeStation station) {
    return export(speaker, station, BmpStation.DEFAULT_STATISTICS);
  }

  static void awaitRoutes(Speaker speaker, Cidr... prefixes) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(speaker.routes(_ -> true, Optional.of("peer")))
                .extracting(RouteView::prefix)
                .containsExactlyInAnyOrder(prefixes));
  }

  static List<FakeStation.Told> ofLastConnection(FakeStation station, int peerType) {
    List<FakeStation.Told> all = List.copyOf(station.told());
    int connection = all.isEmpty() ? 0 : all.getLast().connection();
    return all.stream()
        .filter(told -> told.connection() == connection && told.peer().type() == peerType)
        .toList();
  }

  /** The Loc-RIB as a station knows it since it was connected last. */
  static MirroredTable locRib(FakeStation station) {
    MirroredTable table = new MirroredTable();
    List<FakeStation.Told> all = ofLastConnection(station, PeerHeader.LOC_RIB);
    for (int i = 0; i < all.size(); i++) {
      FakeStation.Told told = all.get(i);
      assertThat(told.type() == BmpMessage.PEER_UP).isEqualTo(i == 0);
      if (told.type() == BmpMessage.ROUTE_MONITORING) {
        table.take(told.rest());
      }
    }
    return table;
  }

  static void awaitLocRib(FakeStation station, Cidr... prefixes) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(locRib(station).routes()).containsOnlyKeys(prefixes));
  }
}
