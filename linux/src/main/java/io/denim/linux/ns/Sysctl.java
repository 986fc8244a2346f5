package io.denim.linux.ns;

import io.denim.linux.Descriptor;
import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Kernel parameters of one network namespace. Paths are written with slashes ({@code
 * net/ipv4/conf/flannel.1/rp_filter}), since device names hold dots.
 *
 * <p>/proc/sys/net shows the namespace of the thread that opens a file, so each access is made by a
 * thread inside. Where this process may not write there (containers have /proc/sys mounted to be
 * read only), a folder that another process has opened may stand in: the kernel lets whoever has
 * CAP_NET_ADMIN write what concerns the network (net/sysctl_net.c).
 */
public final class Sysctl implements AutoCloseable {
  private static final String NET = "net/";
  private static final String IPV6 = "net/ipv6/conf/";

  private final Namespace namespace;
  private final boolean patient;
  private final Map<String, String> refused = new LinkedHashMap<>();
  private volatile Optional<Descriptor> standIn = Optional.empty();

  private Sysctl(Namespace namespace, boolean patient) {
    this.namespace = namespace;
    this.patient = patient;
  }

  /** The parameters of this namespace; the namespace must stay open. */
  public static Sysctl of(Namespace namespace) {
    return new Sysctl(namespace, false);
  }

  /**
   * As {@link #of}, where a folder will come that stands in for the own /proc/sys/net: what this
   * process may not write is remembered, and written when it comes.
   */
  public static Sysctl awaitingStandIn(Namespace namespace) {
    return new Sysctl(namespace, true);
  }

  /**
   * Takes a folder by which what the own /proc/sys refuses is done from now on, and does what was
   * refused so far, in that order. The first is kept, further ones are closed.
   *
   * @param net /proc/sys/net as another process has opened it
   * @return whether it is the first
   */
  public synchronized boolean reachBy(Descriptor net) {
    if (standIn.isPresent()) {
      net.close();
      return false;
    }
    standIn = Optional.of(net);
    refused.forEach((path, value) -> {
      try {
        write(path, value);
      } catch (LinuxException e) {
        // Whoever wanted it looks again and is told.
      }
    });
    refused.clear();
    return true;
  }

  /** Closes the folder that stands in, if there is one. */
  @Override
  public synchronized void close() {
    standIn.ifPresent(Descriptor::close);
    standIn = Optional.empty();
  }

  /** Whether what was refused will be written yet. */
  public boolean awaitsStandIn() {
    return patient && standIn.isEmpty();
  }

  /** The value without its line end; empty when there is no such parameter. */
  public Optional<String> read(String path) {
    return session(session -> session.read(path));
  }

  /**
   * Sets a value.
   *
   * @return false when there is no such parameter
   * @throws LinuxException when the kernel refuses the value, or EROFS, EACCES or EPERM when this
   *     process may not set it
   */
  public boolean write(String path, String value) {
    try {
      return session(session -> session.write(path, value));
    } catch (LinuxException e) {
      remember(e, path, value);
      throw e;
    }
  }

  private synchronized void remember(LinuxException refusal, String path, String value) {
    if (awaitsStandIn() && isRefusal(refusal.errno())) {
      refused.put(path, value);
    }
  }

  /** Runs several reads and writes with one change into the namespace. */
  public <T> T session(Function<Session, T> body) {
    Optional<Descriptor> ipv6 = namespace.ipv6Parameters();
    return ipv6.isPresent()
        ? body.apply(new Session(IPV6, ipv6, Reach.ONLY_HANDED))
        : namespace.call(() -> body.apply(new Session(NET, standIn, Reach.OWN_FIRST)));
  }

  /** Whether an error says that this process may not do it, rather than that nobody can. */
  public static boolean isRefusal(int errno) {
    return errno == Errno.EROFS || errno == Errno.EACCES || errno == Errno.EPERM;
  }

  private enum Reach {
    OWN_FIRST,
    ONLY_HANDED
  }

  /** Reads and writes on a thread that is inside already, or from outside by what was handed. */
  public static final class Session {
    private final String below;
    private final Optional<Descriptor> folder;
    private final Reach reach;

    private Session(String below, Optional<Descriptor> folder, Reach reach) {
      this.below = below;
      this.folder = folder;
      this.reach = reach;
    }

    /** As {@link Sysctl#read}. */
    public Optional<String> read(String path) {
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

    /** As {@link Sysctl#write}. */
    public boolean write(String path, String value) {
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

    private int open(Libc.CallState state, String path, int mode) {
      int flags = mode | Libc.O_CLOEXEC;
      if (reach == Reach.ONLY_HANDED && !path.startsWith(below)) {
        throw new IllegalArgumentException(
            "of this namespace only " + below + " is at hand, not " + path);
      }
      int fd =
          reach == Reach.ONLY_HANDED
              ? -Errno.EACCES
              : Libc.openat(state, Libc.AT_FDCWD, "/proc/sys/" + path, flags);
      return fd < 0 && isRefusal(-fd) && folder.isPresent() && path.startsWith(below)
          ? Libc.openat(state, folder.get().fd(), path.substring(below.length()), flags)
          : fd;
    }
  }

  private static void check(String operation, long result) {
    if (result < 0) {
      throw new LinuxException(operation, (int) -result);
    }
  }
}
