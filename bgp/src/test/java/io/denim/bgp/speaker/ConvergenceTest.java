package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConvergenceTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Convergence convergence = new Convergence();

  @Test
  void itIsCountedFromTheFirstChangeThatSomebodyHasNotBeenTold() {
    convergence.changed(0);
    convergence.changed(400 * MILLI);
    boolean pending = convergence.isPending();
    convergence.reached(700 * MILLI);

    assertThat(pending).isTrue();
    assertThat(convergence.isPending()).isFalse();
    assertThat(convergence.durations().seconds()).isEqualTo(0.7);
    assertThat(convergence.durations().counts())
        .containsExactly(0L, 0L, 0L, 0L, 0L, 0L, 1L, 0L, 0L, 0L, 0L, 0L);
  }

  @Test
  void whatTakesLongerThanTheLastBoundIsCountedToo() {
    convergence.changed(0);
    convergence.reached(TimeUnit.HOURS.toNanos(1));

    assertThat(convergence.durations().counts().getLast()).isEqualTo(1);
  }
}
