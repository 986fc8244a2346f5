package io.denim.store;

import java.time.Duration;

/** How long an entry stays when nobody touches it. */
public sealed interface Lifetime {
  /** Until it is deleted. */
  record Permanent() implements Lifetime {}

  /**
   * Until this time has passed since the entry was last written.
   *
   * @param duration longer than zero; stores may round it up to whole seconds
   */
  record Ttl(Duration duration) implements Lifetime {
    /** Checks that it is positive. */
    public Ttl {
      if (duration.isNegative() || duration.isZero()) {
        throw new IllegalArgumentException("a time to live is positive, got " + duration);
      }
    }
  }

  /** Until it is deleted. */
  static Lifetime permanent() {
    return new Permanent();
  }

  /** Until this time has passed since the entry was last written. */
  static Lifetime ttl(Duration duration) {
    return new Ttl(duration);
  }
}
