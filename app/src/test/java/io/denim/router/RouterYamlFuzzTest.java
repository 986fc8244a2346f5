package io.denim.router;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class RouterYamlFuzzTest {

  /** Whatever the file holds: a configuration, or an error that says what is wrong. */
  @FuzzTest
  void aFileIsAConfigurationOrAnErrorWithItsProblems(byte[] file) {
    RouterYamlTest.readOrFail(new String(file, StandardCharsets.UTF_8));
  }
}
