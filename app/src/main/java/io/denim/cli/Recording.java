package io.denim.cli;

import io.denim.router.RecordStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Copies MRT records, and tells how many there are. Ends with the stream, and asks for that after
 * so many, after so long, or by SIGINT.
 */
final class Recording {
  private static final long TELL_EVERY = TimeUnit.SECONDS.toNanos(1);

  /** The exit code of a program that SIGINT has ended. */
  private static final int INTERRUPTED = 130;

  private final RecordStream from;
  private final OutputStream to;
  private final PrintWriter err;
  private final boolean endless;
  private final CountDownLatch done = new CountDownLatch(1);
  private long records;
  private long octets;
  private long told = System.nanoTime();

  /**
   * A recording that is not begun.
   *
   * @param endless whether it is whole whenever it is ended
   */
  Recording(RecordStream from, OutputStream to, PrintWriter err, boolean endless) {
    this.from = from;
    this.to = to;
    this.err = err;
    this.endless = endless;
  }

  /**
   * Copies.
   *
   * @param most records; 0 for no limit
   * @param time zero for no limit
   * @throws IOException when it cannot be written
   */
  void run(long most, Duration time) throws IOException {
    Thread end = new Thread(this::endBySignal, "recording-end");
    Runtime.getRuntime().addShutdownHook(end);
    if (time.isPositive()) {
      Thread.ofVirtual().start(() -> finishAfter(time));
    }
    try (to) {
      copy(most);
    } finally {
      say("\n");
      done.countDown();
      remove(end);
    }
  }

  private void copy(long most) throws IOException {
    for (Optional<byte[]> next = from.next(); next.isPresent(); next = from.next()) {
      if (most > 0 && records == most) {
        // Only what was on its way.
        continue;
      }
      byte[] record = next.get();
      to.write(record);
      to.flush();
      records++;
      octets += record.length;
      if (records == most) {
        from.finish();
      }
      if (System.nanoTime() - told >= TELL_EVERY) {
        told = System.nanoTime();
        say("\r");
      }
    }
  }

  private void say(String end) {
    err.print(records + " records, " + octets + " octets" + end);
    err.flush();
  }

  private void finishAfter(Duration time) {
    try {
      if (!done.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
        from.finish();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whoever presses Ctrl-C in a capture wants what there is, and that is no error. */
  private void endBySignal() {
    try {
      if (endless) {
        from.finish();
      } else {
        from.close();
      }
      var _ = done.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The process ends all the same.
    }
    Runtime.getRuntime().halt(endless && from.gaps() == 0 ? 0 : INTERRUPTED);
  }

  private static void remove(Thread hook) {
    try {
      var _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It is what ended the copy.
    }
  }
}
