package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableRehearsalTest {
  @Test
  void eachMessageIsPassedOn() {
    assertThat(TableRehearsal.run()).isEqualTo(3L * TableRehearsal.ROUNDS);
  }
}
