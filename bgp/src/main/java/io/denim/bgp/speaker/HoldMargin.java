package io.denim.bgp.speaker;

import java.util.concurrent.TimeUnit;

/**
 * How near a session came to the end of its hold time: the least part of it that was left when
 * something was heard, of the last five to ten minutes.
 */
final class HoldMargin {
  private static final long WINDOW = TimeUnit.MINUTES.toNanos(5);

  private final long hold;
  private double before = 1;
  private double least = 1;
  private long windowEnd;

  /**
   * Nothing was near yet.
   *
   * @param hold the hold time in nanoseconds, more than 0
   */
  HoldMargin(long hold, long now) {
    this.hold = hold;
    windowEnd = now + WINDOW;
  }

  /** So many nanoseconds were left. */
  void left(long nanos, long now) {
    roll(now);
    least = Math.min(least, Math.clamp((double) nanos / hold, 0, 1));
  }

  private void roll(long now) {
    if (now - windowEnd >= 0) {
      before = now - windowEnd >= WINDOW ? 1 : least;
      least = 1;
      windowEnd = now + WINDOW;
    }
  }

  /**
   * The least part, from 0 to 1.
   *
   * @param nanos what is left at this moment
   */
  double least(long nanos, long now) {
    roll(now);
    return Math.min(Math.min(before, least), Math.clamp((double) nanos / hold, 0, 1));
  }
}
