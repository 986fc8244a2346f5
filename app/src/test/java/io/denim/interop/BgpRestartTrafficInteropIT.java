package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.GracefulRestart;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.fixture.BgpDaemon;
import io.denim.net.Family;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What forwarded before forwards on while a speaker is away (RFC 4724): two routers, with kernels,
 * are told by Denim where the other's pod is, and packets go there and back all the time. Without
 * graceful restart some are lost.
 */
@Tag("speakers")
@Tag("G9")
class BgpRestartTrafficInteropIT extends InteropCase {
  private static final int FROM = 2;
  private static final int TO = 3;

  /** Enough to see a gap of a moment: a packet leaves every few milliseconds. */
  private static final int SOME = 100;

  private static final String DENIM =
      """
      as: 64512
      router-id: %1$s
      listen: [{address: %1$s}]
      peer-defaults: {as: 64512, client: true, connect-retry: 1, families: [ipv4, ipv6]}
      peers: [{name: n2, address: %2$s}, {name: n3, address: %3$s}]
      """
          .formatted(Net.v4(Net.DENIM), Net.v4(FROM), Net.v4(TO));

  private final List<Packets> traffic = new ArrayList<>();
  private Pod from;
  private Pod to;

  @BeforeEach
  void pods() {
    from = atEnd(new Pod(FROM, net.neighbour(FROM)));
    to = atEnd(new Pod(TO, net.neighbour(TO)));
  }

  private static Neighbour router(Kind kind, int node) {
    Neighbour router = new Neighbour(kind, node);
    for (Family family : Family.values()) {
      router.announcing(new Route(Pod.subnet(node, family), false));
    }
    router.restart = Optional.of(120);
    router.forwards = true;
    return router;
  }

  private static List<Family> families(Neighbour router) {
    return Stream.of(Family.values())
        .filter(family -> router.speaks(Pod.subnet(router.node, family)))
        .toList();
  }

  private DenimProgram program(String... options) {
    return atEnd(DenimProgram.start(net.denim(), folder, DENIM, options));
  }

  private Denim denim(GracefulRestart restart, Neighbour... routers) {
    return denim(
        64512,
        Stream.of(routers)
            .map(router -> router.asPeer().client(true).gracefulRestart(restart))
            .toArray(PeerBuilder[]::new));
  }

  /** Begins once either pod's router has the way to the other. */
  private void begin(List<Family> families) throws UnknownHostException {
    Awaitility.await("ways")
        .atMost(Denim.PATIENCE)
        .untilAsserted(() -> assertThat(ways()).hasSize(2 * families.size()));
    for (Family family : families) {
      Packets packets = atEnd(new Packets(InetAddress.getByAddress(to.address(family).bytes())));
      packets.answeredBy(TO, to.inside()).from(from.inside());
      traffic.add(packets);
    }
    awaitSomeMore();
  }

  /** The routes of both kernels to the pod of the other. */
  private List<?> ways() {
    return Stream.concat(from.waysTo(to).stream(), to.waysTo(from).stream()).toList();
  }

  private void awaitSomeMore() {
    List<Integer> before = traffic.stream().map(Packets::answered).toList();
    for (int i = 0; i < before.size(); i++) {
      Packets packets = traffic.get(i);
      int enough = before.get(i) + SOME;
      Awaitility.await("packets come back")
          .atMost(Denim.PATIENCE)
          .untilAsserted(
              () -> assertThat(packets.answered()).as(packets::toString).isGreaterThan(enough));
    }
  }

  private void assertNoneLost() {
    traffic.forEach(Packets::stop);
    for (Packets packets : traffic) {
      Awaitility.await("all are answered")
          .atMost(Denim.PATIENCE)
          .untilAsserted(
              () -> assertThat(packets.answered()).as(packets::toString).isEqualTo(packets.sent()));
    }
  }

  private void awaitSomeLost() {
    for (Packets packets : traffic) {
      Awaitility.await("packets are lost")
          .atMost(Denim.PATIENCE)
          .until(() -> packets.sent() > packets.answered() + SOME);
      packets.stop();
    }
  }

  private static boolean waits(BgpDaemon bird) {
    return bird.command("show", "protocols", "all").contains("Neighbor graceful restart active");
  }

  private static void awaitWaits(List<BgpDaemon> birds, boolean waits) {
    for (BgpDaemon bird : birds) {
      Awaitility.await("waits for Denim: " + waits)
          .atMost(Denim.PATIENCE)
          .until(() -> waits(bird) == waits);
    }
  }

  /** Waits until what it was told is in its kernel, and nothing else. */
  private static void awaitRecovered(BgpDaemon bird) {
    Awaitility.await("has recovered")
        .atMost(Denim.PATIENCE)
        .until(() -> !bird.command("show", "status").contains("recovery in progress"));
  }

  @Tested(
      value = "graceful restart: Denim's, and no packet of pods is lost",
      against = {Kind.BIRD, Kind.BIRD1})
  void aDenimThatIsKilledAndComesBackCostsNoPacket(Kind kind) throws UnknownHostException {
    List<Neighbour> routers = List.of(router(kind, FROM), router(kind, TO));
    List<BgpDaemon> birds = routers.stream().map(this::start).toList();
    DenimProgram first = program();
    first.awaitUp();
    begin(families(routers.getFirst()));
    List<?> ways = ways();

    first.close();
    awaitWaits(birds, true);
    awaitSomeMore();
    assertThat(ways()).isEqualTo(ways);

    DenimProgram again = program("--restarted");
    again.awaitUp();
    awaitWaits(birds, false);
    awaitSomeMore();
    assertThat(ways()).isEqualTo(ways);
    assertNoneLost();
  }

  @Tested(
      value = "graceful restart: theirs, and no packet of pods is lost",
      against = {Kind.BIRD, Kind.BIRD1})
  void aNeighbourThatIsKilledAndComesBackCostsNoPacket(Kind kind) throws UnknownHostException {
    Neighbour stays = router(kind, FROM);
    Neighbour goes = router(kind, TO);
    start(stays);
    BgpDaemon bird = start(goes);
    Denim denim = denim(GracefulRestart.DEFAULT, stays, goes);
    begin(families(goes));
    List<?> ways = ways();

    bird.close();
    denim.awaitDown(goes.name());
    awaitSomeMore();
    assertThat(ways()).isEqualTo(ways);

    goes.restarting = true;
    BgpDaemon again = start(goes);
    denim.awaitUp(goes.name());
    awaitRecovered(again);
    Awaitility.await("it has said all")
        .atMost(Denim.PATIENCE)
        .until(() ->
            denim.peer(goes.name()).families().values().stream()
                .noneMatch(PeerStatus.Routes::stale));
    awaitSomeMore();
    assertThat(ways()).isEqualTo(ways);
    assertNoneLost();
  }

  @Test
  void withoutGracefulRestartADenimThatIsKilledCostsPackets() throws UnknownHostException {
    Neighbour one = router(Kind.BIRD, FROM);
    Neighbour other = router(Kind.BIRD, TO);
    start(one);
    start(other);
    Denim denim = denim(GracefulRestart.OFF, one, other);
    begin(families(one));

    denim.close();

    awaitSomeLost();
    Awaitility.await("none has a way")
        .atMost(Denim.PATIENCE)
        .untilAsserted(() -> assertThat(ways()).isEmpty());
  }

  @Test
  void withoutGracefulRestartANeighbourThatIsKilledCostsPackets() throws UnknownHostException {
    Neighbour stays = router(Kind.BIRD, FROM);
    Neighbour goes = router(Kind.BIRD, TO);
    start(stays);
    BgpDaemon bird = start(goes);
    denim(GracefulRestart.OFF, stays, goes);
    begin(families(goes));

    bird.close();

    awaitSomeLost();
    Awaitility.await("one has no way")
        .atMost(Denim.PATIENCE)
        .untilAsserted(() -> assertThat(from.waysTo(to)).isEmpty());
  }
}
