package io.denim.store.kubernetes;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before something that failed is tried again: twice as long each time, between
 * half and all of it at random, so that the nodes of a cluster do not come back in step.
 */
public final class Pause {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final RandomGenerator random;
  private Duration next = FIRST;

  /** Nothing has failed yet. */
  public Pause(RandomGenerator random) {
    this.random = random;
  }

  /** Something failed: wait so long. */
  public Duration next() {
    long half = next.toMillis() / 2;
    next = next.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : next.multipliedBy(2);
    return Duration.ofMillis(half + random.nextLong(half + 1));
  }

  /** It worked. */
  public void reset() {
    next = FIRST;
  }
}
