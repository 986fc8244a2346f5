package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.GracefulRestart;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.bgp.wire.Community;
import io.denim.fixture.BgpDaemon;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;

/** Either side goes away and comes back, and the routes stay meanwhile (RFC 4724). */
@Tag("speakers")
@Tag("G9")
class BgpRestartInteropIT extends InteropCase {
  private static final Route OTHER = Route.plain("10.2.0.0/24");

  @Tested("graceful restart: theirs")
  void theRoutesOfAKilledNeighbourStayUntilItHasSaidAll(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS, OTHER);
    neighbour.restart = Optional.of(20);
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer());
    denim.awaitRoute(THEIRS.prefix());
    denim.awaitRoute(OTHER.prefix());

    daemon.close();
    denim.awaitDown(neighbour.name());
    assertThat(denim.has(THEIRS.prefix())).isTrue();
    assertThat(denim.has(OTHER.prefix())).isTrue();

    neighbour.routes.remove(OTHER);
    neighbour.restarting = true;
    start(neighbour);
    denim.awaitUp(neighbour.name());

    denim.awaitNone(OTHER.prefix());
    if (kind == Kind.FRR || kind == Kind.GOBGP) {
      // FRR says End-of-RIB first, and gobgpd may be up before it is told its routes.
      denim.awaitRoute(THEIRS.prefix());
    }
    assertThat(denim.has(THEIRS.prefix())).isTrue();
  }

  private static final Route UNMARKED = Route.plain("10.3.0.0/24");

  /** One that is not to be kept for long. */
  private static Neighbour longLived(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS, OTHER, UNMARKED);
    neighbour.restart = Optional.of(1);
    neighbour.birdSession = "long lived graceful restart on; long lived stale time 600;";
    neighbour.birdChannel =
        "export filter { if net = 10.3.0.0/24 then bgp_community.add((65535,7)); accept; };";
    return neighbour;
  }

  private static PeerBuilder longLived(Neighbour neighbour, int seconds) {
    return neighbour.asPeer().client(true).gracefulRestart(new GracefulRestart(true, 120, seconds));
  }

  private static void awaitStale(Denim denim, boolean stale) {
    Awaitility.await("stale at Denim: " + stale)
        .atMost(Denim.PATIENCE)
        .until(() -> denim.attributes(THEIRS.prefix()).hasCommunity(Community.LLGR_STALE) == stale);
  }

  private static void awaitStale(BgpDaemon daemon, boolean stale) {
    awaitRoutes(
        daemon,
        THEIRS.prefix(),
        found -> !found.isEmpty() && found.getFirst().communities().contains("65535:6") == stale);
  }

  @Tested(
      value = "graceful restart: theirs, long-lived (RFC 9494)",
      against = {Kind.BIRD, Kind.BIRD1})
  void whoStaysAwayForLongLeavesTheLastChoiceAndMendsItWhenBack(Kind kind) {
    Neighbour neighbour = longLived(kind);
    Neighbour aware = new Neighbour(kind, 3);
    Neighbour unaware = new Neighbour(kind, 4);
    unaware.birdSession = "long lived graceful restart off;";
    BgpDaemon daemon = start(neighbour);
    BgpDaemon atAware = start(aware);
    BgpDaemon atUnaware = start(unaware);
    Denim denim =
        denim(
            64512,
            longLived(neighbour, 300),
            aware.asPeer().client(true),
            unaware.asPeer().client(true));
    denim.awaitRoute(UNMARKED.prefix());
    awaitRoute(atAware, THEIRS.prefix());
    awaitRoute(atUnaware, THEIRS.prefix());

    daemon.close();

    awaitStale(denim, true);
    awaitStale(atAware, true);
    awaitNone(atUnaware, THEIRS.prefix());
    denim.awaitNone(UNMARKED.prefix());
    assertThat(denim.peer(neighbour.name()).families().get(Family.IPV4))
        .returns(true, PeerStatus.Routes::stale)
        .returns(true, PeerStatus.Routes::longLived)
        .extracting(PeerStatus.Routes::secondsLeft, InstanceOfAssertFactories.LONG)
        .isBetween(1L, 300L);

    neighbour.routes.remove(OTHER);
    neighbour.restarting = true;
    start(neighbour);

    awaitStale(denim, false);
    awaitStale(atAware, false);
    awaitRoute(atUnaware, THEIRS.prefix());
    denim.awaitNone(OTHER.prefix());
    assertThat(denim.peer(neighbour.name()).families().get(Family.IPV4))
        .returns(false, PeerStatus.Routes::stale);
  }

  @Tested(
      value = "graceful restart: theirs, long-lived (RFC 9494)",
      against = {Kind.BIRD, Kind.BIRD1})
  void whoStaysAwayLongerThanWasAgreedLeavesNothing(Kind kind) {
    Neighbour neighbour = longLived(kind);
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, longLived(neighbour, 6));
    denim.awaitRoute(THEIRS.prefix());

    daemon.close();

    denim.awaitDown(neighbour.name());
    assertThat(denim.has(THEIRS.prefix())).isTrue();
    denim.awaitNone(THEIRS.prefix());
  }

  @Tested("graceful restart: Denim's")
  void theyKeepOurRoutesWhileDenimIsAway(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    neighbour.restart = Optional.of(20);
    BgpDaemon daemon = start(neighbour);
    List<LocalRoute> routes =
        Stream.concat(ours().stream(), Stream.of(LocalRoute.of(OTHER.prefix()))).toList();
    List<Cidr> prefixes =
        routes.stream().map(LocalRoute::prefix).filter(neighbour::speaks).toList();
    SpeakerConfig config = Denim.config(Net.DENIM, 64512, neighbour.asPeer()).withRoutes(routes);
    Denim denim = denim(config);
    prefixes.forEach(prefix -> awaitRoute(daemon, prefix));

    denim.close();
    Awaitility.await("down")
        .atMost(Denim.PATIENCE)
        .until(() -> !daemon.isEstablished(neighbour.denim()));
    assertThat(prefixes).noneMatch(prefix -> routes(daemon, prefix).isEmpty());

    Denim again =
        denim(config.withRoutes(routes.subList(0, 1)).afterRestart(Duration.ofSeconds(1)));
    again.awaitUp(neighbour.name());
    prefixes.stream().skip(1).forEach(prefix -> awaitNone(daemon, prefix));
    assertThat(routes(daemon, OURS)).isNotEmpty();
  }
}
