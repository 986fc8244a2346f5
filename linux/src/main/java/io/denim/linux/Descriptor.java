package io.denim.linux;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A descriptor that another process sent, or one that is kept for its path. It is closed once,
 * unless its number was taken.
 */
public final class Descriptor implements AutoCloseable {
  private static final int NONE = -1;

  private final AtomicInteger fd;

  private Descriptor(int fd) {
    this.fd = new AtomicInteger(fd);
  }

  /** Takes over an open descriptor. */
  public static Descriptor of(int fd) {
    return new Descriptor(fd);
  }

  /**
   * Gives the number to a new owner, who closes it; this is closed then.
   *
   * @throws IllegalStateException when it is closed already
   */
  public int take() {
    return open(fd.getAndSet(NONE));
  }

  /**
   * The number, which stays this one's.
   *
   * @throws IllegalStateException when it is closed
   */
  public int fd() {
    return open(fd.get());
  }

  private static int open(int fd) {
    if (fd == NONE) {
      throw new IllegalStateException("the descriptor is closed");
    }
    return fd;
  }

  /** A path by which this process reaches what is open, also where it has no path of its own. */
  public Path path() {
    return Path.of("/proc/self/fd/" + fd());
  }

  /** Another descriptor of the same open file. */
  public Descriptor copy() {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      return new Descriptor(
          check("copy a descriptor", Libc.fcntl(state, fd(), Libc.F_DUPFD_CLOEXEC, 0)));
    }
  }

  /** Makes this one's number mean what another does, in one step; the other is closed. */
  public void become(Descriptor other) {
    try (Arena arena = Arena.ofConfined();
        other) {
      var state = new Libc.CallState(arena);
      check("replace a descriptor", Libc.dup3(state, other.fd(), fd(), Libc.O_CLOEXEC));
    }
  }

  private static int check(String operation, int result) {
    if (result < 0) {
      throw new LinuxException(operation, -result);
    }
    return result;
  }

  @Override
  public void close() {
    int last = fd.getAndSet(NONE);
    if (last != NONE) {
      try (Arena arena = Arena.ofConfined()) {
        Libc.close(new Libc.CallState(arena), last);
      }
    }
  }

  @Override
  public String toString() {
    return "descriptor " + fd.get();
  }
}
