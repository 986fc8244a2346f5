package io.denim.bgp.speaker;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long changes of the tables take, from the first that waits until the last peer that is up has
 * been told all of it. Used by the speaker's thread only.
 */
final class Convergence {
  /** Upper ends of the classes, in seconds; above the last there is one more. */
  private static final List<Double> BOUNDS =
      List.of(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0);

  private final long[] counts = new long[BOUNDS.size() + 1];
  private double seconds;
  private boolean pending;
  private long since;

  /** Something is to be told that has waited since then; what was pending goes on. */
  void changed(long waitingSince) {
    if (!pending) {
      pending = true;
      since = waitingSince;
    }
  }

  /** Whether somebody may not have been told all. */
  boolean isPending() {
    return pending;
  }

  /** All have been told all. */
  void reached(long now) {
    pending = false;
    double took = (double) (now - since) / TimeUnit.SECONDS.toNanos(1);
    seconds += took;
    int i = 0;
    while (i < BOUNDS.size() && took > BOUNDS.get(i)) {
      i++;
    }
    counts[i]++;
  }

  TableStatus.Durations durations() {
    return new TableStatus.Durations(BOUNDS, Arrays.stream(counts).boxed().toList(), seconds);
  }
}
