package io.denim.bgp.bmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.speaker.PeerState;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.NlriReader;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.bgp.wire.UpdateReader;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A station is told what a speaker's peers announce, in a namespace of the test's own. */
class BmpExportIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PORT = 179;
  private static final IpAddress SELF = IpAddress.parse("10.88.8.1");
  private static final IpAddress PEER = IpAddress.parse("10.88.8.2");
  private static final Cidr FIRST = Cidr.parse("10.244.1.0/26");
  private static final Cidr SECOND = Cidr.parse("10.244.2.0/26");
  private static final Cidr V6 = Cidr.parse("fd00:10:244::/64");
  private static final Negotiated SESSION =
      new Negotiated(true, true, false, false, false, true, true, false);

  private final Namespace namespace = Namespace.create();
  private final Monitors monitors = new Monitors();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

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

  private static SpeakerConfig config(IpAddress address, long as, IpAddress other, long otherAs) {
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
                .build()),
        List.of(),
        List.of(),
        List.of(),
        SpeakerConfig.DEFAULT_DEFERRAL,
        false);
  }

  private Speaker start(SpeakerConfig config, Speaker.World world) {
    Speaker speaker = namespace.call(() -> Speaker.start(config, world));
    open.push(speaker);
    return speaker;
  }

  private Speaker watched() {
    var world = Speaker.World.plain(new Random(1)).seenBy(monitors);
    return start(config(SELF, 64512, PEER, 64513), world);
  }

  private Speaker peer() {
    return start(config(PEER, 64513, SELF, 64512), Speaker.World.plain(new Random(2)));
  }

  private FakeStation station(int port) {
    FakeStation station = namespace.call(() -> new FakeStation(SELF, port));
    open.push(station);
    return station;
  }

  private BmpExport export(Speaker speaker, FakeStation station, Duration statistics) {
    var told = new BmpStation(station.address(), "n1", "Denim", statistics);
    BmpExport export = namespace.call(() -> BmpExport.start(monitors, speaker, told, 1 << 16));
    open.push(export);
    return export;
  }

  private BmpExport export(Speaker speaker, FakeStation station) {
    return export(speaker, station, BmpStation.DEFAULT_STATISTICS);
  }

  private static void awaitRoutes(Speaker speaker, Cidr... prefixes) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(speaker.routes(_ -> true, Optional.of("peer")))
                .extracting(RouteView::prefix)
                .containsExactlyInAnyOrder(prefixes));
  }

  /** What a station knows, by all that it was told since it was connected last. */
  private static Set<Cidr> known(FakeStation station) {
    List<FakeStation.Told> all = List.copyOf(station.told());
    int connection = all.isEmpty() ? 0 : all.getLast().connection();
    Set<Cidr> known = new LinkedHashSet<>();
    boolean up = false;
    for (FakeStation.Told told : all) {
      if (told.connection() != connection) {
        continue;
      }
      switch (told.type()) {
        case BmpMessage.PEER_UP -> {
          assertThat(up).isFalse();
          up = true;
        }
        case BmpMessage.PEER_DOWN -> {
          assertThat(up).isTrue();
          up = false;
          known.clear();
        }
        case BmpMessage.ROUTE_MONITORING -> {
          assertThat(up).isTrue();
          apply(told.rest(), known);
        }
        default -> {
          // No routes.
        }
      }
    }
    return known;
  }

  private static void apply(byte[] update, Set<Cidr> known) {
    UpdateReader reader = new UpdateReader();
    reader.read(update, 0, update.length, SESSION);
    prefixes(update, reader.withdrawn(), Family.IPV4).forEach(known::remove);
    prefixes(update, reader.unreach(), reader.unreachFamily()).forEach(known::remove);
    known.addAll(prefixes(update, reader.nlri(), Family.IPV4));
    known.addAll(prefixes(update, reader.reach(), reader.reachFamily()));
  }

  private static Set<Cidr> prefixes(byte[] update, UpdateReader.Range range, Family family) {
    NlriReader nlri = new NlriReader();
    nlri.reset(update, range.offset(), range.length(), family, false);
    Set<Cidr> prefixes = new LinkedHashSet<>();
    while (nlri.next()) {
      prefixes.add(nlri.prefix());
    }
    return prefixes;
  }

  private static void awaitKnown(FakeStation station, Cidr... prefixes) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(known(station)).containsExactlyInAnyOrder(prefixes));
  }

  @Test
  void aStationIsToldOfASessionAndOfRoutesAsTheyCome() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    export(speaker, station);
    Speaker peer = peer();

    peer.announce(LocalRoute.of(FIRST));
    peer.announce(LocalRoute.of(V6).withNextHop(IpAddress.parse("fd00::2")));
    awaitKnown(station, FIRST, V6);
    peer.withdraw(FIRST, LocalRoute.STATIC);
    awaitKnown(station, V6);

    assertThat(station.told().getFirst().type()).isEqualTo(BmpMessage.INITIATION);
    assertThat(new String(station.told().getFirst().rest(), StandardCharsets.UTF_8))
        .isEqualTo("\0\1\0\5Denim\0\2\0\2n1");
    FakeStation.Told up = station.told(BmpMessage.PEER_UP).getFirst();
    assertThat(up.peer()).isEqualTo(new FakeStation.Peer(0, 0, 0, PEER, 64513, PEER.low32()));
    ByteBuffer rest = ByteBuffer.wrap(up.rest());
    byte[] local = new byte[16];
    rest.get(local);
    assertThat(local).endsWith(SELF.bytes());
    int localPort = rest.getShort();
    int remotePort = rest.getShort();
    assertThat(localPort == PORT || remotePort == PORT).isTrue();
    byte[] opens = up.rest();
    int ours = 16 + 4;
    int oursLength = (opens[ours + 16] & 0xff) << 8 | (opens[ours + 17] & 0xff);
    assertThat(Open.parse(opens, ours, oursLength).as()).isEqualTo(64512);
    Open theirs = Open.parse(opens, ours + oursLength, opens.length - ours - oursLength);
    assertThat(theirs.as()).isEqualTo(64513);
    assertThat(theirs.capabilities().families()).containsExactlyInAnyOrder(Family.values());
  }

  @Test
  void aStationThatComesLateIsToldAllFirst() {
    Speaker speaker = watched();
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST));
    peer.announce(LocalRoute.of(V6).withNextHop(IpAddress.parse("fd00::2")));
    awaitRoutes(speaker, FIRST, V6);

    FakeStation station = station(0);
    export(speaker, station);
    awaitKnown(station, FIRST, V6);
    peer.announce(LocalRoute.of(SECOND));
    awaitKnown(station, FIRST, V6, SECOND);

    long ends =
        station.told(BmpMessage.ROUTE_MONITORING).stream()
            .filter(told -> isEndOfRib(told.rest()))
            .count();
    assertThat(ends).isEqualTo(2);
  }

  private static boolean isEndOfRib(byte[] update) {
    UpdateReader reader = new UpdateReader();
    reader.read(update, 0, update.length, SESSION);
    return reader.isEndOfRib();
  }

  @Test
  void aStationThatWasAwayIsToldWhatIsThenAndNotBefore() throws IOException {
    FakeStation station = station(0);
    Speaker speaker = watched();
    export(speaker, station);
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST));
    awaitKnown(station, FIRST);

    int port = station.address().getPort();
    station.close();
    peer.announce(LocalRoute.of(SECOND));
    peer.withdraw(FIRST, LocalRoute.STATIC);
    awaitRoutes(speaker, SECOND);
    FakeStation again = station(port);

    awaitKnown(again, SECOND);
  }

  @Test
  void theEndOfASessionIsToldWithWhatThePeerSaid() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    export(speaker, station);
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST));
    awaitKnown(station, FIRST);

    peer.shutDown("a new kernel");

    awaitKnown(station);
    byte[] down = station.told(BmpMessage.PEER_DOWN).getFirst().rest();
    assertThat(down[0]).isEqualTo((byte) 3);
    assertThat(Notification.parse(down, 1, down.length - 1).words()).contains("a new kernel");
  }

  @Test
  void theEndOfASessionIsToldWithWhatThisSideSaid() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    export(speaker, station);
    peer();
    await().atMost(PATIENCE).until(() -> !station.told(BmpMessage.PEER_UP).isEmpty());

    speaker.reset("peer", "for a test");

    await().atMost(PATIENCE).until(() -> !station.told(BmpMessage.PEER_DOWN).isEmpty());
    byte[] down = station.told(BmpMessage.PEER_DOWN).getFirst().rest();
    assertThat(down[0]).isEqualTo((byte) 1);
    assertThat(Notification.parse(down, 1, down.length - 1).words()).contains("for a test");
  }

  @Test
  void numbersAreSentAgainAndAgain() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    export(speaker, station, Duration.ofMillis(100));
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST));
    peer.announce(LocalRoute.of(V6).withNextHop(IpAddress.parse("fd00::2")));

    Map<String, Long> expected = new HashMap<>(Map.of("0", 0L, "7", 2L, "8", 2L, "11", 0L));
    expected.putAll(Map.of("9/1/1", 1L, "9/2/1", 1L, "10/1/1", 1L, "10/2/1", 1L));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(station.told(BmpMessage.STATISTICS))
                .isNotEmpty()
                .last()
                .satisfies(told -> assertThat(numbers(told.rest())).isEqualTo(expected)));
  }

  private static Map<String, Long> numbers(byte[] rest) {
    ByteBuffer from = ByteBuffer.wrap(rest);
    int count = from.getInt();
    Map<String, Long> numbers = new HashMap<>();
    while (from.hasRemaining()) {
      int type = from.getShort();
      int length = from.getShort();
      String name =
          length == 11 ? type + "/" + from.getShort() + "/" + from.get() : String.valueOf(type);
      numbers.put(name, length == 4 ? from.getInt() : from.getLong());
    }
    assertThat(numbers).hasSize(count);
    return numbers;
  }

  @Test
  void aStationThatReadsNothingHoldsUpNobodyAndIsBegunWithAnew() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    BmpExport export = export(speaker, station);
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST));
    awaitKnown(station, FIRST);

    station.stopReading(true);
    await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          IntStream.range(0, 100).forEach(i -> peer.announce(flapping(i)));
          return export.status().overflows() > 0;
        });
    assertThat(speaker.peers().getFirst().state()).isEqualTo(PeerState.ESTABLISHED);
    station.stopReading(false);
    await().atMost(PATIENCE).until(() -> station.told().getLast().connection() > 1);

    awaitKnown(station, FIRST, SECOND);
  }

  /** A route with many attributes, of which some are others each time. */
  private static LocalRoute flapping(int time) {
    List<Integer> communities = IntStream.range(time, time + 900).boxed().toList();
    return LocalRoute.of(SECOND).withCommunities(communities);
  }

  @Test
  void whoEndsOnPurposeSaysGoodbye() {
    FakeStation station = station(0);
    BmpExport export = export(watched(), station);
    await().atMost(PATIENCE).until(() -> export.status().connected());

    export.close();

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(station.told())
                .last()
                .satisfies(told -> {
                  assertThat(told.type()).isEqualTo(BmpMessage.TERMINATION);
                  assertThat(told.rest()).containsExactly(0, 1, 0, 2, 0, 0);
                }));
  }
}
