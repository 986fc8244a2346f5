package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.GracefulRestart;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.Timers;
import io.denim.bgp.speaker.PeerState;
import io.denim.fixture.BgpDaemon;
import io.denim.net.IpAddress;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;

/** How a session comes to be, and how it ends. */
@Tag("speakers")
@Tag("G1")
class BgpSessionInteropIT extends InteropCase {
  private static void awaitUp(Denim denim, Neighbour neighbour, BgpDaemon daemon) {
    denim.awaitUp(neighbour.name());
    Awaitility.await("up at the neighbour")
        .atMost(Denim.PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> daemon.isEstablished(neighbour.denim()));
  }

  @Tested("session: Denim dials")
  void aNeighbourThatOnlyListensIsDialled(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    neighbour.passive = true;
    BgpDaemon daemon = start(neighbour);

    Denim denim = denim(64512, neighbour.asPeer());

    awaitUp(denim, neighbour, daemon);
  }

  @Tested("session: they dial")
  void aPassiveDenimIsDialled(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    Denim denim = denim(64512, neighbour.asPeer().passive(true));

    BgpDaemon daemon = start(neighbour);

    awaitUp(denim, neighbour, daemon);
  }

  @Tested("session: both dial, either identifier higher")
  void ofTwoConnectionsOneIsLeft(Kind kind) {
    bothDial(kind, "1.1.1.1");
  }

  @Tested("session: both dial, either identifier higher")
  void ofTwoConnectionsOneIsLeftWhenTheirIdentifierIsHigher(Kind kind) {
    bothDial(kind, "223.1.1.1");
  }

  /** Denim is there first, so that it dials again just when they come up and dial. */
  private void bothDial(Kind kind, String identifier) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS);
    neighbour.id = IpAddress.parse(identifier);
    Timers often = Timers.DEFAULT.withConnectRetry(Duration.ofMillis(10));
    Denim denim = denim(64512, neighbour.asPeer().timers(often));

    BgpDaemon daemon = start(neighbour);

    awaitUp(denim, neighbour, daemon);
    denim.awaitRoute(THEIRS.prefix());
    Awaitility.await("it stays up")
        .during(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            denim.peer(neighbour.name()).state() == PeerState.ESTABLISHED
                && daemon.isEstablished(neighbour.denim()));
  }

  @Tested("session: up again after kill -9")
  void aKilledNeighbourIsBackSoon(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS);
    Denim denim = denim(64512, neighbour.asPeer().gracefulRestart(GracefulRestart.OFF));
    BgpDaemon daemon = start(neighbour);
    denim.awaitRoute(THEIRS.prefix());

    daemon.close();
    denim.awaitNone(THEIRS.prefix());
    BgpDaemon again = start(neighbour);

    denim.awaitRoute(THEIRS.prefix());
    awaitUp(denim, neighbour, again);
    assertThat(denim.peer(neighbour.name()).sessions()).isEqualTo(2);
  }

  @Tested("session: wrong AS is named")
  void aNeighbourOfAnotherAsIsNamed(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    neighbour.as = 65099;
    start(neighbour);

    Denim denim = denim(64512, neighbour.asPeer().as(RemoteAs.of(65001)));

    denim.awaitProblem(neighbour.name(), "AS 65099, expected is 65001");
  }

  @Tested("session: wrong AS is named")
  void aNeighbourThatExpectsAnotherAsSaysSo(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).external();
    neighbour.denimAs = 65099;
    neighbour.passive = true;
    start(neighbour);

    Denim denim = denim(64512, neighbour.asPeer());

    denim.awaitProblem(neighbour.name(), "it says: ");
    denim.awaitProblem(neighbour.name(), "AS");
  }

  @Tag("G3")
  @Tested("hold time: the smaller, and its end")
  void aFrozenNeighbourIsGivenUpAfterTheSmallerHoldTime(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS);
    neighbour.hold = 3;
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer().gracefulRestart(GracefulRestart.OFF));
    denim.awaitRoute(THEIRS.prefix());
    assertThat(denim.peer(neighbour.name()).theirs().orElseThrow().holdTime()).isEqualTo(3);

    long began = System.nanoTime();
    daemon.program().freeze();
    denim.awaitNone(THEIRS.prefix());

    Duration silent = Duration.ofNanos(System.nanoTime() - began);
    assertThat(silent).isBetween(Duration.ofMillis(1200), Denim.PATIENCE);
    assertThat(denim.peer(neighbour.name()).problem()).contains("nothing was heard of it for 3 s");
    daemon.program().thaw();
    denim.awaitRoute(THEIRS.prefix());
  }

  @Tag("G3")
  @Tested("hold time: the smaller, and its end")
  void nobodyFlapsWhoIsHeard(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer().timers(Timers.DEFAULT.withHold(9)));
    awaitUp(denim, neighbour, daemon);

    Awaitility.await("longer than the hold time")
        .during(Duration.ofSeconds(10))
        .atMost(Denim.PATIENCE)
        .until(() ->
            denim.peer(neighbour.name()).state() == PeerState.ESTABLISHED
                && denim.peer(neighbour.name()).sessions() == 1);
  }

  @Tested("shutdown with words")
  void aNeighbourThatIsToldWhyDropsTheRoutes(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(64512, neighbour.asPeer());
    awaitRoute(daemon, OURS);

    denim.speaker().shutDown("a new kernel");

    awaitNone(daemon, OURS);
    assertThat(daemon.isEstablished(neighbour.denim())).isFalse();
  }
}
