package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RehearsalTest {
  @Test
  void eachMessageIsPassedOn() {
    assertThat(Rehearsal.run()).isEqualTo(3L * Rehearsal.ROUNDS);
  }
}
