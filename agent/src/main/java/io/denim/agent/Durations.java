package io.denim.agent;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** How long something took, each time: counts by classes of duration, and the sum. Thread-safe. */
final class Durations {
  /** The upper bounds of the classes, in seconds. */
  private static final double[] BOUNDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Double.POSITIVE_INFINITY
  };

  private static final double SECOND = 1e9;

  private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length);
  private final LongAdder nanos = new LongAdder();

  static double[] bounds() {
    return BOUNDS.clone();
  }

  void add(Duration took) {
    double seconds = took.toNanos() / SECOND;
    int index = 0;
    while (seconds > BOUNDS[index]) {
      index++;
    }
    counts.incrementAndGet(index);
    nanos.add(took.toNanos());
  }

  /** How many fell into each class; not those below as well. */
  long[] counts() {
    long[] now = new long[BOUNDS.length];
    for (int i = 0; i < now.length; i++) {
      now[i] = counts.get(i);
    }
    return now;
  }

  /** Their sum, in seconds. */
  double seconds() {
    return nanos.sum() / SECOND;
  }
}
