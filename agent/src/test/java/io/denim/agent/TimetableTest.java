package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.store.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimetableTest {
  private final TestClock clock = new TestClock();
  private final Timetable timetable = new Timetable(clock, Duration.ofMinutes(1));

  @Test
  void everythingIsLookedAtOnceInEachPeriodHoweverOftenItIsAsked() {
    int looks = 0;
    for (int second = 0; second < 600; second++) {
      looks += timetable.isTimeToLook() ? 1 : 0;
      clock.pass(Duration.ofSeconds(1));
    }
    assertThat(looks).isEqualTo(9);
    assertThat(timetable.next()).isEqualTo(Duration.ZERO);
  }

  @Test
  void whatWasRefusedIsTriedAgainWithGrowingPausesUntilItIsDone() {
    assertThat(timetable.isTimeToTryAgain()).isFalse();
    timetable.tryAgain();
    assertThat(timetable.isTimeToTryAgain()).isFalse();
    assertThat(timetable.next()).isEqualTo(Duration.ofMillis(100));
    clock.pass(timetable.next());
    assertThat(timetable.isTimeToTryAgain()).isTrue();
    for (int i = 0; i < 10; i++) {
      timetable.tryAgain();
    }
    assertThat(timetable.next()).isEqualTo(Duration.ofSeconds(10));
    timetable.allDone();
    assertThat(timetable.isTimeToTryAgain()).isFalse();
    assertThat(timetable.next()).isGreaterThan(Duration.ofSeconds(59));
    timetable.tryAgain();
    assertThat(timetable.next()).isEqualTo(Duration.ofMillis(100));
  }
}
