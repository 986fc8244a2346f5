package io.denim.bgp.rib;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;

/**
 * Numbers for prefixes of one family, small and dense, so that all that is known of a prefix can
 * stand in lists. A number that was given back is given out again. 16 to 24 octets a prefix for
 * IPv4 and 28 to 36 for IPv6; nothing is allocated but to grow.
 */
final class PrefixTable {
  private static final int NONE = -1;
  private static final int UNUSED = -1;
  private static final long WORD = 0xffff_ffffL;

  private final Family family;
  private final boolean wide;
  private final long seed;

  /** Of an IPv4 address only {@code w0} is kept, of an IPv6 address it is the last of four. */
  private final Ints w0 = new Ints(0);

  private final Ints w1 = new Ints(0);
  private final Ints w2 = new Ints(0);
  private final Ints w3 = new Ints(0);
  private final Ints length = new Ints(UNUSED);
  private int[] slots = new int[512];
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
    int at = hash(prefixHigh, prefixLow, prefixLength) & mask;
    while (slots[at] != 0) {
      int id = slots[at] - 1;
      if (matches(id, prefixHigh, prefixLow, prefixLength)) {
        return id;
      }
      at = (at + 1) & mask;
    }
    return -1;
  }

  /** The number of a prefix, a new one if it has none. */
  int add(long prefixHigh, long prefixLow, int prefixLength) {
    int mask = slots.length - 1;
    int at = hash(prefixHigh, prefixLow, prefixLength) & mask;
    while (slots[at] != 0) {
      int id = slots[at] - 1;
      if (matches(id, prefixHigh, prefixLow, prefixLength)) {
        return id;
      }
      at = (at + 1) & mask;
    }
    int id = take();
    put(id, prefixHigh, prefixLow, prefixLength);
    slots[at] = id + 1;
    if (2 * size() > slots.length) {
      rehash(2 * slots.length);
    }
    return id;
  }

  private int take() {
    int id = free;
    if (id == NONE) {
      fit(end);
      return end++;
    }
    free = w0.get(id);
    freeCount--;
    return id;
  }

  private void fit(int id) {
    w0.fit(id);
    if (wide) {
      w1.fit(id);
      w2.fit(id);
      w3.fit(id);
    }
    length.fit(id);
  }

  private void put(int id, long prefixHigh, long prefixLow, int prefixLength) {
    w0.set(id, (int) prefixLow);
    if (wide) {
      w1.set(id, (int) (prefixLow >>> 32));
      w2.set(id, (int) prefixHigh);
      w3.set(id, (int) (prefixHigh >>> 32));
    }
    length.set(id, prefixLength);
  }

  /** Gives a number back. */
  void remove(int id) {
    int mask = slots.length - 1;
    int at = hash(high(id), low(id), length(id)) & mask;
    while (slots[at] != id + 1) {
      at = (at + 1) & mask;
    }
    // What stands behind moves up if it may, so that no search ends too early.
    int hole = at;
    slots[hole] = 0;
    for (int next = (hole + 1) & mask; slots[next] != 0; next = (next + 1) & mask) {
      int other = slots[next] - 1;
      int home = hash(high(other), low(other), length(other)) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots[hole] = slots[next];
        slots[next] = 0;
        hole = next;
      }
    }
    length.set(id, UNUSED);
    // What is free is a list through the words of the addresses.
    w0.set(id, free);
    free = id;
    freeCount++;
  }

  /** Whether this number is given out. */
  boolean isUsed(int id) {
    return length.get(id) != UNUSED;
  }

  long high(int id) {
    return wide ? (long) w3.get(id) << 32 | (w2.get(id) & WORD) : 0;
  }

  long low(int id) {
    return (w0.get(id) & WORD) | (wide ? (long) w1.get(id) << 32 : 0);
  }

  int length(int id) {
    return length.get(id);
  }

  /** The prefix as a value. */
  Cidr cidr(int id) {
    return new Cidr(new IpAddress(family, high(id), low(id)), length(id));
  }

  private boolean matches(int id, long prefixHigh, long prefixLow, int prefixLength) {
    return w0.get(id) == (int) prefixLow
        && length.get(id) == prefixLength
        && (!wide || (low(id) == prefixLow && high(id) == prefixHigh));
  }

  private int hash(long prefixHigh, long prefixLow, int prefixLength) {
    long mixed = (prefixHigh ^ seed) * 0x9e37_79b9_7f4a_7c15L;
    mixed = (mixed ^ (mixed >>> 32) ^ prefixLow) * 0xff51_afd7_ed55_8ccdL;
    mixed = (mixed ^ (mixed >>> 32) ^ prefixLength) * 0xc4ce_b9fe_1a85_ec53L;
    return (int) (mixed >>> 32);
  }

  private void rehash(int count) {
    int[] now = new int[count];
    int mask = count - 1;
    for (int id = 0; id < end; id++) {
      if (isUsed(id)) {
        int at = hash(high(id), low(id), length(id)) & mask;
        while (now[at] != 0) {
          at = (at + 1) & mask;
        }
        now[at] = id + 1;
      }
    }
    slots = now;
  }
}
