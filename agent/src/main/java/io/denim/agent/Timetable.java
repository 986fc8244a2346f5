package io.denim.agent;

import io.denim.store.GrowingPause;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * When a loop looks at the kernel without being told to: now and then for what is never told, and
 * soon again after the kernel has refused something, with growing pauses. However many signals come
 * meanwhile, they neither put that off nor bring it nearer.
 */
final class Timetable {
  private final InstantSource steady;
  private final GrowingPause pause =
      new GrowingPause(Duration.ofMillis(100), Duration.ofSeconds(10));
  private final Duration resync;
  private Instant lookAt;
  private Instant tryAt = Instant.MAX;

  /**
   * Of a loop that begins now.
   *
   * @param resync how often everything is looked at
   */
  Timetable(InstantSource steady, Duration resync) {
    this.steady = steady;
    this.resync = resync;
    lookAt = steady.instant().plus(resync);
  }

  /** Whether everything is to be looked at; then not again for a while. */
  boolean isTimeToLook() {
    Instant now = steady.instant();
    if (now.isBefore(lookAt)) {
      return false;
    }
    lookAt = now.plus(resync);
    return true;
  }

  /** Whether what the kernel refused is to be tried again. */
  boolean isTimeToTryAgain() {
    return !steady.instant().isBefore(tryAt);
  }

  /** The kernel has refused nothing. */
  void allDone() {
    pause.reset();
    tryAt = Instant.MAX;
  }

  /** The kernel has refused something. */
  void tryAgain() {
    tryAt = steady.instant().plus(afterRefusal());
  }

  /** How long to wait after the kernel could not even be asked. */
  Duration afterRefusal() {
    return pause.next();
  }

  /** How long until there is something to do. */
  Duration next() {
    Instant next = tryAt.isBefore(lookAt) ? tryAt : lookAt;
    Instant now = steady.instant();
    return next.isBefore(now) ? Duration.ZERO : Duration.between(now, next);
  }
}
