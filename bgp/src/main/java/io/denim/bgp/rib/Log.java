package io.denim.bgp.rib;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A chain of segments to which messages are appended, and from whose front those go that nobody
 * will read any more. Segments come from a pool and return to it: memory outside the heap is never
 * left to the garbage collector.
 */
final class Log {
  private final Pool pool;
  private Segment first;
  private Segment last;
  private boolean finished;
  private boolean empty;

  /** Segments that nobody uses. */
  static final class Pool {
    private static final int KEPT = 16;
    private final Deque<Segment> free = new ArrayDeque<>();
    private final int segmentOctets;
    private int used;

    Pool() {
      this(Segment.SIZE);
    }

    /**
     * None yet.
     *
     * @param segmentOctets that each has, as many as the longest message at least
     */
    Pool(int segmentOctets) {
      this.segmentOctets = segmentOctets;
    }

    private Segment take() {
      used++;
      Segment segment = free.poll();
      return segment == null ? new Segment(segmentOctets) : segment;
    }

    private void give(Segment segment) {
      used--;
      segment.clear();
      if (free.size() < KEPT) {
        free.push(segment);
      }
    }

    /** How many octets the logs and images take. */
    long octets() {
      return (long) used * segmentOctets;
    }
  }

  /** An empty log. */
  Log(Pool pool) {
    this.pool = pool;
    first = pool.take();
    first.start = 0;
    last = first;
  }

  /** A buffer that has room for a message of this length. */
  ByteBuffer room(int length) {
    if (last.bytes.remaining() < length) {
      Segment more = pool.take();
      more.start = end();
      last.next = more;
      last = more;
    }
    return last.bytes;
  }

  /**
   * What was written into {@link #room} is a message for these.
   *
   * @param version of the table, as long as not all of what makes the next one is written
   */
  void close(long audience, int version) {
    last.close(audience, version);
  }

  /** How many octets were ever appended. */
  long end() {
    return last.start + last.bytes.position();
  }

  Segment first() {
    return first;
  }

  Segment last() {
    return last;
  }

  /** Nothing will be appended any more, so the last segment may go as well. */
  void finish() {
    finished = true;
  }

  /** Frees what is at the front and has no readers. */
  void reclaim() {
    while (first != last && first.readers == 0) {
      Segment gone = first;
      first = after(gone);
      pool.give(gone);
    }
    if (finished && !empty && first == last && first.readers == 0) {
      empty = true;
      pool.give(first);
    }
  }

  private static Segment after(Segment segment) {
    Segment next = segment.next;
    if (next == null) {
      throw new IllegalStateException("a segment before the last has none behind it");
    }
    return next;
  }
}
