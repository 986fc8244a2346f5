package io.denim.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GrowingPauseTest {
  private final GrowingPause pause =
      new GrowingPause(Duration.ofMillis(100), Duration.ofMillis(500));

  @Test
  void itGrowsToTheLongestAndBeginsAnewWhenItWorked() {
    assertThat(pause.next()).hasMillis(100);
    assertThat(pause.next()).hasMillis(200);
    assertThat(pause.next()).hasMillis(400);
    assertThat(pause.next()).hasMillis(500);
    assertThat(pause.next()).hasMillis(500);
    pause.reset();
    assertThat(pause.next()).hasMillis(100);
  }

  @Test
  void byRandomItIsBetweenHalfAndAllOfThat() {
    Random random = new Random(1);
    assertThat(pause.next(random)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
    assertThat(pause.next(random)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
  }
}
