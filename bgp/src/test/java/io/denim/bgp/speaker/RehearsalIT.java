package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RehearsalIT {
  @Test
  void allSessionsAreUp() throws IOException {
    assertThat(Rehearsal.run(new PlainSockets())).isEqualTo(Rehearsal.SESSIONS);
  }
}
