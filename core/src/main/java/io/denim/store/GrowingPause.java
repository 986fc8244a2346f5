package io.denim.store;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before something that failed is tried again: twice as long each time. Not for
 * use by several threads at once.
 */
public final class GrowingPause {
  private final Duration first;
  private final Duration longest;
  private Duration next;

  /** Nothing has failed yet. */
  public GrowingPause(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
    this.next = first;
  }

  /** Something failed: wait so long. */
  public Duration next() {
    Duration now = next;
    Duration twice = now.multipliedBy(2);
    next = twice.compareTo(longest) > 0 ? longest : twice;
    return now;
  }

  /** As above, between half and all of it, so that those who were cut off do not come in step. */
  public Duration next(RandomGenerator random) {
    long half = next().toMillis() / 2;
    return Duration.ofMillis(half + random.nextLong(half + 1));
  }

  /** It worked. */
  public void reset() {
    next = first;
  }
}
