package io.denim.linux.ns;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A network namespace, held by a descriptor. It lives at least until {@link #close}; sockets opened
 * in it stay in it for ever and may be used from any thread (linux.git net/core/net_namespace.c).
 *
 * <p>Code is run inside by {@link #call}, each time on a new platform thread that is thrown away:
 * moving a virtual thread would move its carrier and with it every other virtual thread.
 */
public final class Namespace implements AutoCloseable {
  // linux/nsfs.h
  private static final long NS_GET_NSTYPE = 0xb703;

  private final int fd;
  private final Path path;
  private final long inode;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Namespace(int fd) {
    this.fd = fd;
    this.path = Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + fd);
    this.inode = readInode(path);
  }

  private static long readInode(Path path) {
    try {
      return (long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stat the network namespace " + path, e);
    }
  }

  /**
   * A new anonymous namespace. It has a loopback device that is down, and vanishes with its last
   * user.
   *
   * @throws LinuxException EPERM without CAP_SYS_ADMIN
   */
  public static Namespace create() {
    return onNewThread(() -> {
      try (Arena arena = Arena.ofConfined()) {
        var state = new Libc.CallState(arena);
        check("make a network namespace", Libc.unshare(state, Libc.CLONE_NEWNET));
      }
      return open(Path.of("/proc/thread-self/ns/net"));
    });
  }

  /** The namespace that this process was started in. */
  public static Namespace current() {
    return open(Path.of("/proc/self/ns/net"));
  }

  /**
   * The namespace of this file, such as /run/netns/NAME or /proc/PID/ns/net.
   *
   * @throws LinuxException ENOENT when there is no such file
   */
  public static Namespace open(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      int flags = Libc.O_RDONLY | Libc.O_CLOEXEC;
      int fd = Libc.openat(state, Libc.AT_FDCWD, path.toString(), flags);
      return new Namespace(check("open the network namespace " + path, fd));
    }
  }

  /**
   * Takes over a descriptor of a network namespace, such as another process sent. It belongs to the
   * namespace from now on, and is closed if it is something else.
   *
   * @throws IllegalArgumentException when it is none of a network namespace
   */
  public static Namespace adopt(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      boolean adopted = false;
      try {
        int kind = Libc.ioctl(state, fd, NS_GET_NSTYPE, MemorySegment.NULL);
        if (kind != Libc.CLONE_NEWNET) {
          throw new IllegalArgumentException(
              "descriptor "
                  + fd
                  + " is not that of a network namespace: NS_GET_NSTYPE gives "
                  + (kind < 0 ? Errno.name(-kind) : "0x" + Integer.toHexString(kind))
                  + " instead of CLONE_NEWNET");
        }
        Namespace namespace = new Namespace(fd);
        adopted = true;
        return namespace;
      } finally {
        if (!adopted) {
          Libc.close(state, fd);
        }
      }
    }
  }

  private static int check(String operation, int result) {
    if (result < 0) {
      throw new LinuxException(operation, -result);
    }
    return result;
  }

  /** The descriptor; valid until {@link #close}. */
  public int fd() {
    return fd;
  }

  /**
   * A path by which other processes can open this namespace while this process lives and has not
   * closed it.
   */
  public Path path() {
    return path;
  }

  /** The inode, which tells namespaces apart while they live. */
  public long inode() {
    return inode;
  }

  /**
   * Runs this inside the namespace, on a platform thread of its own, and gives its result or throws
   * what it threw.
   */
  public <T> T call(Callable<T> body) {
    return onNewThread(() -> {
      try (Arena arena = Arena.ofConfined()) {
        var state = new Libc.CallState(arena);
        check("enter the network namespace", Libc.setns(state, fd, Libc.CLONE_NEWNET));
      }
      return body.call();
    });
  }

  /** As {@link #call}, without a result. */
  public void run(Runnable body) {
    call(() -> {
      body.run();
      return true;
    });
  }

  private static <T> T onNewThread(Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    Thread.ofPlatform().name("netns").daemon().start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while working in a network namespace", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException("the work in the network namespace failed", e.getCause());
    }
  }

  @Override
  public void close() {
    // Once only: the number may already belong to something else.
    if (closed.compareAndSet(false, true)) {
      try (Arena arena = Arena.ofConfined()) {
        Libc.close(new Libc.CallState(arena), fd);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Namespace that && that.inode == inode;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(inode);
  }

  @Override
  public String toString() {
    return "net:[" + inode + "]";
  }
}
