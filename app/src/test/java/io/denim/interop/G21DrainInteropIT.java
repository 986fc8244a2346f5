package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.Timers;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.BgpRoute;
import io.denim.fixture.BirdDaemon;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;

/** G21: graceful shutdown (RFC 8326) is honoured, either way, and no packet is lost by it. */
@Tag("G21")
class G21DrainInteropIT extends InteropCase {
  private static final String SHUTDOWN = Community.format(Community.GRACEFUL_SHUTDOWN);
  private static final String BIRD_HONOURS =
      "import filter { if (65535,0) ~ bgp_community then bgp_local_pref = 0; accept; };";

  private static BgpRoute awaitDrained(BgpDaemon daemon, boolean drained) {
    return awaitRoutes(
            daemon,
            OURS,
            found ->
                !found.isEmpty() && found.getFirst().communities().contains(SHUTDOWN) == drained)
        .getFirst();
  }

  private static void awaitLocalPref(Denim denim, long value) {
    Awaitility.await("their routes at Denim with LOCAL_PREF " + value)
        .atMost(Denim.PATIENCE)
        .until(() -> denim.attributes(THEIRS.prefix()).localPref() == value);
  }

  @Tested(
      value = "graceful shutdown: drained by Denim (RFC 8326)",
      against = {Kind.BIRD, Kind.BIRD1, Kind.FRR})
  void anExternalPeerHonoursThatItIsDrainedAndItsRoutesAreTheLastChoice(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).external().announcing(THEIRS);
    neighbour.birdImport = BIRD_HONOURS;
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer());
    denim.awaitRoute(THEIRS.prefix());
    awaitDrained(daemon, false);

    assertThat(denim.speaker().drain(neighbour.name(), true)).isTrue();

    assertThat(awaitDrained(daemon, true).localPreference()).hasValue(0);
    awaitLocalPref(denim, 0);
    assertThat(denim.peer(neighbour.name()).draining()).isTrue();

    assertThat(denim.speaker().drain(neighbour.name(), false)).isTrue();

    assertThat(awaitDrained(daemon, false).localPreference()).isNotEqualTo(OptionalLong.of(0));
    awaitLocalPref(denim, AttributeSet.DEFAULT_LOCAL_PREF);
    assertThat(denim.peer(neighbour.name()).sessions()).isEqualTo(1);
  }

  @Tested(
      value = "graceful shutdown: drained by Denim (RFC 8326)",
      against = {Kind.BIRD, Kind.FRR})
  void anInternalPeerIsToldOfADrainedRouterByItsLocalPreference(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS);
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer());
    denim.awaitRoute(THEIRS.prefix());
    awaitDrained(daemon, false);

    denim.speaker().drainAll(true);

    assertThat(awaitDrained(daemon, true).localPreference()).hasValue(0);
    assertThat(denim.attributes(THEIRS.prefix()).localPref()).isEqualTo(200);

    denim.speaker().drainAll(false);

    assertThat(awaitDrained(daemon, false).localPreference()).hasValue(100);
  }

  @Tested(
      value = "graceful shutdown: their community (RFC 8326)",
      against = {Kind.BIRD, Kind.BIRD1})
  void whatAnExternalPeerIsAboutToTakeBackIsTheLastChoice(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).external().announcing(THEIRS);
    neighbour.birdChannel = "export filter { bgp_community.add((65535,0)); accept; };";
    start(neighbour);

    Denim denim = denim(64512, neighbour.asPeer());

    assertThat(denim.awaitRoute(THEIRS.prefix()).hasCommunity(Community.GRACEFUL_SHUTDOWN))
        .isTrue();
    assertThat(denim.attributes(THEIRS.prefix()).localPref()).isZero();
  }

  /** BIRD with a kernel, and two routers that lead to the same address. */
  @Tested(value = "graceful shutdown: drained by Denim (RFC 8326)", against = Kind.BIRD)
  void aRouterThatIsDrainedAndThenShutDownCostsNoPacket(Kind kind) throws Exception {
    int bird = new Neighbour(kind, 2).node;
    BgpDaemon daemon =
        BirdDaemon.start(
            net.neighbour(bird),
            folder.resolve("bird"),
            "router id 192.0.2.2; protocol device {}\n"
                + "protocol kernel { ipv4 { export all; }; }\n"
                + birdPeer(Net.DENIM)
                + birdPeer(3));
    try (daemon;
        Packets packets = packets()) {
      Speaker first = router(Net.DENIM, net.denim()).speaker();
      awaitRoutes(daemon, OURS, found -> found.size() == 1);
      router(3, net.neighbour(3));
      awaitRoutes(daemon, OURS, found -> found.size() == 2);
      packets.from(net.neighbour(bird));
      await("the first router answers", () -> packets.answeredBy(Net.DENIM) > 0);

      first.drainAll(true);
      await("the other router answers", () -> packets.answeredBy(3) > 20);
      first.shutDown("maintenance");
      awaitRoutes(daemon, OURS, found -> found.size() == 1);
      long then = packets.answeredBy(3);
      await("some more", () -> packets.answeredBy(3) > then + 20);

      packets.stop();
      await("all are answered", () -> packets.answered() == packets.sent());
    }
  }

  private Denim router(int node, Namespace inside) {
    var peer =
        PeerConfig.of("bird", Net.v4(2), 64513)
            .timers(Timers.DEFAULT.withConnectRetry(Duration.ofSeconds(1)));
    return denim(inside, Denim.config(node, 64512, peer).withRoutes(ours(node)));
  }

  private static List<LocalRoute> ours(int node) {
    return List.of(LocalRoute.of(OURS).withNextHop(Net.v4(node)));
  }

  private static String birdPeer(int node) {
    return """
    protocol bgp n%1$d {
      local 192.0.2.2 as 64513;
      neighbor 192.0.2.%1$d as 64512;
      connect delay time 1;
      connect retry time 1;
      ipv4 { %2$s export none; };
    }
    """
        .formatted(node, BIRD_HONOURS);
  }

  private Packets packets() throws UnknownHostException {
    IpAddress address = IpAddress.parse("10.244.1.1");
    Packets packets = new Packets(InetAddress.getByAddress(address.bytes()));
    at(net.denim(), address);
    at(net.neighbour(3), address);
    return packets.answeredBy(Net.DENIM, net.denim()).answeredBy(3, net.neighbour(3));
  }

  private static void at(Namespace inside, IpAddress address) {
    try (Rtnetlink kernel = Rtnetlink.open(inside)) {
      int loopback = kernel.link("lo").orElseThrow().index();
      kernel.execute(LinkAddress.replace(loopback, new InterfaceAddress(address, 32)));
    }
  }

  private static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(Denim.PATIENCE).until(condition);
  }
}
