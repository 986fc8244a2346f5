package io.denim.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Copies MRT records, of which only whole ones are passed on, and tells how many there are. Ends
 * with the stream, after so many, after so long, or by SIGINT.
 */
final class Recording {
  private static final int HEADER = 12;
  private static final int LONGEST = 64 << 20;
  private static final long TELL_EVERY = TimeUnit.SECONDS.toNanos(1);

  private final InputStream from;
  private final OutputStream to;
  private final PrintWriter err;
  private final CountDownLatch done = new CountDownLatch(1);
  private long records;
  private long octets;
  private long told = System.nanoTime();

  /** A recording that is not begun. */
  Recording(InputStream from, OutputStream to, PrintWriter err) {
    this.from = from;
    this.to = to;
    this.err = err;
  }

  /**
   * Copies.
   *
   * @param most records; 0 for no limit
   * @param time zero for no limit
   */
  void run(long most, Duration time) throws IOException {
    Thread end = new Thread(this::endBySignal, "recording-end");
    Runtime.getRuntime().addShutdownHook(end);
    if (time.isPositive()) {
      Thread.ofVirtual().start(() -> closeAfter(time));
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
    while (most == 0 || records < most) {
      byte[] record = next();
      if (record.length == 0) {
        return;
      }
      to.write(record);
      to.flush();
      records++;
      octets += record.length;
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

  /** Empty at the end, and where this side has ended it. */
  private byte[] next() throws IOException {
    try {
      byte[] header = from.readNBytes(HEADER);
      if (header.length < HEADER) {
        return new byte[0];
      }
      int length = 0;
      for (int i = 8; i < HEADER; i++) {
        length = length << 8 | (header[i] & 0xff);
      }
      if (length < 0 || length > LONGEST) {
        throw new IOException("what came is no MRT record");
      }
      byte[] record = new byte[HEADER + length];
      System.arraycopy(header, 0, record, 0, HEADER);
      int read = from.readNBytes(record, HEADER, length);
      return read < length ? new byte[0] : record;
    } catch (ClosedChannelException e) {
      return new byte[0];
    }
  }

  private void closeAfter(Duration time) {
    try {
      if (!done.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
        closeNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeNow() {
    try {
      from.close();
    } catch (IOException e) {
      // The copy ends all the same, with what it meets.
    }
  }

  /** Whoever presses Ctrl-C wants what there is: the file is whole, and that is no error. */
  private void endBySignal() {
    closeNow();
    try {
      var _ = done.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void remove(Thread hook) {
    try {
      var _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It is what ended the copy.
    }
  }
}
