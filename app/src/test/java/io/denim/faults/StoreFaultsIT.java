package io.denim.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.fixture.Wire;
import io.denim.lab.TestPrograms;
import io.denim.net.MacAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Faults of an etcd of one member, and of the way there. */
@Timeout(240)
final class StoreFaultsIT {
  /** A lease is renewed every minute. */
  private static final String OFTEN = "--subnet-lease-renew-margin=1439";

  private static final Duration LONG_AWAY = Duration.ofSeconds(65);
  private static final Duration A_WHILE = Duration.ofSeconds(3);
  private static final Duration RENEWED = Duration.ofSeconds(80);
  private static final String PEER = "subnets/10.244.250.0-24";

  @TempDir private static Path folder = Path.of("");
  private static @Nullable EtcdMembers etcd;
  private static @Nullable Wire wire;
  private static @Nullable SteppedClock clock;
  private static @Nullable FaultLab lab;

  @BeforeAll
  static void start() {
    etcd = new EtcdMembers(folder.resolve("etcd"), 1, Optional.empty());
    etcd().put("config", FaultLab.CONFIG);
    wire = new Wire(etcd().port(0));
    clock = new SteppedClock(TestPrograms.find(), "n2", folder);
    lab =
        new FaultLab(
            folder.resolve("lab"),
            clock(),
            StoreFaultsIT::peer,
            "--etcd-endpoints=http://127.0.0.1:" + wire().port(),
            OFTEN);
  }

  @AfterAll
  static void stop() {
    Optional.ofNullable(lab).ifPresent(FaultLab::close);
    Optional.ofNullable(wire).ifPresent(Wire::close);
    Optional.ofNullable(etcd).ifPresent(EtcdMembers::close);
  }

  private static EtcdMembers etcd() {
    return Optional.ofNullable(etcd).orElseThrow();
  }

  private static Wire wire() {
    return Optional.ofNullable(wire).orElseThrow();
  }

  private static SteppedClock clock() {
    return Optional.ofNullable(clock).orElseThrow();
  }

  private static FaultLab lab() {
    return Optional.ofNullable(lab).orElseThrow();
  }

  @BeforeEach
  void aPeerAndTraffic() {
    lab().begin();
  }

  @AfterEach
  void allIsWell() {
    lab().end();
  }

  private static void peer(MacAddress mac) {
    etcd().put(PEER, FaultLab.lease(mac));
  }

  @Test
  void etcdStandsStill() {
    etcd().freeze(0);
    lab().awaitUnreachable();
    lab().attachAnother();
    etcd().thaw(0);
  }

  @Test
  void etcdIsAwayForOverAMinuteAndAnAgentIsKilledMeanwhile() {
    long end = System.nanoTime() + LONG_AWAY.toNanos();
    etcd().kill(0);
    lab().awaitUnreachable();
    lab().attachAnother();
    lab().restart("n1");
    lab().attachAnother();
    FaultLab.last(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    lab().awaitUnreachable();
    etcd().start(0);
  }

  @Test
  void etcdComesBackEmpty() {
    comesBackEmpty(() -> {});
  }

  @Test
  void etcdComesBackEmptyAndAnAgentIsKilledMeanwhile() {
    comesBackEmpty(() -> lab().restart("n1"));
  }

  private static void comesBackEmpty(Runnable meanwhile) {
    var subnets = lab().subnets();
    var keys = etcd().list("").keySet();
    etcd().kill(0);
    etcd().wipe(0);
    lab().awaitUnreachable();
    meanwhile.run();
    etcd().start(0);
    lab().awaitProblem("config");
    lab().attachAnother();
    etcd().put("config", FaultLab.CONFIG);
    lab().writePeer();
    lab().awaitWell();
    assertThat(lab().subnets()).isEqualTo(subnets);
    Awaitility.await().untilAsserted(() -> assertThat(etcd().list("").keySet()).isEqualTo(keys));
  }

  @Test
  void etcdAnswersTwoSecondsLateAndAnAgentIsKilledMeanwhile() {
    wire().slow(Duration.ofSeconds(2));
    lab().changePeer();
    lab().awaitPeerChanged();
    lab().restart("n1");
    lab().attachAnother();
    wire().mend();
  }

  @Test
  void etcdRefusesEverythingAndAnAgentIsKilledMeanwhile() {
    etcd().refuse(true);
    lab().restart("n1");
    wire().cut();
    wire().mend();
    lab().awaitUnreachable("corrupt");
    lab().attachAnother();
    etcd().refuse(false);
  }

  @Test
  void connectionsAreResetAndRefused() {
    wire().cut();
    lab().awaitUnreachable();
    lab().attachAnother();
    FaultLab.last(A_WHILE);
    wire().mend();
  }

  @Test
  void aPeerThatChangedWhileTheWatchWasInterruptedIsFoundAfterACompaction() {
    wire().cut();
    lab().awaitUnreachable();
    lab().changePeer();
    etcd().put("config", FaultLab.CONFIG);
    etcd().compact();
    wire().mend();
    lab().awaitPeerChanged();
    wire().cut();
    lab().awaitUnreachable();
    etcd().delete(PEER);
    etcd().compact();
    wire().mend();
    lab().awaitProblem("gone when the store was read again");
    lab().changePeer();
  }

  @Test
  void aClockThatIsSteppedNeitherStopsRenewalsNorMakesAStorm() {
    String lease = lease("n2");
    clock().step(Duration.ofDays(3));
    FaultLab.last(A_WHILE);
    int writes = etcd().writes(lease);
    FaultLab.last(A_WHILE);
    assertThat(etcd().writes(lease) - writes).isLessThanOrEqualTo(1);

    clock().step(Duration.ofHours(-6));
    FaultLab.last(A_WHILE);
    int before = etcd().writes(lease);
    Awaitility.await("a lease is renewed by a node whose clock was set back")
        .atMost(RENEWED)
        .until(() -> etcd().writes(lease) > before);
    assertThat(etcd().writes(lease) - before).isLessThanOrEqualTo(2);
  }

  @Test
  void aClockThatIsSteppedWhileEtcdIsAwayAndEmptyLosesNoWay() {
    etcd().kill(0);
    etcd().wipe(0);
    lab().awaitUnreachable();
    clock().step(Duration.ofHours(-6));
    etcd().start(0);
    lab().awaitProblem("config");
    clock().step(Duration.ofDays(3));
    FaultLab.last(A_WHILE);
    lab().assertPeerIsKept("n2");
    clock().step(Duration.ZERO);
    etcd().put("config", FaultLab.CONFIG);
    lab().writePeer();
  }

  private static String lease(String node) {
    String subnet = lab().subnets().getOrDefault(node, List.of()).getFirst();
    return "subnets/" + subnet.replace('/', '-');
  }
}
