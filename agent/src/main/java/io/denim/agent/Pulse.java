package io.denim.agent;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The sign of life of an agent's loop. The loop beats whenever it begins to wait, and every {@link
 * #BEAT} while it waits; who does not hear it for long knows that it hangs.
 */
final class Pulse {
  /** How often the loop beats when it has nothing to do. */
  static final Duration BEAT = Duration.ofSeconds(2);

  /** A kernel that takes hundreds of namespaces apart makes a round wait for tens of seconds. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private final LongSupplier nanos;
  private volatile long last;
  private volatile String end = "";
  private volatile Runnable listener = () -> {};

  /**
   * Of a loop that begins now.
   *
   * @param nanos as {@link System#nanoTime}
   */
  Pulse(LongSupplier nanos) {
    this.nanos = nanos;
    this.last = nanos.getAsLong();
  }

  /** Calls this at every beat, on the loop's thread. */
  void onBeat(Runnable call) {
    listener = call;
  }

  /** The loop lives. */
  void beat() {
    last = nanos.getAsLong();
    listener.run();
  }

  /** The loop has come to its end. */
  void ended(String reason) {
    end = reason;
  }

  /** Takes the first of a queue, waiting for it and beating meanwhile; empty when none came. */
  <T> Optional<T> take(BlockingQueue<T> queue, Duration wait) throws InterruptedException {
    long until = System.nanoTime() + wait.toNanos();
    while (true) {
      beat();
      long left = until - System.nanoTime();
      T first = queue.poll(Math.min(left, BEAT.toNanos()), TimeUnit.NANOSECONDS);
      if (first != null || left <= BEAT.toNanos()) {
        return Optional.ofNullable(first);
      }
    }
  }

  /** What is wrong with the loop; empty while it lives. */
  Optional<String> fault() {
    if (!end.isEmpty()) {
      return Optional.of("the agent's loop has ended: " + end);
    }
    Duration silence = Duration.ofNanos(nanos.getAsLong() - last);
    return silence.compareTo(PATIENCE) <= 0
        ? Optional.empty()
        : Optional.of(
            "the agent's loop hangs: its round has been going on for "
                + silence.toSeconds()
                + " s, more than "
                + PATIENCE.toSeconds()
                + " s");
  }
}
