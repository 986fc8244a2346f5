package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CniVersionTest {
  @Test
  void allSevenAreSpoken() {
    assertThat(CniVersion.supported())
        .containsExactly("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");
  }

  @ParameterizedTest
  @EnumSource
  void aVersionIsReadAsItIsWritten(CniVersion version) {
    assertThat(CniVersion.parse(version.text())).isEqualTo(version);
  }

  @Test
  void noVersionIsTheOldest() {
    assertThat(CniVersion.parse("")).isEqualTo(CniVersion.V0_1_0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0.3", "2.0.0", "v1.0.0", "1.0.0 "})
  void anotherVersionIsIncompatible(String text) {
    CniException error = catchThrowableOfType(CniException.class, () -> CniVersion.parse(text));

    assertThat(error).hasMessage("cniVersion \"%s\" is not supported", text);
    assertThat(error.code()).isEqualTo(CniException.Code.INCOMPATIBLE_VERSION);
    assertThat(error.details())
        .isEqualTo("allowed are 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0");
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, 0.1.0",
    "DEL, 0.1.0",
    "VERSION, 0.1.0",
    "CHECK, 0.4.0",
    "GC, 1.1.0",
    "STATUS, 1.1.0"
  })
  void aVerbIsAllowedFromItsVersionOn(Verb verb, String since) {
    for (CniVersion version : CniVersion.values()) {
      CniException error = catchThrowableOfType(CniException.class, () -> verb.requireIn(version));

      assertThat(error == null).isEqualTo(version.atLeast(CniVersion.parse(since)));
      if (error != null) {
        assertThat(error).hasMessage("%s is not part of cniVersion %s", verb, version.text());
        assertThat(error.code().number()).isEqualTo(1);
      }
    }
  }

  @Test
  void anUnknownVerbIsAnErrorOfTheEnvironment() {
    CniException error = catchThrowableOfType(CniException.class, () -> Verb.parse("add"));

    assertThat(error)
        .hasMessage("CNI_COMMAND is \"add\"; allowed are ADD, CHECK, DEL, GC, STATUS, VERSION");
    assertThat(error.code().number()).isEqualTo(4);
  }
}
