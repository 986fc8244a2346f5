package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RestraintTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Restraint restraint =
      new Restraint(Duration.ofMillis(100), Duration.ofMinutes(1), Duration.ofMinutes(10));
  private Instant now = START;

  private Duration disturbed() {
    Duration pause = restraint.pause(now);
    now = now.plus(pause);
    restraint.restored(now);
    return pause;
  }

  @Test
  void theFirstTimeIsAtOnceAndThePausesDoubleUpToTheLongest() {
    assertThat(disturbed()).isZero();
    assertThat(disturbed()).isEqualTo(Duration.ofMillis(100));
    assertThat(disturbed()).isEqualTo(Duration.ofMillis(200));
    assertThat(disturbed()).isEqualTo(Duration.ofMillis(400));
    for (int i = 0; i < 100; i++) {
      disturbed();
    }
    assertThat(disturbed()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void aPauseThatIsOverIsNotWaitedFor() {
    disturbed();
    now = now.plusMillis(70);
    assertThat(restraint.pause(now)).isEqualTo(Duration.ofMillis(30));
    now = now.plusMillis(40);
    assertThat(restraint.pause(now)).isZero();
  }

  @Test
  void onlyWhoComesAgainAndAgainIsADisturber() {
    disturbed();
    disturbed();
    disturbed();
    assertThat(restraint.isDisturbed(now)).isFalse();
    disturbed();
    assertThat(restraint.isDisturbed(now)).isTrue();
  }

  @Test
  void allIsForgottenAfterACalmTime() {
    for (int i = 0; i < 20; i++) {
      disturbed();
    }
    now = now.plus(Duration.ofMinutes(10)).plusMillis(1);
    assertThat(restraint.isDisturbed(now)).isFalse();
    assertThat(disturbed()).isZero();
  }

  @Test
  void aClockSetBackMakesNobodyWaitLongerThanThePause() {
    disturbed();
    assertThat(restraint.pause(now.minus(Duration.ofDays(1)))).isEqualTo(Duration.ofMillis(100));
  }
}
