package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.model.FlannelLease;
import io.denim.model.LeaseRecord;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetOrigin;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.network.Remembered;
import io.denim.network.Vanished;
import io.denim.state.Peer;
import io.denim.store.TestClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryIT {
  private static final FlannelLease LEASE = FlannelLease.of(IpAddress.parse("10.1.0.1"));
  private static final Peer N2 = peer("n2", "10.244.2.0/24");
  private static final Peer N3 = peer("n3", "10.244.3.0/24");

  @TempDir Path folder;
  private final TestClock clock = new TestClock();

  private static Peer peer(String name, String subnet) {
    return new Peer(name, Optional.of(Cidr.parse(subnet)), Optional.empty(), LEASE);
  }

  private Path file() {
    return folder.resolve("network.json");
  }

  private Remembered sample() {
    return new Remembered(
        clock.instant(),
        TestCluster.VXLAN,
        new LeaseRecord(Optional.of(Cidr.parse("10.244.1.0/24")), Optional.empty(), LEASE),
        "subnets/10.244.1.0-24",
        List.of(N2, N3));
  }

  private Memory remembering() {
    sample().write(file());
    return new Memory(file(), clock, clock);
  }

  @Test
  void aNodeThatRemembersNothingKnowsWhatTheNetworkSays() {
    Memory memory = new Memory(file(), clock, clock);
    assertThat(memory.remembered()).isEmpty();
    assertThat(memory.with(List.of(N2))).containsExactly(N2);
    memory.followed(false);
    memory.joined();
    assertThat(memory.with(List.of())).isEmpty();
    assertThat(memory.problem()).isEmpty();
    assertThat(memory.subnets(SubnetOrigin.LEASES)).isEmpty();
  }

  @Test
  void untilTheNetworkIsFollowedWhatWasKnownStandsIn() {
    Memory memory = remembering();
    assertThat(memory.with(List.of())).containsExactly(N2, N3);
    memory.followed(true);
    assertThat(memory.with(List.of(N2))).containsExactly(N2);
    assertThat(memory.remembered()).isPresent();
    memory.joined();
    assertThat(memory.remembered()).isEmpty();
  }

  @Test
  void aNodeWhoseRecordIsGoneKeepsTheOthersUntilTheyHaveHadTimeToComeBack() {
    Memory memory = remembering();
    memory.followed(false);
    clock.pass(Duration.ofHours(2));
    assertThat(memory.with(List.of())).containsExactly(N2, N3);
    assertThat(memory.problem()).isEmpty();

    memory.joined();
    Peer other = peer("n9", "10.244.3.128/25");
    clock.pass(Vanished.KEPT.minusMillis(1));
    assertThat(memory.with(List.of(other))).containsExactly(N2, other);
    assertThat(memory.problem()).contains("2026-01-01T02:05:00Z");

    clock.pass(Duration.ofMillis(1));
    assertThat(memory.with(List.of(other))).containsExactly(other);
    assertThat(memory.problem()).isEmpty();
    assertThat(memory.remembered()).isEmpty();
  }

  @Test
  void theSubnetsThatItHadAreKnownWithoutItsSubnetEnv() {
    SubnetEnv before = remembering().subnets(SubnetOrigin.LEASES).orElseThrow();
    assertThat(before.ipv4().orElseThrow().network()).isEqualTo(Cidr.parse("10.244.0.0/16"));
    assertThat(before.ipv4().orElseThrow().subnet()).isEqualTo(Cidr.parse("10.244.1.0/24"));
    assertThat(before.ipv6()).isEmpty();
  }

  private void written(AtomicInteger asked, int times) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(() -> assertThat(Files.exists(file())).isTrue());
    assertThat(asked).hasValue(times);
  }

  @Test
  void itIsWrittenDownWhenTheNodeJoinsAndSoonAfterChangesAndNowAndThen() {
    Memory memory = new Memory(file(), clock, clock);
    AtomicInteger asked = new AtomicInteger();
    Runnable round =
        () ->
            memory.writeIfDue(() -> {
              asked.incrementAndGet();
              return sample();
            });
    round.run();
    memory.changed();
    clock.pass(Duration.ofDays(1));
    round.run();
    assertThat(asked).hasValue(0);

    memory.joined();
    round.run();
    written(asked, 1);

    memory.changed();
    clock.pass(Duration.ofSeconds(6));
    memory.changed();
    round.run();
    assertThat(asked).hasValue(1);
    assertThat(Duration.between(clock.instant(), memory.next())).isEqualTo(Duration.ofSeconds(4));
    clock.pass(Duration.ofSeconds(4));
    writeOnce(round, asked, 2);

    clock.pass(Duration.ofMinutes(59));
    round.run();
    assertThat(asked).hasValue(2);
    clock.pass(Duration.ofMinutes(1));
    writeOnce(round, asked, 3);
    // The folder goes with the test, and the last writing must not be in it still.
    memory.close();
  }

  /** While the last is still being written it is put off. */
  private void writeOnce(Runnable round, AtomicInteger asked, int times) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(2))
        .until(() -> {
          round.run();
          if (asked.get() < times) {
            clock.pass(Duration.ofSeconds(30));
          }
          return asked.get() == times;
        });
  }
}
