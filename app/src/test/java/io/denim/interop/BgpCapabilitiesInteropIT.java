package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.FamilyConfig;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.wire.Community;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.BgpRoute;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;

/** What both sides have to agree on first. */
@Tag("speakers")
class BgpCapabilitiesInteropIT extends InteropCase {
  private static final Cidr ANYCAST = Cidr.parse("10.9.9.9/32");
  private static final int UPDATE = 2;
  private static final int REFRESH = 5;

  private static long received(Denim denim, Neighbour of, int type) {
    return denim.peer(of.name()).received().getOrDefault(type, 0L);
  }

  // GoBGP keeps what it has heard, and asks nobody.
  @Tested(
      value = "route refresh, asked by them",
      against = {Kind.BIRD, Kind.BIRD1, Kind.FRR})
  void theyAreToldAllAgainWhenTheyAsk(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS);
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer());
    denim.awaitRoute(THEIRS.prefix());
    awaitRoute(daemon, OURS);

    switch (kind) {
      case BIRD, BIRD1 -> daemon.command("reload", "in", "denim");
      case FRR, GOBGP -> daemon.command("clear bgp ipv4 unicast " + neighbour.denim() + " soft in");
    }

    Awaitility.await("a request")
        .atMost(Denim.PATIENCE)
        .until(() -> received(denim, neighbour, REFRESH) > 0);
    assertThat(awaitRoute(daemon, OURS).nextHop()).contains(Net.v4(Net.DENIM));
    assertThat(denim.peer(neighbour.name()).sessions()).isEqualTo(1);
  }

  @Tested("route refresh, asked by Denim")
  void theyTellAllAgainWhenAsked(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS, THEIRS_V6);
    start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer());
    List<Cidr> theirs =
        Stream.of(THEIRS.prefix(), THEIRS_V6.prefix()).filter(neighbour::speaks).toList();
    theirs.forEach(denim::awaitRoute);
    long before = received(denim, neighbour, UPDATE);

    assertThat(denim.speaker().refresh(neighbour.name(), true, true)).isTrue();

    Awaitility.await("routes again")
        .atMost(Denim.PATIENCE)
        .until(() -> received(denim, neighbour, UPDATE) >= before + theirs.size());
    assertThat(theirs).allMatch(denim::has);
    assertThat(denim.peer(neighbour.name()).sessions()).isEqualTo(1);
  }

  private static PeerBuilder withAddPath(Neighbour neighbour) {
    return neighbour
        .asPeer()
        .client(true)
        .family(Family.IPV4, FamilyConfig.PLAIN.withAddPath())
        .family(Family.IPV6, FamilyConfig.PLAIN.withAddPath());
  }

  @Tag("G14")
  @Tested("add-path: three paths through Denim as reflector, one withdrawn")
  void allPathsOfAPrefixGoThroughTheReflector(Kind kind) {
    Neighbour all = new Neighbour(kind, 2);
    all.addPath = true;
    BgpDaemon daemon = start(all);
    Neighbour one = anycast(3);
    Neighbour two = anycast(4);
    start(two);
    BgpDaemon first = start(one);

    Denim denim =
        denim(
            Denim.config(
                    Net.DENIM,
                    64512,
                    withAddPath(all),
                    one.asPeer().client(true),
                    two.asPeer().client(true))
                .withRoutes(List.of(LocalRoute.of(ANYCAST))));

    assertThat(awaitRoutes(daemon, ANYCAST, found -> found.size() == 3))
        .extracting(BgpRoute::nextHop)
        .containsExactlyInAnyOrder(
            Optional.of(Net.v4(Net.DENIM)), Optional.of(Net.v4(3)), Optional.of(Net.v4(4)));
    one.withdraw(first, one.routes.getFirst());
    assertThat(awaitRoutes(daemon, ANYCAST, found -> found.size() == 2))
        .extracting(BgpRoute::nextHop)
        .containsExactlyInAnyOrder(Optional.of(Net.v4(Net.DENIM)), Optional.of(Net.v4(4)));
    assertThat(denim.peer(all.name()).sessions()).isEqualTo(1);
  }

  private static Neighbour anycast(int node) {
    return new Neighbour(Kind.BIRD, node).announcing(Route.plain(ANYCAST.toString()));
  }

  @Tag("G14")
  @Tested("add-path: several paths from them")
  void allPathsThatTheySendAreThere(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(Route.plain(ANYCAST.toString()));
    neighbour.addPath = true;
    neighbour.denimIsClient = true;
    neighbour.otherClient = true;
    start(neighbour);
    denim(
        net.neighbour(Neighbour.OTHER),
        Denim.config(Neighbour.OTHER, 64512, neighbour.asPeer())
            .withRoutes(List.of(LocalRoute.of(ANYCAST))));

    Denim denim = denim(64512, withAddPath(neighbour).client(false));

    Awaitility.await("two paths")
        .atMost(Denim.PATIENCE)
        .untilAsserted(() ->
            assertThat(denim.speaker().routes(ANYCAST::equals, Optional.of(neighbour.name())))
                .flatExtracting(RouteView::paths)
                .extracting(path -> path.attributes().nextHop())
                .containsExactlyInAnyOrder(Net.v4(2), Net.v4(Neighbour.OTHER)));
  }

  @Tag("G13")
  @Tested(
      value = "IPv4 over IPv6 next hops (RFC 8950)",
      against = {Kind.BIRD, Kind.GOBGP, Kind.FRR})
  void ipv4RoutesHaveIpv6NextHops(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS);
    neighbour.overV6 = true;
    neighbour.extendedNextHop = true;
    BgpDaemon daemon = start(neighbour);

    Denim denim =
        denim(
            Denim.config(
                    Net.DENIM,
                    64512,
                    neighbour
                        .asPeer()
                        .family(Family.IPV4, FamilyConfig.PLAIN.withExtendedNextHop()))
                .withRoutes(List.of(LocalRoute.of(OURS))));

    assertThat(denim.awaitRoute(THEIRS.prefix()).nextHop()).isEqualTo(Net.v6(2));
    assertThat(awaitRoute(daemon, OURS).nextHop()).contains(Net.v6(Net.DENIM));
  }

  @Tested(
      value = "extended messages",
      against = {Kind.BIRD, Kind.BIRD1})
  void attributesBeyondAnOrdinaryMessageComeThrough(Kind kind) {
    Neighbour from = new Neighbour(kind, 2);
    from.birdSession = "enable extended messages on;";
    // It shows only the first of many.
    from.birdImport =
        "import filter { if bgp_community.len = 1500 then bgp_local_pref = 15; accept; };";
    BgpDaemon daemon = start(from);
    List<Integer> many = IntStream.range(0, 1500).mapToObj(i -> 64512 << 16 | i).toList();

    denim(
        Denim.config(Net.DENIM, 64512, from.asPeer())
            .withRoutes(List.of(LocalRoute.of(OURS).withCommunities(many))));

    assertThat(awaitRoute(daemon, OURS).localPreference()).hasValue(15);
  }

  @Tag("G21")
  @Tested(
      value = "graceful shutdown community (RFC 8326)",
      against = {Kind.BIRD, Kind.BIRD1})
  void aFilterHonoursTheCommunityOfGracefulShutdown(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    neighbour.birdImport =
        "import filter { if (65535,0) ~ bgp_community then bgp_local_pref = 0; accept; };";
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer());
    assertThat(awaitRoute(daemon, OURS).localPreference()).hasValue(100);

    denim
        .speaker()
        .announce(LocalRoute.of(OURS).withCommunities(List.of(Community.GRACEFUL_SHUTDOWN)));

    List<BgpRoute> drained =
        awaitRoutes(daemon, OURS, found -> found.toString().contains("65535:0"));
    assertThat(drained.getFirst().localPreference()).hasValue(0);
  }
}
