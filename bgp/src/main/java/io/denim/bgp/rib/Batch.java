package io.denim.bgp.rib;

import java.util.Arrays;

/**
 * Prefixes sorted into buckets by a small number, in the time that it takes to write them down.
 * Those that come one after another for one bucket are a run; a bucket is a list of runs. Is used
 * again and again; allocates only to grow.
 */
final class Batch {
  private static final int END = -1;

  // The columns of a run.
  private static final int FROM = 0;
  private static final int NEXT = 1;

  private int[] heads = new int[64];
  private int[] buckets = new int[64];
  private int bucketCount;
  private final Rows runs = new Rows(0, 0);
  private int runCount;
  private final Ints prefixes = new Ints(0);
  private int count;

  /** The bucket of the last run. */
  private int last = END;

  Batch() {
    Arrays.fill(heads, END);
  }

  boolean isEmpty() {
    return count == 0;
  }

  void add(int bucket, int prefix) {
    if (bucket != last) {
      begin(bucket);
    }
    prefixes.append(count++, prefix);
  }

  private void begin(int bucket) {
    last = bucket;
    if (bucket >= heads.length) {
      int length = heads.length;
      heads = Growth.fit(heads, bucket);
      Arrays.fill(heads, length, heads.length, END);
    }
    if (heads[bucket] == END) {
      buckets = Growth.fit(buckets, bucketCount);
      buckets[bucketCount++] = bucket;
    }
    runs.fit(runCount);
    runs.set(runCount, FROM, count);
    runs.set(runCount, NEXT, heads[bucket]);
    heads[bucket] = runCount++;
  }

  /** How many buckets have something in them. */
  int buckets() {
    return bucketCount;
  }

  /** The number of one of these. */
  int bucket(int index) {
    return buckets[index];
  }

  /** The first run of a bucket. */
  int first(int bucket) {
    return heads[bucket];
  }

  /** The next run of a bucket; negative at its end. */
  int next(int run) {
    return runs.get(run, NEXT);
  }

  /** The first place of a run. */
  int from(int run) {
    return runs.get(run, FROM);
  }

  /** The place behind a run. */
  int to(int run) {
    return run + 1 < runCount ? from(run + 1) : count;
  }

  int prefix(int place) {
    return prefixes.get(place);
  }

  void clear() {
    for (int i = 0; i < bucketCount; i++) {
      heads[buckets[i]] = END;
    }
    bucketCount = 0;
    runCount = 0;
    count = 0;
    last = END;
  }
}
