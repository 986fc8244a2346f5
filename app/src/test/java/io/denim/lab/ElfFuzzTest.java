package io.denim.lab;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;

class ElfFuzzTest {
  /** Whatever a file holds: what it needs, or an error that says what is wrong. */
  @FuzzTest
  void aFileIsAProgramOrAnError(byte[] file) {
    try {
      Elf.parse(ByteBuffer.wrap(file));
    } catch (LabException e) {
      if (e.getMessage() == null) {
        throw new AssertionError("an error without words", e);
      }
    }
  }
}
