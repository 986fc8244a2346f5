package io.denim.bgp.rib;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A piece of a log or of an image: whole messages, and whom each is for. */
final class Segment {
  /** Octets that one has if nothing else is said. */
  static final int SIZE = 256 << 10;

  final ByteBuffer bytes;
  @Nullable Segment next;

  /** How many bytes of its log came before it. */
  long start;

  /** How many cursors stand in it, or will go on from it. */
  int readers;

  private int[] ends = new int[64];
  private long[] audiences = new long[64];
  private int[] versions = new int[64];
  private int count;

  Segment(int octets) {
    bytes = ByteBuffer.allocateDirect(octets);
  }

  /** How many messages are in it. */
  int count() {
    return count;
  }

  /** Where a message ends. */
  int end(int message) {
    return ends[message];
  }

  long audience(int message) {
    return audiences[message];
  }

  /** The version of the table before a message was written. */
  int version(int message) {
    return versions[message];
  }

  /** What was written since the last message is one, for these. */
  void close(long audience, int version) {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
      audiences = Arrays.copyOf(audiences, 2 * count);
      versions = Arrays.copyOf(versions, 2 * count);
    }
    ends[count] = bytes.position();
    audiences[count] = audience;
    versions[count] = version;
    count++;
  }

  void clear() {
    bytes.clear();
    count = 0;
    next = null;
    readers = 0;
  }
}
