package io.denim.linux.unix;

import io.denim.linux.Libc;
import java.lang.foreign.Arena;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/** A message that was received, with the descriptor that came with it. */
public final class Frame implements AutoCloseable {
  private static final int NONE = -1;

  private final byte[] payload;
  private final AtomicInteger descriptor;

  /** {@code descriptor} is negative for none. */
  Frame(byte[] payload, int descriptor) {
    this.payload = payload;
    this.descriptor = new AtomicInteger(descriptor);
  }

  /** The octets after the length; the frame's own array, which nobody else writes to. */
  public byte[] payload() {
    return payload;
  }

  /**
   * Hands over the descriptor, if one came: the caller owns it from now on, and a second call gives
   * none.
   */
  public OptionalInt descriptor() {
    int fd = descriptor.getAndSet(NONE);
    return fd < 0 ? OptionalInt.empty() : OptionalInt.of(fd);
  }

  /** Closes the descriptor, unless it was handed over. */
  @Override
  public void close() {
    descriptor()
        .ifPresent(fd -> {
          try (Arena arena = Arena.ofConfined()) {
            Libc.close(new Libc.CallState(arena), fd);
          }
        });
  }
}
