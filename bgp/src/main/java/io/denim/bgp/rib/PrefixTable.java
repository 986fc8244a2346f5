package io.denim.bgp.rib;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;

/**
 * Numbers for prefixes of one family, small and dense, and what a routing table knows of each. A
 * number that was given back is given out again. 28 to 36 octets a prefix for IPv4 and 40 to 48 for
 * IPv6; nothing is allocated but to grow.
 */
final class PrefixTable {
  private static final int NONE = -1;

  /** No prefix has this length. */
  private static final int UNUSED = 0xff;

  private static final int LENGTHS = 0xff;
  private static final int DIRTY = 0x100;

  // The columns. Of an IPv4 address only W0 is kept, of an IPv6 address it is the last of four.
  private static final int W0 = 0;
  private static final int LENGTH = 1;
  private static final int HEAD = 2;
  private static final int BEST = 3;
  private static final int CHANGED = 4;
  private static final int W1 = 5;
  private static final int W2 = 6;
  private static final int W3 = 7;

  private static final long WORD = 0xffff_ffffL;

  /** Sixteen numbers are a line of the processor's cache. */
  private static final int LINE = 4;

  private static final int LINES = (1 << LINE) - 1;

  private final Family family;
  private final boolean wide;
  private final long seed;

  private final Rows rows;

  /**
   * A hash table of numbers plus one. Its places stand so that what is sixteen apart in the array
   * follows each other when a place is taken, and prefixes that follow each other stand in one line
   * of the processor's cache: tables come in such runs.
   */
  private int[] slots = new int[512];

  private int across = across(slots);
  private int free = NONE;
  private int freeCount;
  private int end;

  /**
   * An empty table.
   *
   * @param seed so that nobody outside can choose prefixes that are searched for long
   */
  PrefixTable(Family family, long seed) {
    this.family = family;
    wide = family == Family.IPV6;
    this.seed = seed;
    int none = PathTable.NONE;
    rows = wide ? new Rows(0, UNUSED, none, none, 0, 0, 0, 0) : new Rows(0, UNUSED, none, none, 0);
  }

  /** One more than the greatest number that was ever given out. */
  int end() {
    return end;
  }

  /** How many prefixes have a number. */
  int size() {
    return end - freeCount;
  }

  /** The number of a prefix, or -1. */
  int find(long prefixHigh, long prefixLow, int prefixLength) {
    int mask = slots.length - 1;
    int place = home(prefixHigh, prefixLow, prefixLength) & mask;
    while (true) {
      int id = slots[at(place)] - 1;
      if (id < 0 || matches(id, prefixHigh, prefixLow, prefixLength)) {
        return id;
      }
      place = (place + 1) & mask;
    }
  }

  /** The number of a prefix, a new one if it has none. */
  int add(long prefixHigh, long prefixLow, int prefixLength) {
    int mask = slots.length - 1;
    int place = home(prefixHigh, prefixLow, prefixLength) & mask;
    while (slots[at(place)] != 0) {
      int id = slots[at(place)] - 1;
      if (matches(id, prefixHigh, prefixLow, prefixLength)) {
        return id;
      }
      place = (place + 1) & mask;
    }
    int id = take();
    put(id, prefixHigh, prefixLow, prefixLength);
    slots[at(place)] = id + 1;
    if (2 * size() > slots.length) {
      rehash(2 * slots.length);
    }
    return id;
  }

  private int take() {
    int id = free;
    if (id == NONE) {
      return takeNew();
    }
    free = rows.get(id, W0);
    freeCount--;
    return id;
  }

  private int takeNew() {
    rows.fit(end);
    return end++;
  }

  private void put(int id, long prefixHigh, long prefixLow, int prefixLength) {
    rows.set(id, W0, (int) prefixLow);
    rows.set(id, LENGTH, prefixLength);
    if (wide) {
      putWide(id, prefixHigh, prefixLow);
    }
  }

  private void putWide(int id, long prefixHigh, long prefixLow) {
    rows.set(id, W1, (int) (prefixLow >>> 32));
    rows.set(id, W2, (int) prefixHigh);
    rows.set(id, W3, (int) (prefixHigh >>> 32));
  }

  /** Gives a number back, of a prefix that has no path, and is not dirty. */
  void remove(int id) {
    int mask = slots.length - 1;
    int hole = home(id) & mask;
    while (slots[at(hole)] != id + 1) {
      hole = (hole + 1) & mask;
    }
    slots[at(hole)] = 0;
    // What stands behind moves up if it may, so that no search ends too early.
    for (int next = (hole + 1) & mask; slots[at(next)] != 0; next = (next + 1) & mask) {
      int home = home(slots[at(next)] - 1);
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots[at(hole)] = slots[at(next)];
        slots[at(next)] = 0;
        hole = next;
      }
    }
    rows.set(id, LENGTH, UNUSED);
    // What is free is a list through the words of the addresses.
    rows.set(id, W0, free);
    free = id;
    freeCount++;
  }

  /** Whether this number is given out. */
  boolean isUsed(int id) {
    return length(id) != UNUSED;
  }

  long high(int id) {
    return wide ? two(id, W3, W2) : 0;
  }

  long low(int id) {
    return wide ? two(id, W1, W0) : rows.get(id, W0) & WORD;
  }

  private long two(int id, int upper, int lower) {
    return (long) rows.get(id, upper) << 32 | (rows.get(id, lower) & WORD);
  }

  int length(int id) {
    return rows.get(id, LENGTH) & LENGTHS;
  }

  /** The first path of a prefix, or {@link PathTable#NONE}. */
  int head(int id) {
    return rows.get(id, HEAD);
  }

  void head(int id, int path) {
    rows.set(id, HEAD, path);
  }

  /** The path of a prefix that was chosen, or {@link PathTable#NONE}. */
  int best(int id) {
    return rows.get(id, BEST);
  }

  void best(int id, int path) {
    rows.set(id, BEST, path);
  }

  /** The version of the table with which what is told of a prefix changed last. */
  int changed(int id) {
    return rows.get(id, CHANGED);
  }

  void changed(int id, int version) {
    rows.set(id, CHANGED, version);
  }

  /** Whether a prefix waits for a flush. */
  boolean isDirty(int id) {
    return (rows.get(id, LENGTH) & DIRTY) != 0;
  }

  void dirty(int id) {
    rows.set(id, LENGTH, rows.get(id, LENGTH) | DIRTY);
  }

  void clean(int id) {
    rows.set(id, LENGTH, rows.get(id, LENGTH) & ~DIRTY);
  }

  /** The prefix as a value. */
  Cidr cidr(int id) {
    return new Cidr(new IpAddress(family, high(id), low(id)), length(id));
  }

  private boolean matches(int id, long prefixHigh, long prefixLow, int prefixLength) {
    return rows.get(id, W0) == (int) prefixLow
        && length(id) == prefixLength
        && (!wide || matchesWide(id, prefixHigh, prefixLow));
  }

  private boolean matchesWide(int id, long prefixHigh, long prefixLow) {
    return low(id) == prefixLow && high(id) == prefixHigh;
  }

  /** Where a place is in the array: its number, rotated by four bits. */
  private int at(int place) {
    return (place << LINE | place >>> across) & (slots.length - 1);
  }

  private static int across(int[] slots) {
    return Integer.numberOfTrailingZeros(slots.length) - LINE;
  }

  private int home(int id) {
    return home(high(id), low(id), length(id));
  }

  /**
   * The place for a prefix, with more bits than it may have. The last four of a prefix only choose
   * in a line.
   */
  private int home(long prefixHigh, long prefixLow, int prefixLength) {
    long mixed = seed;
    long last = prefixLow >>> (Integer.SIZE - prefixLength);
    if (wide) {
      boolean upper = prefixLength <= Long.SIZE;
      last = (upper ? prefixHigh : prefixLow) >>> -prefixLength;
      mixed = (mixed ^ (upper ? 0 : prefixHigh)) * 0x9e37_79b9_7f4a_7c15L;
      mixed ^= mixed >>> 32;
    }
    mixed = (mixed ^ (last >>> LINE) ^ (long) prefixLength << 56) * 0xff51_afd7_ed55_8ccdL;
    mixed = (mixed ^ (mixed >>> 32)) * 0xc4ce_b9fe_1a85_ec53L;
    return (int) (mixed >>> 32) ^ ((int) last & LINES) << across;
  }

  private void rehash(int count) {
    slots = new int[count];
    across = across(slots);
    int mask = count - 1;
    for (int id = 0; id < end; id++) {
      if (isUsed(id)) {
        int place = home(id) & mask;
        while (slots[at(place)] != 0) {
          place = (place + 1) & mask;
        }
        slots[at(place)] = id + 1;
      }
    }
  }
}
