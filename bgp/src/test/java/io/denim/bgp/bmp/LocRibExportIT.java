package io.denim.bgp.bmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.policy.Action;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Rule;
import io.denim.bgp.policy.Verdict;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.MirroredTable;
import io.denim.bgp.wire.Open;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A station is told of a speaker's best routes as of a peer of their own (RFC 9069). */
class LocRibExportIT extends BmpCase {
  @Test
  void theLocRibIsAPeerThatKnowsAllBestRoutes() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    speaker.announce(LocalRoute.of(FIRST));
    export(speaker, station);
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST));
    peer.announce(LocalRoute.of(SECOND));
    peer.announce(LocalRoute.of(V6).withNextHop(IpAddress.parse("fd00::2")));

    awaitLocRib(station, FIRST, SECOND, V6);
    peer.withdraw(SECOND, LocalRoute.STATIC);
    speaker.withdraw(FIRST, LocalRoute.STATIC);
    awaitRoute(station, FIRST, told().asPath(AsPath.of(64513)).nextHop(PEER).build());
    awaitLocRib(station, FIRST, V6);

    FakeStation.Told up = station.told().get(1);
    assertThat(up.type()).isEqualTo(BmpMessage.PEER_UP);
    FakeStation.Peer header = new FakeStation.Peer(3, 0, 0, IpAddress.ANY_V4, 64512, SELF.low32());
    assertThat(up.peer()).isEqualTo(header);
    assertThat(ofLastConnection(station, PeerHeader.LOC_RIB))
        .allSatisfy(told -> assertThat(told.peer()).isEqualTo(header));
    assertThat(locRib(station).ended()).containsExactlyInAnyOrder(Family.values());
  }

  @Test
  void theLocRibSaysHowItIsToBeRead() {
    FakeStation station = station(0);
    export(watched(), station);
    await().atMost(PATIENCE).until(() -> station.told(BmpMessage.PEER_UP).size() == 1);

    byte[] rest = station.told(BmpMessage.PEER_UP).getFirst().rest();
    int length = (rest[20 + 16] & 0xff) << 8 | (rest[20 + 17] & 0xff);
    Open sent = Open.parse(rest, 20, length);
    Open received = Open.parse(rest, 20 + length, length);
    assertThat(Arrays.copyOf(rest, 20)).as("address and ports").containsOnly(0);
    assertThat(received).isEqualTo(sent);
    assertThat(sent.as()).isEqualTo(64512);
    assertThat(sent.identifier()).isEqualTo(SELF.low32());
    assertThat(sent.capabilities().fourOctetAs()).isTrue();
    assertThat(sent.capabilities().families()).containsExactlyInAnyOrder(Family.values());
    assertThat(sent.capabilities().addPath()).isEmpty();
    byte[] table = Arrays.copyOfRange(rest, 20 + 2 * length, rest.length);
    assertThat(new String(table, StandardCharsets.UTF_8)).isEqualTo("\0\3\0\6global");
  }

  @Test
  void theLocRibHasWhatTheImportPolicyMadeOfRoutes() {
    Policy prefers =
        new Policy(
            "prefers",
            List.of(
                new Rule("more", List.of(), List.of(new Action.SetLocalPref(777)), Verdict.ACCEPT)),
            Verdict.REJECT);
    FakeStation station = station(0);
    Speaker speaker = watched(prefers);
    export(speaker, station);
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST).withCommunities(List.of(5)));

    awaitRoute(
        station,
        FIRST,
        told().asPath(AsPath.of(64513)).nextHop(PEER).localPref(777).addCommunity(5).build());
  }

  private static AttributeSetBuilder told() {
    return AttributeSet.builder();
  }

  private static void awaitRoute(FakeStation station, Cidr prefix, AttributeSet set) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(locRib(station).routes())
                .containsEntry(prefix, MirroredTable.Route.of(prefix.family(), set)));
  }

  @Test
  void aLongLocRibIsToldWholeAndWhatChangesMeanwhileIsRightInTheEnd() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    List<Cidr> many =
        IntStream.range(0, 10_000)
            .mapToObj(i -> Cidr.of(IpAddress.v4(0x14000000 + (i << 8)), 24))
            .toList();
    speaker.apply(announcing(routes(many)));

    export(speaker, station);
    IntStream.range(0, 10)
        .forEach(i -> speaker.apply(announcing(routes(many.subList(500 * i, 10_000)))));
    speaker.announce(LocalRoute.of(FIRST));

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(locRib(station).routes().keySet())
                .hasSize(5_501)
                .containsAll(many.subList(4_500, 10_000))
                .contains(FIRST));
  }

  private static List<LocalRoute> routes(List<Cidr> prefixes) {
    return prefixes.stream().map(LocalRoute::of).toList();
  }

  private static SpeakerConfig announcing(List<LocalRoute> routes) {
    SpeakerConfig without = config(SELF, 64512, PEER, 64513, Policy.ACCEPT_ALL);
    return new SpeakerConfig(
        without.routerId(),
        without.as(),
        without.clusterId(),
        without.listeners(),
        without.peers(),
        without.ranges(),
        routes,
        without.aggregates(),
        without.selectionDeferral(),
        without.restarting());
  }

  @Test
  void aStationThatIsSlowIsToldLessOfTheLocRibAndNothingThatIsOver() {
    FakeStation station = station(0);
    Speaker speaker = watched();
    BmpExport export = export(speaker, station);
    await().atMost(PATIENCE).until(() -> locRib(station).ended().size() == 2);

    station.stopReading(true);
    int changes = 100;
    IntStream.rangeClosed(1, changes).forEach(time -> speaker.apply(announcing(bulky(time))));
    station.stopReading(false);

    Map<Cidr, MirroredTable.Route> last = new TreeMap<>();
    for (LocalRoute route : bulky(changes)) {
      AttributeSetBuilder set = told().nextHop(IpAddress.ANY_V4);
      route.communities().forEach(set::addCommunity);
      last.put(route.prefix(), MirroredTable.Route.of(Family.IPV4, set.build()));
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(locRib(station).routes()).isEqualTo(last));
    assertThat(export.status().overflows()).isZero();
    assertThat(station.told().getLast().connection()).isEqualTo(1);
    assertThat(ofLastConnection(station, PeerHeader.LOC_RIB)).hasSizeLessThan(changes * 200);
  }

  /** Those of all times are more than what the kernel keeps for a station (4 MiB). */
  private static List<LocalRoute> bulky(int time) {
    return IntStream.range(0, 200)
        .mapToObj(i ->
            LocalRoute.of(Cidr.of(IpAddress.v4(0x14000000 + (i << 8)), 24))
                .withCommunities(
                    IntStream.range(0, 100).mapToObj(n -> time << 16 | i << 8 | n).toList()))
        .toList();
  }
}
