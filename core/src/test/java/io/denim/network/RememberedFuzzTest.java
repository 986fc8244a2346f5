package io.denim.network;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever is in the file is read, or refused with one kind of exception. */
final class RememberedFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void anyBytesAreRememberedOrRefused(byte[] bytes) {
    try {
      Remembered read = Remembered.parse(bytes);
      if (!Remembered.parse(read.bytes()).equals(read)) {
        throw new IllegalStateException("read back otherwise: " + read);
      }
    } catch (IllegalArgumentException e) {
      if (e.getMessage() == null) {
        throw new IllegalStateException("no reason is given", e);
      }
    }
  }
}
