package io.denim.bgp.bfd;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A session that was opened. All methods may be called by any thread, also by its listener. */
public final class BfdSession implements AutoCloseable {
  private final Bfd bfd;
  private volatile BfdConfig config;

  /** Set and read by BFD's thread. */
  @Nullable Exchange exchange;

  BfdSession(Bfd bfd, BfdConfig config) {
    this.bfd = bfd;
    this.config = config;
  }

  /** As it is now. */
  public BfdConfig config() {
    return config;
  }

  /** Goes on at another pace, without loss: the peer is asked to agree first where it must. */
  public void pace(Duration interval, int multiplier) {
    BfdConfig next = config.every(interval, multiplier);
    bfd.pace(this, next);
    config = next;
  }

  /**
   * What is known of it at the moment.
   *
   * @throws IllegalStateException when BFD is closed
   */
  public BfdStatus status() {
    return bfd.status(this);
  }

  /**
   * Ends it. The peer is told that an administrator did it, which goes on for a moment after the
   * return; the listener hears nothing more.
   */
  @Override
  public void close() {
    bfd.close(this);
  }

  @Override
  public String toString() {
    return "bfd " + config.local() + " - " + config.remote();
  }
}
