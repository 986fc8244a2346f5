package io.denim.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.store.StoreHealth.Operation;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StoreHealthTest {
  private final TestClock clock = new TestClock();
  private final Instant begin = clock.instant();
  private final StoreHealth health = new StoreHealth("n1", clock);

  @Test
  void aStoreThatNobodyHasAskedIsNotReachable() {
    assertThat(health.report().reachable()).isFalse();
    assertThat(health.report().reason()).isEqualTo("it has not answered yet");
  }

  @Test
  void aStoreIsReachableSinceItsFirstAnswer() {
    clock.pass(Duration.ofSeconds(1));
    health.answered(Operation.GET, Duration.ofMillis(2));
    clock.pass(Duration.ofSeconds(5));
    health.heard();

    StoreHealth.Report report = health.report();
    assertThat(report.reachable()).isTrue();
    assertThat(report.reason()).isEmpty();
    assertThat(report.since()).isEqualTo(begin.plusSeconds(1));
    assertThat(report.lastContact()).isEqualTo(begin.plusSeconds(6));
  }

  @Test
  void aStoreIsUnreachableSinceItsFirstFailureForTheLatestReason() {
    health.answered(Operation.GET, Duration.ZERO);
    clock.pass(Duration.ofSeconds(10));
    health.failed(Operation.GET, Duration.ofSeconds(1), "no route");
    clock.pass(Duration.ofSeconds(10));
    health.failed(Operation.LIST, Duration.ofSeconds(1), "refused");

    StoreHealth.Report report = health.report();
    assertThat(report.reachable()).isFalse();
    assertThat(report.since()).isEqualTo(begin.plusSeconds(10));
    assertThat(report.reason()).isEqualTo("refused");
    assertThat(report.lastContact()).isEqualTo(begin);
  }

  @Test
  void anEventIsAnAnswerToo() {
    health.failed(Operation.GET, Duration.ZERO, "no route");
    health.heard();

    assertThat(health.report().reachable()).isTrue();
  }

  @Test
  void requestsAreCountedByOperation() {
    health.answered(Operation.LIST, Duration.ofMillis(20));
    health.failed(Operation.LIST, Duration.ofMillis(30), "refused");
    health.watchRestarted();

    StoreHealth.Report report = health.report();
    assertThat(report.requests())
        .containsEntry(Operation.LIST, new StoreHealth.Requests(2, 1, Duration.ofMillis(50)))
        .containsEntry(Operation.GET, new StoreHealth.Requests(0, 0, Duration.ZERO));
    assertThat(report.watchRestarts()).isEqualTo(1);
  }

  @Test
  void itIsQuietWhenNothingWasHeardForAWhileAndWhenTheClockWasSetBack() {
    Duration quiet = Duration.ofSeconds(30);
    health.heard();
    assertThat(health.untilQuiet(quiet)).isEqualTo(quiet);

    clock.pass(Duration.ofSeconds(20));
    assertThat(health.untilQuiet(quiet)).isEqualTo(Duration.ofSeconds(10));

    clock.pass(Duration.ofSeconds(11));
    assertThat(health.untilQuiet(quiet)).isZero();

    health.heard();
    clock.pass(Duration.ofHours(-1));
    assertThat(health.untilQuiet(quiet)).isZero();
  }
}
