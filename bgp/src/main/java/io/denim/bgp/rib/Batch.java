package io.denim.bgp.rib;

import java.util.Arrays;

/**
 * Prefixes sorted into buckets by a small number, in the time that it takes to write them down. Is
 * used again and again; allocates only to grow.
 */
final class Batch {
  private static final int END = -1;

  private int[] heads = new int[64];
  private int[] buckets = new int[64];
  private int bucketCount;
  private final Ints prefixes = new Ints(0);
  private final Ints next = new Ints(0);
  private int count;

  Batch() {
    Arrays.fill(heads, END);
  }

  boolean isEmpty() {
    return count == 0;
  }

  void add(int bucket, int prefix) {
    if (bucket >= heads.length) {
      int length = heads.length;
      heads = Growth.fit(heads, bucket);
      Arrays.fill(heads, length, heads.length, END);
    }
    if (heads[bucket] == END) {
      buckets = Growth.fit(buckets, bucketCount);
      buckets[bucketCount++] = bucket;
    }
    if (count == next.size()) {
      prefixes.fit(count);
      next.fit(count);
    }
    prefixes.set(count, prefix);
    next.set(count, heads[bucket]);
    heads[bucket] = count++;
  }

  /** How many buckets have something in them. */
  int buckets() {
    return bucketCount;
  }

  /** The number of one of these. */
  int bucket(int index) {
    return buckets[index];
  }

  /** The first place of a bucket, for {@link #prefix} and {@link #next}. */
  int first(int bucket) {
    return heads[bucket];
  }

  int prefix(int place) {
    return prefixes.get(place);
  }

  /** The next place of a bucket; negative at its end. */
  int next(int place) {
    return next.get(place);
  }

  void clear() {
    for (int i = 0; i < bucketCount; i++) {
      heads[buckets[i]] = END;
    }
    bucketCount = 0;
    count = 0;
  }
}
