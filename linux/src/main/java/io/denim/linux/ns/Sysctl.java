package io.denim.linux.ns;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Kernel parameters of one network namespace. Paths are written with slashes ({@code
 * net/ipv4/conf/flannel.1/rp_filter}), since device names hold dots.
 *
 * <p>/proc/sys/net shows the namespace of the thread that opens a file, so each access is made by a
 * thread inside.
 */
public final class Sysctl {
  private final Namespace namespace;

  private Sysctl(Namespace namespace) {
    this.namespace = namespace;
  }

  /** The parameters of this namespace; the namespace must stay open. */
  public static Sysctl of(Namespace namespace) {
    return new Sysctl(namespace);
  }

  /** The value without its line end; empty when there is no such parameter. */
  public Optional<String> read(String path) {
    return namespace.call(() -> readHere(path));
  }

  /**
   * Sets a value.
   *
   * @return false when there is no such parameter
   * @throws LinuxException when the kernel refuses the value
   */
  public boolean write(String path, String value) {
    return namespace.call(() -> writeHere(path, value));
  }

  /** Runs several reads and writes with one change into the namespace. */
  public <T> T session(java.util.function.Function<Session, T> body) {
    return namespace.call(() -> body.apply(new Session()));
  }

  /** Reads and writes on a thread that is inside already. */
  public static final class Session {
    private Session() {}

    /** As {@link Sysctl#read}. */
    public Optional<String> read(String path) {
      return readHere(path);
    }

    /** As {@link Sysctl#write}. */
    public boolean write(String path, String value) {
      return writeHere(path, value);
    }
  }

  private static Optional<String> readHere(String path) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      int fd = open(state, path, Libc.O_RDONLY);
      if (fd == -Errno.ENOENT) {
        return Optional.empty();
      }
      check("open sysctl " + path, fd);
      MemorySegment buffer = arena.allocate(4096);
      long count = Libc.read(state, fd, buffer);
      Libc.close(state, fd);
      check("read sysctl " + path, count);
      byte[] text = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
      return Optional.of(new String(text, StandardCharsets.UTF_8).strip());
    }
  }

  private static boolean writeHere(String path, String value) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      int fd = open(state, path, Libc.O_WRONLY);
      if (fd == -Errno.ENOENT) {
        return false;
      }
      check("open sysctl " + path + " for writing", fd);
      byte[] text = (value + "\n").getBytes(StandardCharsets.UTF_8);
      long count = Libc.write(state, fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, text));
      Libc.close(state, fd);
      check("write \"" + value + "\" to sysctl " + path, count);
      return true;
    }
  }

  private static int open(Libc.CallState state, String path, int mode) {
    return Libc.openat(state, Libc.AT_FDCWD, "/proc/sys/" + path, mode | Libc.O_CLOEXEC);
  }

  private static void check(String operation, long result) {
    if (result < 0) {
      throw new LinuxException(operation, (int) -result);
    }
  }
}
