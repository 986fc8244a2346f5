package io.denim.agent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Goes on evenly whatever the machine's clock is set to: a lease runs out by the store's clock, and
 * must not be renewed a day late because this machine's was set back by one. Its instants mean
 * nothing but what lies between them.
 */
final class SteadyClock implements InstantSource {
  private final long origin = System.nanoTime();

  @Override
  public Instant instant() {
    return Instant.EPOCH.plus(Duration.ofNanos(System.nanoTime() - origin));
  }
}
