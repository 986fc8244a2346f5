package io.denim.bgp.rib;

import java.util.Arrays;

/**
 * Ints by longs, without an object an entry. What is not there is {@link #ABSENT}. It begins small,
 * since each peer has one.
 */
final class LongIntMap {
  static final int ABSENT = Integer.MIN_VALUE;

  /** A power of two, as all sizes are. */
  private static final int FIRST = 2;

  private long[] keys;
  private int[] values;
  private int size;

  LongIntMap() {
    keys = new long[FIRST];
    values = absent(FIRST);
  }

  private static int[] absent(int count) {
    int[] values = new int[count];
    Arrays.fill(values, ABSENT);
    return values;
  }

  int get(long key) {
    return values[place(key)];
  }

  void put(long key, int value) {
    int at = place(key);
    if (values[at] == ABSENT) {
      keys[at] = key;
      size++;
    }
    values[at] = value;
    if (2 * size > keys.length) {
      rehash();
    }
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Sees an entry. */
  @FunctionalInterface
  interface Visit {
    /** Sees one. */
    void entry(long key, int value);
  }

  /** Visits all entries, in no order; none may be added meanwhile. */
  void forEach(Visit visit) {
    for (int i = 0; i < keys.length; i++) {
      if (values[i] != ABSENT) {
        visit.entry(keys[i], values[i]);
      }
    }
  }

  void clear() {
    keys = new long[FIRST];
    values = absent(FIRST);
    size = 0;
  }

  private int place(long key) {
    int mask = keys.length - 1;
    int at = (int) ((key * 0x9e37_79b9_7f4a_7c15L) >>> 33) & mask;
    while (values[at] != ABSENT && keys[at] != key) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void rehash() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[2 * oldKeys.length];
    values = absent(keys.length);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != ABSENT) {
        int at = place(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }
}
