package io.denim.bgp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimersTest {
  @Test
  void keepalivesComeAtAThirdOfTheNegotiatedHoldTime() {
    assertThat(Timers.DEFAULT.negotiatedHold(240)).isEqualTo(90);
    assertThat(Timers.DEFAULT.negotiatedHold(9)).isEqualTo(9);
    assertThat(Timers.DEFAULT.keepalive(90)).isEqualTo(Duration.ofSeconds(30));
    assertThat(Timers.DEFAULT.keepalive(9)).isEqualTo(Duration.ofSeconds(3));
    assertThat(Timers.DEFAULT.keepalive(0)).isZero();
  }

  @Test
  void keepalivesAreNotMoreOftenThanEachSecond() {
    Timers timers = new Timers(90, 1, Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ZERO);

    assertThat(timers.keepalive(90)).isEqualTo(Duration.ofSeconds(1));
    assertThat(timers.keepalive(3)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aConfiguredKeepaliveTimeShrinksWithTheHoldTime() {
    Timers timers = new Timers(90, 20, Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ZERO);

    assertThat(timers.keepalive(90)).isEqualTo(Duration.ofSeconds(20));
    assertThat(timers.keepalive(45)).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void theSendHoldTimeIsTwiceTheHoldTimeIfNotSaid() {
    Timers said =
        new Timers(90, 0, Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ofMinutes(8));

    assertThat(Timers.DEFAULT.sendHold(90)).isEqualTo(Duration.ofMinutes(3));
    assertThat(said.sendHold(90)).isEqualTo(Duration.ofMinutes(8));
  }

  @Test
  void timesThatCannotBeAreNamed() {
    assertThatThrownBy(() -> Timers.DEFAULT.withHold(2))
        .hasMessage("a hold time that is not 0 is 3 to 65535, got 2");
    assertThatThrownBy(() -> Timers.DEFAULT.withConnectRetry(Duration.ZERO))
        .hasMessage("the connect retry time is more than no time, got PT0S");
    assertThatThrownBy(
            () -> new Timers(9, 10, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ZERO))
        .hasMessage("the keepalive time is 0 to 9, got 10");
    assertThatThrownBy(
            () -> new Timers(0, 1, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ZERO))
        .hasMessage("the keepalive time without a hold time is 0 to 0, got 1");
  }
}
