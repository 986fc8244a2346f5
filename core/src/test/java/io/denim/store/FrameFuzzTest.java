package io.denim.store;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;

final class FrameFuzzTest {
  /** Frames behind a right checksum are the interesting ones, so one is made around the bytes. */
  @FuzzTest(maxDuration = "30s")
  void anyBytesAreReadOrRefused(byte[] bytes) {
    drain(ByteBuffer.wrap(bytes));
    ByteBuffer framed = ByteBuffer.allocate(bytes.length + Frame.OVERHEAD);
    framed.position(Frame.OVERHEAD);
    drain(Frame.seal(framed.put(bytes)));
  }

  private static void drain(ByteBuffer in) {
    int last = -1;
    while (in.position() > last && in.hasRemaining()) {
      last = in.position();
      Frame frame = Frame.decode(in);
      if (frame instanceof Frame.Changes changes) {
        Frame.decode(Frame.encode(changes.changes()));
      }
    }
  }
}
