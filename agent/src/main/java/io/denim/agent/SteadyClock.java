package io.denim.agent;

import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that is right when it is made and counts on by itself from then, as CLOCK_MONOTONIC of
 * clock_gettime(2) does: setting the machine's clock does not move it. For what has to wait: a
 * clock that is set back by hours must not keep a lease from being renewed for hours, and one that
 * is set forward must not end what was to be kept for minutes.
 */
public final class SteadyClock implements InstantSource {
  private final Instant begin;
  private final long beginNanos = System.nanoTime();

  /** A clock that shows at first what another does now. */
  public SteadyClock(InstantSource clock) {
    this.begin = clock.instant();
  }

  @Override
  public Instant instant() {
    return begin.plusNanos(System.nanoTime() - beginNanos);
  }
}
