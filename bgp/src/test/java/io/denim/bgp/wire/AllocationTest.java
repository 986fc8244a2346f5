package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.denim.net.Family;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What is said to allocate nothing does so, by the JVM's own count. */
class AllocationTest {
  private static final int MESSAGES = 2_000;

  /** What the measuring itself and a stray class initialisation may take in all. */
  private static final long TOLERATED = MESSAGES;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final UpdateReader reader = new UpdateReader();
  private final NlriReader prefixes = new NlriReader();

  private long allocatedBy(Runnable work) {
    work.run();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < MESSAGES; i++) {
      work.run();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private void read(byte[] message) {
    int needed = Framer.needed(message, 0, message.length, Framer.MAX_LENGTH);
    reader.read(message, 0, needed, Updates.INTERNAL);
    go(message, reader.nlri(), Family.IPV4);
    go(message, reader.reach(), reader.reachFamily());
  }

  private void go(byte[] message, UpdateReader.Range range, Family family) {
    prefixes.reset(message, range.offset(), range.length(), family, false);
    while (prefixes.next()) {
      assert prefixes.length() >= 0;
    }
  }

  @Test
  void goodUpdatesAreReadWithoutAllocation() {
    byte[] classic = Updates.update("", Updates.GOOD, Updates.PREFIX.repeat(100));
    byte[] reach = Updates.update("", Updates.ORIGIN + Updates.REACH + Updates.AS_PATH, "");

    assertThat(allocatedBy(() -> read(classic))).isLessThan(TOLERATED);
    assertThat(allocatedBy(() -> read(reach))).isLessThan(TOLERATED);
  }

  @Test
  void updatesAreWrittenWithoutAllocation() {
    ByteBuffer out = ByteBuffer.allocate(Framer.MAX_LENGTH);
    UpdateEncoder encoder = new UpdateEncoder();
    byte[] attributes = Updates.hex(Updates.GOOD);
    byte[] nextHop = new byte[16];

    long allocated =
        allocatedBy(() -> {
          encoder.begin(out.clear(), 4096, Family.IPV6, attributes, nextHop);
          for (int i = 0; encoder.add(1, i, 0, 64); i++) {
            assert i < 4096;
          }
          if (encoder.end() == 0) {
            throw new AssertionError("no prefix was written");
          }
        });

    assertThat(allocated).isLessThan(TOLERATED);
  }
}
