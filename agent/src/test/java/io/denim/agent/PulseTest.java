package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PulseTest {
  private final AtomicLong nanos = new AtomicLong(7);
  private final Pulse pulse = new Pulse(nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void aLoopThatBeatsIsWell() {
    pass(Pulse.PATIENCE);
    pulse.beat();
    pass(Pulse.PATIENCE);

    assertThat(pulse.fault()).isEmpty();
  }

  @Test
  void aRoundThatDoesNotEndIsAFault() {
    pulse.beat();
    pass(Pulse.PATIENCE.plusSeconds(1));

    assertThat(pulse.fault())
        .contains("the agent's loop hangs: its round has been going on for 121 s, more than 120 s");
  }

  @Test
  void aLoopThatHangsAndGoesOnIsWellAgain() {
    pass(Pulse.PATIENCE.plusSeconds(1));
    pulse.beat();

    assertThat(pulse.fault()).isEmpty();
  }

  @Test
  void aLoopThatHasEndedSaysWhy() {
    pulse.ended("the configuration is not valid");

    assertThat(pulse.fault())
        .contains("the agent's loop has ended: the configuration is not valid");
  }

  @Test
  void whatIsInTheQueueIsTakenAtOnceAndWithABeat() throws InterruptedException {
    var beats = new AtomicInteger();
    pulse.onBeat(beats::incrementAndGet);
    var queue = new LinkedBlockingQueue<>(List.of("a", "b"));

    assertThat(pulse.take(queue, Duration.ofDays(1))).contains("a");
    assertThat(pulse.take(queue, Duration.ofDays(1))).contains("b");
    assertThat(pulse.take(queue, Duration.ZERO)).isEmpty();
    assertThat(beats).hasValue(3);
  }
}
