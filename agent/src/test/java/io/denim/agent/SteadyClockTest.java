package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
  private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");

  @Test
  void itGoesOnFromTheInstantAtWhichItWasMade() {
    SteadyClock clock = new SteadyClock(() -> BEGIN);
    Instant first = clock.instant();
    assertThat(first).isAfterOrEqualTo(BEGIN).isBefore(BEGIN.plus(Duration.ofHours(1)));
    assertThat(clock.instant()).isAfterOrEqualTo(first);
  }

  @Test
  void theClockThatItWasSetByMayBeSetAfterwards() {
    AtomicReference<Instant> wall = new AtomicReference<>(BEGIN);
    SteadyClock clock = new SteadyClock(wall::get);
    wall.set(BEGIN.minus(Duration.ofDays(9)));
    assertThat(clock.instant()).isAfterOrEqualTo(BEGIN);
    wall.set(BEGIN.plus(Duration.ofDays(9)));
    assertThat(clock.instant()).isBefore(BEGIN.plus(Duration.ofHours(1)));
  }
}
