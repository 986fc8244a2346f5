package io.denim.lab;

import com.code_intelligence.jazzer.junit.FuzzTest;

class BusyboxFuzzTest {
  /** Whatever a program holds: names that are not empty, or an error that says what is wrong. */
  @FuzzTest
  void aProgramHasNamesOrNoTable(byte[] program) {
    try {
      if (Busybox.names(program).stream().anyMatch(String::isEmpty)) {
        throw new AssertionError("an empty name");
      }
    } catch (LabException e) {
      if (e.getMessage() == null) {
        throw new AssertionError("an error without words", e);
      }
    }
  }
}
