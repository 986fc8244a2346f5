package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.BgpRoute;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** What goes both ways between Denim and one neighbour, or two, by what they are to each other. */
@Tag("speakers")
class BgpRolesInteropIT extends InteropCase {
  /** One of ours with everything that it can have. */
  private static final LocalRoute RICH =
      new LocalRoute(
          OURS,
          Optional.of(Net.v4(Net.DENIM)),
          0,
          OptionalLong.of(7),
          OptionalLong.of(150),
          Route.COMMUNITIES.stream().map(Community::parse).toList(),
          Route.LARGE.stream().map(LargeCommunity::parse).toList(),
          LocalRoute.STATIC);

  private static List<String> communities(AttributeSet attributes) {
    return IntStream.range(0, attributes.communityCount())
        .mapToObj(i -> Community.format(attributes.community(i)))
        .toList();
  }

  private static List<String> largeCommunities(AttributeSet attributes) {
    return IntStream.range(0, attributes.largeCommunityCount())
        .mapToObj(i -> attributes.largeCommunity(i).toString())
        .toList();
  }

  private static void assertRich(AttributeSet attributes, String asPath, IpAddress nextHop) {
    assertThat(attributes.asPath()).hasToString(asPath);
    assertThat(attributes.nextHop()).isEqualTo(nextHop);
    assertThat(communities(attributes)).containsExactlyInAnyOrderElementsOf(Route.COMMUNITIES);
    assertThat(largeCommunities(attributes)).containsExactlyInAnyOrderElementsOf(Route.LARGE);
  }

  @Tested("internal peer")
  void anInternalPeersRoutesComeAsTheyAreAndOursGoSo(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS, THEIRS_V6);
    BgpDaemon daemon = start(neighbour);

    Denim denim = denim(64512, neighbour.asPeer());
    denim.speaker().announce(RICH);

    AttributeSet v4 = denim.awaitRoute(THEIRS.prefix());
    assertRich(v4, "65001 4200000001", Net.v4(2));
    assertThat(v4.med()).isEqualTo(5);
    assertThat(v4.localPref()).isEqualTo(200);
    assertThat(
            awaitRoutes(
                    daemon,
                    OURS,
                    found -> found.toString().contains("64512:7") && found.getFirst().best())
                .getFirst())
        .isEqualTo(
            new BgpRoute(
                OURS,
                Optional.of(Net.v4(Net.DENIM)),
                List.of(),
                OptionalLong.of(7),
                OptionalLong.of(150),
                Route.COMMUNITIES,
                Route.LARGE,
                Optional.empty(),
                List.of(),
                Optional.of(Net.v4(Net.DENIM)),
                true));
    if (neighbour.speaks(OURS_V6)) {
      assertRich(denim.awaitRoute(THEIRS_V6.prefix()), "65001 4200000001", Net.v6(2));
      assertThat(awaitRoute(daemon, OURS_V6).nextHop()).contains(Net.v6(Net.DENIM));
    }
  }

  @Tested("external peer, 4-octet AS")
  void anExternalPeersRoutesHaveItsAsAndOursHaveDenims(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).external().announcing(THEIRS, THEIRS_V6);
    BgpDaemon daemon = start(neighbour);

    Denim denim = denim(64512, neighbour.asPeer());
    denim.speaker().announce(RICH);

    String asPath = neighbour.as + " 65001 4200000001";
    AttributeSet v4 = denim.awaitRoute(THEIRS.prefix());
    assertRich(v4, asPath, Net.v4(2));
    assertThat(v4.hasLocalPref()).isFalse();
    BgpRoute ours =
        awaitRoutes(
                daemon,
                OURS,
                found -> found.toString().contains("64512:7") && found.getFirst().best())
            .getFirst();
    assertThat(ours.asPath()).containsExactly(64512L);
    assertThat(ours.nextHop()).contains(Net.v4(Net.DENIM));
    assertThat(ours.med()).hasValue(7);
    assertThat(ours.communities()).isEqualTo(Route.COMMUNITIES);
    assertThat(ours.largeCommunities()).isEqualTo(Route.LARGE);
    if (neighbour.speaks(OURS_V6)) {
      assertRich(denim.awaitRoute(THEIRS_V6.prefix()), asPath, Net.v6(2));
      assertThat(awaitRoute(daemon, OURS_V6).nextHop()).contains(Net.v6(Net.DENIM));
    }
  }

  @Tag("G1")
  @Tested("session over IPv6")
  void bothFamiliesGoOverASessionOverIpv6(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS, THEIRS_V6);
    neighbour.overV6 = true;
    BgpDaemon daemon = start(neighbour);

    Denim denim = denim(64512, neighbour.asPeer());

    assertThat(denim.awaitRoute(THEIRS_V6.prefix()).nextHop()).isEqualTo(Net.v6(2));
    assertThat(awaitRoute(daemon, OURS_V6).nextHop()).contains(Net.v6(Net.DENIM));
    if (neighbour.speaks(OURS)) {
      assertThat(denim.awaitRoute(THEIRS.prefix()).nextHop()).isEqualTo(Net.v4(2));
      assertThat(awaitRoute(daemon, OURS).nextHop()).contains(Net.v4(Net.DENIM));
    }
  }

  @Tested("withdrawal")
  void whatOneSideTakesBackIsGoneAtTheOther(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS, THEIRS_V6);
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer());
    List<Route> theirs =
        neighbour.routes.stream().filter(route -> neighbour.speaks(route.prefix())).toList();
    List<Cidr> ours = Stream.of(OURS, OURS_V6).filter(neighbour::speaks).toList();
    theirs.forEach(route -> denim.awaitRoute(route.prefix()));
    ours.forEach(prefix -> awaitRoute(daemon, prefix));

    theirs.forEach(route -> neighbour.withdraw(daemon, route));
    ours.forEach(prefix -> denim.speaker().withdraw(prefix, LocalRoute.STATIC));

    theirs.forEach(route -> denim.awaitNone(route.prefix()));
    ours.forEach(prefix -> awaitNone(daemon, prefix));
  }

  @Tag("G6")
  @Tested("client of their reflector")
  void theirReflectorPassesTheRouteOfAnotherClientToDenim(Kind kind) {
    Neighbour reflector = new Neighbour(kind, 2);
    reflector.denimIsClient = true;
    reflector.otherClient = true;
    start(reflector);
    Denim denim = denim(64512, reflector.asPeer());
    IpAddress otherId = Net.v4(Neighbour.OTHER);
    Cidr prefix = Cidr.parse("10.244.9.0/26");
    Denim other =
        denim(
            net.neighbour(Neighbour.OTHER),
            Denim.config(Neighbour.OTHER, 64512, reflector.asPeer())
                .withRoutes(List.of(LocalRoute.of(prefix))));

    AttributeSet route = denim.awaitRoute(prefix);

    assertThat(route.nextHop()).isEqualTo(otherId);
    assertThat(IpAddress.v4(route.originatorId())).isEqualTo(otherId);
    assertThat(IpAddress.v4(route.cluster(0))).isEqualTo(reflector.id);
    assertThat(other.awaitRoute(OURS).nextHop()).isEqualTo(Net.v4(Net.DENIM));
  }

  @Tag("G6")
  @Tested("reflector of two of them")
  void denimReflectsBetweenTwoOfThem(Kind kind) {
    Neighbour one = new Neighbour(kind, 2).announcing(THEIRS, THEIRS_V6);
    Neighbour two = new Neighbour(kind, 3).announcing(Route.plain("10.3.0.0/24"));
    BgpDaemon first = start(one);
    BgpDaemon second = start(two);

    IpAddress cluster = IpAddress.parse("9.9.9.9");
    denim(
        Denim.config(Net.DENIM, 64512, one.asPeer().client(true), two.asPeer().client(true))
            .withClusterId(cluster));

    // FRR has a path a little before it has chosen it.
    BgpRoute route =
        awaitRoutes(second, THEIRS.prefix(), found -> found.stream().anyMatch(BgpRoute::best))
            .getFirst();
    assertThat(route)
        .isEqualTo(
            new BgpRoute(
                THEIRS.prefix(),
                Optional.of(Net.v4(2)),
                List.of(65001L, 4200000001L),
                OptionalLong.of(5),
                OptionalLong.of(200),
                Route.COMMUNITIES,
                Route.LARGE,
                Optional.of(one.id),
                List.of(cluster),
                Optional.of(Net.v4(Net.DENIM)),
                true));
    assertThat(awaitRoute(first, two.routes.getFirst().prefix()).nextHop()).contains(Net.v4(3));
    one.withdraw(first, THEIRS);
    awaitNone(second, THEIRS.prefix());
    if (two.speaks(THEIRS_V6.prefix())) {
      assertThat(awaitRoute(second, THEIRS_V6.prefix()).nextHop()).contains(Net.v6(2));
    }
  }
}
