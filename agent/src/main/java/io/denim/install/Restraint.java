package io.denim.install;

import java.time.Duration;
import java.time.Instant;

/**
 * How soon a file is restored that somebody keeps changing: at once at first, then after pauses
 * that double, and at once again when it has been left alone for a while. Used by one thread.
 */
final class Restraint {
  /** So often is no accident. */
  private static final int SUSPICIOUS = 4;

  private final Duration first;
  private final Duration longest;
  private final Duration calm;
  private Instant last = Instant.MIN;
  private int times;

  /**
   * @param first the pause after the first restoration
   * @param longest the longest pause
   * @param calm how long it must be left alone for all to be forgotten
   */
  Restraint(Duration first, Duration longest, Duration calm) {
    this.first = first;
    this.longest = longest;
    this.calm = calm;
  }

  /** How long to wait before it is restored; zero: now. */
  Duration pause(Instant now) {
    forget(now);
    if (times == 0) {
      return Duration.ZERO;
    }
    Duration doubled = first.multipliedBy(1L << Math.min(times - 1, 20));
    Duration whole = doubled.compareTo(longest) < 0 ? doubled : longest;
    Duration left = Duration.between(now, last.plus(whole));
    // A clock that was set back makes nobody wait for hours.
    return left.isNegative() ? Duration.ZERO : left.compareTo(whole) > 0 ? whole : left;
  }

  /** Takes note that it was restored. */
  void restored(Instant now) {
    forget(now);
    times++;
    last = now;
  }

  /** Whether somebody keeps changing it. */
  boolean isDisturbed(Instant now) {
    forget(now);
    return times >= SUSPICIOUS;
  }

  private void forget(Instant now) {
    if (times > 0 && Duration.between(last, now).compareTo(calm) > 0) {
      times = 0;
    }
  }
}
