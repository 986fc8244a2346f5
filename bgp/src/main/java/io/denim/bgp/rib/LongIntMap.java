package io.denim.bgp.rib;

import java.util.Arrays;

/** Ints by longs, without an object an entry. What is not there is {@link #ABSENT}. */
final class LongIntMap {
  static final int ABSENT = Integer.MIN_VALUE;

  private long[] keys = new long[64];
  private int[] values = new int[64];
  private int size;

  LongIntMap() {
    Arrays.fill(values, ABSENT);
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
    keys = new long[64];
    values = new int[64];
    Arrays.fill(values, ABSENT);
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
    values = new int[keys.length];
    Arrays.fill(values, ABSENT);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != ABSENT) {
        int at = place(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }
}
