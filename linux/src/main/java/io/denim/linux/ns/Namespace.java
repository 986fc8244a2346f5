package io.denim.linux.ns;

import io.denim.linux.Descriptor;
import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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
  // linux/sockios.h
  private static final long SIOCGSKNS = 0x894c;
  // asm-generic/socket.h
  private static final int SOL_SOCKET = 1;
  private static final int SO_PROTOCOL = 38;
  private static final int SO_DOMAIN = 39;
  // linux/socket.h, linux/netlink.h
  private static final int AF_NETLINK = 16;
  private static final int NETLINK_ROUTE = 0;

  private static final Path HERE = Path.of("/proc/thread-self/ns/net");

  private final int fd;
  private final Optional<Descriptor> routeSocket;
  private final Optional<Descriptor> ipv6Parameters;
  private final Path path;
  private final long inode;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Namespace(int fd, Optional<Descriptor> routeSocket, Optional<Descriptor> ipv6Parameters) {
    this.fd = fd;
    this.routeSocket = routeSocket;
    this.ipv6Parameters = ipv6Parameters;
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
      return open(HERE);
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
      return new Namespace(
          check("open the network namespace " + path, fd), Optional.empty(), Optional.empty());
    }
  }

  /**
   * Takes over a descriptor of a network namespace, such as another process sent. It belongs to the
   * namespace from now on, and is closed if it is something else.
   *
   * @throws IllegalArgumentException when it is none of a network namespace
   */
  public static Namespace adopt(int fd) {
    return adopt(Descriptor.of(fd), Optional.empty(), Optional.empty());
  }

  /**
   * As the other, with what the sender, who may enter the namespace, has opened in it. Then most of
   * what is done inside needs no setns, which takes CAP_SYS_ADMIN: links, addresses and routes are
   * changed through the socket with CAP_NET_ADMIN alone (net/netlink/af_netlink.c,
   * netlink_capable), and a folder of /proc/sys/net shows the namespace that it was opened in.
   *
   * @param routeSocket a socket of NETLINK_ROUTE that was opened inside
   * @param ipv6Parameters /proc/sys/net/ipv6/conf as it was opened inside
   * @throws IllegalArgumentException when one of the first two is something else
   */
  public static Namespace adopt(
      Descriptor namespace, Optional<Descriptor> routeSocket, Optional<Descriptor> ipv6Parameters) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      int kind = Libc.ioctl(state, namespace.fd(), NS_GET_NSTYPE, MemorySegment.NULL);
      if (kind != Libc.CLONE_NEWNET) {
        throw new IllegalArgumentException(
            namespace
                + " is not that of a network namespace: NS_GET_NSTYPE gives "
                + (kind < 0 ? Errno.name(-kind) : "0x" + Integer.toHexString(kind))
                + " instead of CLONE_NEWNET");
      }
      routeSocket.ifPresent(socket -> requireRouteSocket(arena, state, socket));
      var adopted =
          new Namespace(
              namespace.take(),
              routeSocket.map(socket -> Descriptor.of(socket.take())),
              ipv6Parameters.map(folder -> Descriptor.of(folder.take())));
      try {
        adopted.routeSocket.ifPresent(socket -> adopted.requireSocketOfThis(state, socket));
        return adopted;
      } catch (RuntimeException e) {
        adopted.close();
        throw e;
      }
    } catch (RuntimeException e) {
      namespace.close();
      routeSocket.ifPresent(Descriptor::close);
      ipv6Parameters.ifPresent(Descriptor::close);
      throw e;
    }
  }

  private static void requireRouteSocket(Arena arena, Libc.CallState state, Descriptor socket) {
    int domain = option(arena, state, socket, SO_DOMAIN);
    int protocol = option(arena, state, socket, SO_PROTOCOL);
    if (domain != AF_NETLINK || protocol != NETLINK_ROUTE) {
      throw new IllegalArgumentException(
          socket
              + " is no socket of NETLINK_ROUTE: its domain is "
              + (domain < 0 ? Errno.name(-domain) : domain)
              + ", its protocol "
              + (protocol < 0 ? Errno.name(-protocol) : protocol));
    }
  }

  private static int option(Arena arena, Libc.CallState state, Descriptor socket, int name) {
    MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
    MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
    int result = Libc.getsockopt(state, socket.fd(), SOL_SOCKET, name, value, length);
    return result < 0 ? result : value.get(ValueLayout.JAVA_INT, 0);
  }

  /** What is meant for a container must not be done to the node. */
  private void requireSocketOfThis(Libc.CallState state, Descriptor socket) {
    int of = Libc.ioctl(state, socket.fd(), SIOCGSKNS, MemorySegment.NULL);
    try (Descriptor its = Descriptor.of(check("read the namespace of " + socket, of))) {
      if (readInode(its.path()) != inode) {
        throw new IllegalArgumentException(
            socket + " is a socket of another network namespace than " + this);
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

  /**
   * A socket of NETLINK_ROUTE in this namespace, where one came with it; the caller's, to be
   * closed.
   */
  public Optional<Descriptor> routeSocket() {
    return routeSocket.map(Descriptor::copy);
  }

  /** /proc/sys/net/ipv6/conf of this namespace, where it came with it. */
  Optional<Descriptor> ipv6Parameters() {
    return ipv6Parameters;
  }

  /** The inode, which tells namespaces apart while they live. */
  public long inode() {
    return inode;
  }

  /**
   * Runs this inside the namespace, on a platform thread of its own, and gives its result or throws
   * what it threw.
   *
   * @throws LinuxException EPERM without CAP_SYS_ADMIN, unless it is the process's own namespace
   */
  public <T> T call(Callable<T> body) {
    return onNewThread(() -> {
      try (Arena arena = Arena.ofConfined()) {
        var state = new Libc.CallState(arena);
        int result = Libc.setns(state, fd, Libc.CLONE_NEWNET);
        // Without CAP_SYS_ADMIN the kernel refuses to move a thread even to where it is.
        if (result != -Errno.EPERM || readInode(HERE) != inode) {
          check("enter the network namespace", result);
        }
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
      routeSocket.ifPresent(Descriptor::close);
      ipv6Parameters.ifPresent(Descriptor::close);
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
