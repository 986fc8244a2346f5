package io.denim.linux.unix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Listens on a path of the file system. Only processes of the server's own user, and root, can
 * connect: the socket has mode 0600 from its birth.
 */
public final class UnixServer implements AutoCloseable {
  // linux/socket.h, linux/net.h
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int LONGEST_PATH = 107;
  // linux/stat.h
  private static final int S_IFMT = 0xf000;
  private static final int S_IFSOCK = 0xc000;

  /** How many processes may wait to be accepted: 150 attachments at once, and room. */
  private static final int BACKLOG = 512;

  private static final int POLLFD = 8;

  private final Arena arena = Arena.ofShared();
  private final Libc.CallState state = new Libc.CallState(arena);
  private final MemorySegment pollfds = arena.allocate(2 * POLLFD, 4);
  private final Path path;
  private final long inode;
  private final int fd;
  private final int wake;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Held by whoever uses the descriptors, so that none is closed under it. */
  private final ReentrantLock use = new ReentrantLock();

  private UnixServer(Path path, int fd, int wake) {
    this.path = path;
    this.fd = fd;
    this.wake = wake;
    this.inode = attribute(path, "unix:ino").longValue();
    watch(0, fd);
    watch(1, wake);
  }

  private void watch(int index, int descriptor) {
    pollfds.set(JAVA_INT, (long) index * POLLFD, descriptor);
    pollfds.set(JAVA_SHORT, (long) index * POLLFD + 4, (short) Libc.POLLIN);
  }

  /**
   * Begins to listen. Makes the folder, for its owner only, if there is none, and takes away a
   * socket on which nobody listens any more.
   *
   * @throws LinuxException EADDRINUSE when another process listens there
   * @throws IllegalArgumentException when the path is too long for a socket
   * @throws UncheckedIOException when the folder cannot be made, or the path is something else than
   *     a socket
   */
  public static UnixServer bind(Path socket) {
    Path path = socket.toAbsolutePath();
    Path folder = folder(path);
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder of the socket " + path, e);
    }
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      MemorySegment address = address(arena, path);
      // Two servers that start at once must not take each other's new socket for a dead one.
      int lock = lock(state, folder);
      try {
        makeWay(state, address, path);
        int fd = listen(state, address, path);
        int wake = Libc.eventfd(state, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (wake < 0) {
          Libc.close(state, fd);
          throw new LinuxException("make an eventfd", -wake);
        }
        return new UnixServer(path, fd, wake);
      } finally {
        Libc.close(state, lock);
      }
    }
  }

  private static Path folder(Path path) {
    Path folder = path.getParent();
    if (folder == null) {
      throw new IllegalArgumentException("a socket has a name in a folder, got \"" + path + "\"");
    }
    return folder;
  }

  private static MemorySegment address(Arena arena, Path path) {
    byte[] text = path.toString().getBytes(StandardCharsets.UTF_8);
    if (text.length > LONGEST_PATH) {
      throw new IllegalArgumentException(
          "the path of a socket has at most " + LONGEST_PATH + " octets, got \"" + path + "\"");
    }
    MemorySegment address = arena.allocate(2L + text.length + 1, 2);
    address.set(JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(text, 0, address, JAVA_BYTE, 2, text.length);
    return address;
  }

  /** An exclusive hold on a folder, until the descriptor is closed. */
  private static int lock(Libc.CallState state, Path folder) {
    int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
    int fd = check("open " + folder, Libc.openat(state, Libc.AT_FDCWD, folder.toString(), flags));
    int result;
    do {
      result = Libc.flock(state, fd, Libc.LOCK_EX);
    } while (result == -Errno.EINTR);
    if (result < 0) {
      Libc.close(state, fd);
      throw new LinuxException("lock " + folder, -result);
    }
    return fd;
  }

  private static void makeWay(Libc.CallState state, MemorySegment address, Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if ((attribute(path, "unix:mode").intValue() & S_IFMT) != S_IFSOCK) {
      throw new UncheckedIOException(
          new IOException("cannot listen on " + path + ": it is no socket; move it away"));
    }
    int probe = check("open a Unix socket", socket(state));
    int result = Libc.connect(state, probe, address);
    Libc.close(state, probe);
    switch (-result) {
      case Errno.ECONNREFUSED -> delete(path);
      case Errno.ENOENT -> {}
      // It listens, maybe with as many waiting as it takes, or is a socket of another type.
      case 0, Errno.EAGAIN, Errno.EPROTOTYPE ->
          throw new LinuxException("listen: another agent listens on " + path, Errno.EADDRINUSE);
      default -> throw new LinuxException("ask whether anybody listens on " + path, -result);
    }
  }

  private static int listen(Libc.CallState state, MemorySegment address, Path path) {
    int fd = check("open a Unix socket", socket(state));
    // The mode of a socket before bind(2), less the umask, becomes that of its file.
    int result = Libc.fchmod(state, fd, 0600);
    if (result >= 0) {
      result = Libc.bind(state, fd, address);
    }
    if (result >= 0) {
      result = Libc.listen(state, fd, BACKLOG);
    }
    if (result < 0) {
      Libc.close(state, fd);
    }
    check("listen on " + path, result);
    return fd;
  }

  private static int socket(Libc.CallState state) {
    return Libc.socket(state, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  }

  /** A socket that is connected to the server at this path. */
  static int connected(Arena arena, Libc.CallState state, Path path) {
    MemorySegment address = address(arena, path);
    int fd = check("open a Unix socket", socket(state));
    int result = Libc.connect(state, fd, address);
    if (result < 0) {
      Libc.close(state, fd);
    }
    check("connect to " + path, result);
    return fd;
  }

  private static int check(String operation, int result) {
    if (result < 0) {
      throw new LinuxException(operation, -result);
    }
    return result;
  }

  private static Number attribute(Path path, String name) {
    try {
      return (Number) Files.getAttribute(path, name, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stat the socket " + path, e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete the socket " + path, e);
    }
  }

  /** Where it listens. */
  public Path path() {
    return path;
  }

  /**
   * Waits for a process to connect; empty after {@link #close}. One thread at a time.
   *
   * @throws LinuxException EMFILE and the like; the process waits on, and is got by a later call
   */
  public Optional<UnixConnection> accept() {
    use.lock();
    try {
      while (!closed.get()) {
        int result = Libc.accept4(state, fd, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (result >= 0) {
          return Optional.of(new UnixConnection(result));
        }
        switch (-result) {
          case Errno.EAGAIN -> Libc.poll(state, pollfds, 2, -1);
          case Errno.EINTR, Errno.ECONNABORTED -> {}
          default -> throw new LinuxException("accept a connection on " + path, -result);
        }
      }
      return Optional.empty();
    } finally {
      use.unlock();
    }
  }

  /** Takes the socket away and wakes who waits in {@link #accept}. Connections go on. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try (Arena own = Arena.ofConfined()) {
      var call = new Libc.CallState(own);
      Libc.write(call, wake, own.allocateFrom(JAVA_LONG, 1L));
      removeOwnSocket(call);
    } finally {
      use.lock();
      try {
        Libc.close(state, fd);
        Libc.close(state, wake);
      } finally {
        use.unlock();
      }
      arena.close();
    }
  }

  /** Unless the path is another server's by now. */
  private void removeOwnSocket(Libc.CallState call) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int lock = lock(call, folder(path));
    try {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
          && attribute(path, "unix:ino").longValue() == inode) {
        delete(path);
      }
    } finally {
      Libc.close(call, lock);
    }
  }
}
