package io.denim.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The state machine of RFC 5880 6.2, row by row. */
class BfdStateTest {
  @ParameterizedTest
  @CsvSource({
    "DOWN, ADMIN_DOWN, DOWN",
    "DOWN, DOWN, INIT",
    "DOWN, INIT, UP",
    "DOWN, UP, DOWN",
    "INIT, ADMIN_DOWN, DOWN",
    "INIT, DOWN, INIT",
    "INIT, INIT, UP",
    "INIT, UP, UP",
    "UP, ADMIN_DOWN, DOWN",
    "UP, DOWN, DOWN",
    "UP, INIT, UP",
    "UP, UP, UP",
    "ADMIN_DOWN, ADMIN_DOWN, ADMIN_DOWN",
    "ADMIN_DOWN, DOWN, ADMIN_DOWN",
    "ADMIN_DOWN, INIT, ADMIN_DOWN",
    "ADMIN_DOWN, UP, ADMIN_DOWN"
  })
  void whatThePeerSaysMovesTheState(BfdState own, BfdState peer, BfdState next) {
    assertThat(own.after(peer)).isEqualTo(next);
  }

  @Test
  void everyStateHasTheCodeOfTheRfc() {
    assertThat(BfdState.values())
        .containsExactly(BfdState.ADMIN_DOWN, BfdState.DOWN, BfdState.INIT, BfdState.UP);
    assertThat(BfdState.values())
        .allSatisfy(state -> assertThat(BfdState.of(state.code())).isEqualTo(state));
  }

  @Test
  void everyDiagnosticHasWords() {
    for (int code = 0; code < 32; code++) {
      assertThat(new Diagnostic(code).words()).isNotBlank();
    }
  }
}
