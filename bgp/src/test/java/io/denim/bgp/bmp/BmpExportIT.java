package io.denim.bgp.bmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.speaker.PeerState;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.NlriReader;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A station is told what a speaker's peers announce, in a namespace of the test's own. */
class BmpExportIT extends BmpCase {
  private static final Negotiated SESSION =
      new Negotiated(true, true, false, false, false, true, true, false);

  /** What a station knows of peers, by all that it was told since it was connected last. */
  private static Set<Cidr> known(FakeStation station) {
    Set<Cidr> known = new LinkedHashSet<>();
    boolean up = false;
    for (FakeStation.Told told : ofLastConnection(station, PeerHeader.GLOBAL_INSTANCE)) {
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
    FakeStation.Told up = station.told(BmpMessage.PEER_UP).getLast();
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
  void whatThePeerIsToldIsNotForAStation() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    export(speaker, station);
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST));
    awaitKnown(station, FIRST);

    speaker.announce(LocalRoute.of(SECOND));
    awaitRoutes(peer, SECOND);
    peer.announce(LocalRoute.of(V6).withNextHop(IpAddress.parse("fd00::2")));

    awaitKnown(station, FIRST, V6);
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
            .filter(told -> told.peer().type() == PeerHeader.GLOBAL_INSTANCE)
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
    awaitLocRib(again, SECOND);
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
    await().atMost(PATIENCE).until(() -> station.told(BmpMessage.PEER_UP).size() == 2);

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
        .untilAsserted(
            () -> assertThat(lastNumbers(station, PeerHeader.GLOBAL_INSTANCE)).isEqualTo(expected));
    assertThat(lastNumbers(station, PeerHeader.LOC_RIB))
        .isEqualTo(Map.of("8", 2L, "10/1/1", 1L, "10/2/1", 1L));
  }

  private static Map<String, Long> lastNumbers(FakeStation station, int peerType) {
    return station.told(BmpMessage.STATISTICS).stream()
        .filter(told -> told.peer().type() == peerType)
        .reduce((_, later) -> later)
        .map(told -> numbers(told.rest()))
        .orElse(Map.of());
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
    awaitLocRib(station, FIRST, SECOND);
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
