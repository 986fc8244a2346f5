package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RehearsalIT {
  @Test
  void allSessionsAreUp() throws IOException {
    assertThat(Rehearsal.sessions(new PlainSockets(), Duration.ofMinutes(1)))
        .isEqualTo(Rehearsal.SESSIONS);
  }
}
