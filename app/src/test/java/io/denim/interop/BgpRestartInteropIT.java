package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.SpeakerConfig;
import io.denim.fixture.BgpDaemon;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;

/** Either side goes away and comes back, and the routes stay meanwhile (RFC 4724). */
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
    if (kind == Kind.FRR) {
      // It says End-of-RIB first.
      denim.awaitRoute(THEIRS.prefix());
    }
    assertThat(denim.has(THEIRS.prefix())).isTrue();
  }

  @Tested("graceful restart: Denim's")
  void theyKeepOurRoutesWhileDenimIsAway(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    neighbour.restart = Optional.of(20);
    BgpDaemon daemon = start(neighbour);
    SpeakerConfig config = Denim.config(Net.DENIM, 64512, neighbour.asPeer()).withRoutes(ours());
    Denim denim = denim(config);
    awaitRoute(daemon, OURS);
    awaitRoute(daemon, OURS_V6);

    denim.close();
    Awaitility.await("down")
        .atMost(Denim.PATIENCE)
        .until(() -> !daemon.isEstablished(neighbour.denim()));
    assertThat(routes(daemon, OURS)).isNotEmpty();
    assertThat(routes(daemon, OURS_V6)).isNotEmpty();

    Denim again =
        denim(config.withRoutes(ours().subList(0, 1)).afterRestart(Duration.ofSeconds(1)));
    again.awaitUp(neighbour.name());
    awaitNone(daemon, OURS_V6);
    assertThat(routes(daemon, OURS)).isNotEmpty();
  }
}
