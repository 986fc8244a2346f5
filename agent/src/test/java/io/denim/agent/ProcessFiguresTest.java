package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessFiguresTest {
  @Test
  void aFieldOfProcStatusIsFoundByItsName() {
    String status = "Name:\tjava\nVmHWM:\t   90000 kB\nVmRSS:\t   37608 kB\nThreads:\t21\n";

    assertThat(ProcessFigures.field(status, "VmRSS:")).isEqualTo(37608);
    assertThat(ProcessFigures.field(status, "Threads:")).isEqualTo(21);
    assertThat(ProcessFigures.field(status, "Nothing:")).isZero();
  }

  @Test
  void aCommandWithBlanksAndParenthesesDoesNotShiftTheFields() {
    String stat =
        "42 (a (java) b) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 21 0 100 1000 200\n";

    assertThat(ProcessFigures.cpuSeconds(stat)).isEqualTo(3.0);
  }
}
