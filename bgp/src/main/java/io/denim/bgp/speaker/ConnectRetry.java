package io.denim.bgp.speaker;

import java.util.concurrent.TimeUnit;

/**
 * When a peer is dialled: often for a while after a loss and in the beginning, else at its retry
 * time (RFC 4271 8), and later with each error that follows another soon (the peer oscillation
 * damping of 8.1.1).
 */
final class ConnectRetry {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** After a loss, and after its start, the side that dials tries often for so long. */
  private static final long HURRY = 30 * SECOND;

  private static final long ERROR_FORGOTTEN = 300 * SECOND;
  private static final long LONGEST_ERROR_PAUSE = 30;

  private final Core core;
  private final Peer peer;
  private long at = Long.MAX_VALUE;
  private long hurryUntil;
  private long errorPause;
  private long lastError;

  ConnectRetry(Core core, Peer peer, long now) {
    this.core = core;
    this.peer = peer;
    hurryUntil = now + HURRY;
  }

  /** Whether it is time; then it is not set any more. */
  boolean isDue(long now) {
    if (at == Long.MAX_VALUE || now - at < 0) {
      return false;
    }
    at = Long.MAX_VALUE;
    return true;
  }

  /** Whether the peer is to be dialled at some time. */
  boolean isSet() {
    return at != Long.MAX_VALUE;
  }

  void never() {
    at = Long.MAX_VALUE;
  }

  void at(long time) {
    at = time;
  }

  /** For the first time: all nodes of a network may start at once. */
  void first(long now) {
    at = now + (long) (core.random.nextDouble() * SECOND);
  }

  /** An administrator wants it at once, whatever went wrong before. */
  void anew(long now) {
    errorPause = 0;
    at = now + jitter(SECOND);
  }

  void again(long now) {
    boolean hurry = now - hurryUntil < 0;
    at = now + jitter(hurry ? SECOND : peer.config().timers().connectRetry().toNanos());
  }

  void againAfterError(long now) {
    at = now + jitter(errorPause * SECOND);
  }

  /** A session was lost. */
  void lost(long now) {
    hurryUntil = now + HURRY;
  }

  /** Something ended by an error. */
  void error(long now) {
    errorPause =
        now - lastError > ERROR_FORGOTTEN || errorPause == 0
            ? 1
            : Math.min(LONGEST_ERROR_PAUSE, 2 * errorPause);
    lastError = now;
  }

  private long jitter(long nanos) {
    return nanos - (long) (core.random.nextDouble() * nanos / 4);
  }
}
