package io.denim.bgp.rib;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Arrays;

/**
 * Numbers for prefixes of one family, small and dense, so that all that is known of a prefix can
 * stand in arrays. A number that was given back is given out again. About 18 octets a prefix for
 * IPv4 and 26 for IPv6; nothing is allocated but to grow.
 */
final class PrefixTable {
  private static final int FIRST = 256;

  private final Family family;
  private int[] slots = new int[2 * FIRST];
  private long[] high;
  private long[] low = new long[FIRST];
  private byte[] length = new byte[FIRST];
  private int[] free = new int[16];
  private int freeCount;
  private int end;

  PrefixTable(Family family) {
    this.family = family;
    high = new long[family == Family.IPV6 ? FIRST : 0];
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
    int id = freeCount > 0 ? free[--freeCount] : end++;
    if (id == low.length) {
      grow();
    }
    if (high.length > 0) {
      high[id] = prefixHigh;
    }
    low[id] = prefixLow;
    length[id] = (byte) prefixLength;
    slots[at] = id + 1;
    if (2 * size() > slots.length) {
      rehash(2 * slots.length);
    }
    return id;
  }

  /** Gives a number back. */
  void remove(int id) {
    int mask = slots.length - 1;
    int at = hash(high(id), low[id], length(id)) & mask;
    while (slots[at] != id + 1) {
      at = (at + 1) & mask;
    }
    // What stands behind moves up if it may, so that no search ends too early.
    int hole = at;
    slots[hole] = 0;
    for (int next = (hole + 1) & mask; slots[next] != 0; next = (next + 1) & mask) {
      int other = slots[next] - 1;
      int home = hash(high(other), low[other], length(other)) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots[hole] = slots[next];
        slots[next] = 0;
        hole = next;
      }
    }
    length[id] = -1;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * free.length);
    }
    free[freeCount++] = id;
  }

  /** Whether this number is given out. */
  boolean isUsed(int id) {
    return length[id] != -1;
  }

  long high(int id) {
    return high.length > 0 ? high[id] : 0;
  }

  long low(int id) {
    return low[id];
  }

  int length(int id) {
    return length[id] & 0xff;
  }

  /** The prefix as a value. */
  Cidr cidr(int id) {
    return new Cidr(new IpAddress(family, high(id), low[id]), length(id));
  }

  private boolean matches(int id, long prefixHigh, long prefixLow, int prefixLength) {
    return low[id] == prefixLow && length(id) == prefixLength && high(id) == prefixHigh;
  }

  private static int hash(long prefixHigh, long prefixLow, int prefixLength) {
    long mixed = (prefixHigh * 31 + prefixLow) * 0x9e37_79b9_7f4a_7c15L + prefixLength;
    return (int) ((mixed * 0xff51_afd7_ed55_8ccdL) >>> 32);
  }

  private void grow() {
    int larger = Growth.next(low.length);
    low = Arrays.copyOf(low, larger);
    length = Arrays.copyOf(length, larger);
    if (high.length > 0) {
      high = Arrays.copyOf(high, larger);
    }
  }

  private void rehash(int count) {
    int[] now = new int[count];
    int mask = count - 1;
    for (int id = 0; id < end; id++) {
      if (isUsed(id)) {
        int at = hash(high(id), low[id], length(id)) & mask;
        while (now[at] != 0) {
          at = (at + 1) & mask;
        }
        now[at] = id + 1;
      }
    }
    slots = now;
  }
}
