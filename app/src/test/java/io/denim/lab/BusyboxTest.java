package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BusyboxTest {
  @Test
  void theNamesAreThoseOfTheTable() {
    assertThat(Busybox.names(program("code\0[\0[[\0ash\0wget\0\0more\0")))
        .containsExactly("[", "[[", "ash", "wget");
  }

  @Test
  void aTableAtTheEndOfTheFileIsRead() {
    assertThat(Busybox.names(program("\0[\0[[\0\0"))).containsExactly("[", "[[");
  }

  @Test
  void anotherProgramIsRefusedWithThePackageThatIsNeeded() {
    assertThatThrownBy(() -> Busybox.names(program("code\0[\0")))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("busybox-static");
  }

  @Test
  void aTableThatIsCutOffIsRefused() {
    assertThatThrownBy(() -> Busybox.names(program("\0[\0[[\0ash")))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("has no end");
  }

  private static byte[] program(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
