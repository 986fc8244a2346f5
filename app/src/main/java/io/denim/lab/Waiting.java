package io.denim.lab;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/** Waiting for what others do. */
final class Waiting {
  private static final Duration LOOK = Duration.ofMillis(10);

  private Waiting() {}

  /** Waits until something is so, at most for a time; whether it is. */
  static boolean until(Duration patience, BooleanSupplier so) {
    return until(patience, LOOK, so);
  }

  /** As above, looking again after each pause. */
  static boolean until(Duration patience, Duration pause, BooleanSupplier so) {
    long end = System.nanoTime() + patience.toNanos();
    while (!so.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LabException("interrupted while waiting");
      }
    }
    return true;
  }

  /** Does all of this at the same time, and throws what the first of them threw when all ended. */
  static void together(List<Runnable> deeds) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Object>> calls = deeds.stream().map(Executors::callable).toList();
      List<Future<Object>> ended = threads.invokeAll(calls);
      for (Future<Object> each : ended) {
        each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while waiting");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new LabException("a part of the lab failed: " + e.getCause(), e);
    }
  }
}
