package io.denim.router;

import java.util.concurrent.atomic.AtomicLong;

/** How often the file was read again. Any thread may use it. */
final class ReloadCounts {
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile boolean good = true;

  void taken() {
    taken.incrementAndGet();
    good = true;
  }

  void failed() {
    failed.incrementAndGet();
    good = false;
  }

  long takenCount() {
    return taken.get();
  }

  long failedCount() {
    return failed.get();
  }

  /** Whether the file is as what is in force. */
  boolean isGood() {
    return good;
  }
}
