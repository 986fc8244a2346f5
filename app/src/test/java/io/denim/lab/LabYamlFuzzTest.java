package io.denim.lab;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class LabYamlFuzzTest {

  /** Whatever the file holds: a lab that keeps the rules, or an error that says what is wrong. */
  @FuzzTest
  void aFileIsALabOrAnErrorWithItsProblems(byte[] file) {
    try {
      LabYaml.parse("fuzz", new String(file, StandardCharsets.UTF_8));
    } catch (LabConfigException e) {
      if (e.problems().isEmpty() || e.getMessage() == null) {
        throw new AssertionError("an error without a problem", e);
      }
    }
  }
}
