package io.denim.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The system calls that Denim makes, bound to libc. Every method returns what the call returned, or
 * the negated errno where the call returned -1, as the kernel itself does. Internal to {@code
 * io.denim.linux} and its sub-packages.
 *
 * <p>None of the calls is marked critical: a call that blocks would hold up every safepoint of the
 * JVM.
 */
@SuppressWarnings("restricted") // This class is the one place where native functions are bound.
public final class Libc {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout()
          .varHandle(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET = bind("socket", -1, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = bind("bind", -1, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CONNECT = bind("connect", -1, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle LISTEN = bind("listen", -1, JAVA_INT, JAVA_INT);
  private static final MethodHandle ACCEPT4 =
      bind("accept4", -1, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle GETSOCKNAME =
      bind("getsockname", -1, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETPEERNAME =
      bind("getpeername", -1, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SETSOCKOPT =
      bind("setsockopt", -1, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETSOCKOPT =
      bind("getsockopt", -1, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SENDTO =
      bindLong("sendto", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECVFROM =
      bindLong("recvfrom", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SENDMSG = bindLong("sendmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECVMSG = bindLong("recvmsg", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle POLL = bind("poll", -1, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle EVENTFD = bind("eventfd", -1, JAVA_INT, JAVA_INT);
  private static final MethodHandle OPENAT =
      bind("openat", 3, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHMOD = bind("fchmod", -1, JAVA_INT, JAVA_INT);
  private static final MethodHandle FLOCK = bind("flock", -1, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCNTL = bind("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle DUP3 = bind("dup3", -1, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = bind("close", -1, JAVA_INT);
  private static final MethodHandle READ = bindLong("read", JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE = bindLong("write", JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle SETNS = bind("setns", -1, JAVA_INT, JAVA_INT);
  private static final MethodHandle UNSHARE = bind("unshare", -1, JAVA_INT);
  private static final MethodHandle IOCTL = bind("ioctl", 2, JAVA_INT, JAVA_LONG, ADDRESS);

  /** openat: relative to the working folder (fcntl.h). */
  public static final int AT_FDCWD = -100;

  /** open flags (fcntl.h). */
  public static final int O_RDONLY = 0;

  /** Open for writing. */
  public static final int O_WRONLY = 1;

  /** Open for both. */
  public static final int O_RDWR = 2;

  /** Fail where it would block. */
  public static final int O_NONBLOCK = 0x800;

  /** The path must be a folder. */
  public static final int O_DIRECTORY = 0x10000;

  /** Close at exec. */
  public static final int O_CLOEXEC = 0x80000;

  /** setns and unshare: network namespaces (sched.h). */
  public static final int CLONE_NEWNET = 0x40000000;

  /** poll: readable (poll.h). */
  public static final int POLLIN = 1;

  /** poll: writable. */
  public static final int POLLOUT = 4;

  /** flock: exclusive (sys/file.h). */
  public static final int LOCK_EX = 2;

  /** fcntl: a copy with the lowest number that is free and not below, closed at exec (fcntl.h). */
  public static final int F_DUPFD_CLOEXEC = 1030;

  private Libc() {}

  /** Where a call leaves its errno. Belongs to one caller at a time; made once and kept. */
  public static final class CallState {
    private final MemorySegment segment;

    /** Lives as long as the arena. */
    public CallState(Arena arena) {
      segment = arena.allocate(Linker.Option.captureStateLayout());
    }

    private int errno() {
      return (int) ERRNO.get(segment, 0L);
    }
  }

  private static MethodHandle bind(
      String name, int firstVariadic, java.lang.foreign.MemoryLayout... arguments) {
    return bind(name, FunctionDescriptor.of(JAVA_INT, arguments), firstVariadic);
  }

  private static MethodHandle bindLong(String name, java.lang.foreign.MemoryLayout... arguments) {
    return bind(name, FunctionDescriptor.of(JAVA_LONG, arguments), -1);
  }

  private static MethodHandle bind(String name, FunctionDescriptor type, int firstVariadic) {
    MemorySegment function = LINKER.defaultLookup().findOrThrow(name);
    Linker.Option errno = Linker.Option.captureCallState("errno");
    return firstVariadic < 0
        ? LINKER.downcallHandle(function, type, errno)
        : LINKER.downcallHandle(
            function, type, errno, Linker.Option.firstVariadicArg(firstVariadic));
  }

  private static int result(CallState state, int returned) {
    return returned == -1 ? -state.errno() : returned;
  }

  private static long result(CallState state, long returned) {
    return returned == -1 ? -state.errno() : returned;
  }

  private static AssertionError broken(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new AssertionError("a libc call cannot throw", thrown);
  }

  /** socket(2). */
  public static int socket(CallState state, int domain, int type, int protocol) {
    try {
      return result(state, (int) SOCKET.invokeExact(state.segment, domain, type, protocol));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** bind(2). */
  public static int bind(CallState state, int fd, MemorySegment address) {
    try {
      return result(
          state, (int) BIND.invokeExact(state.segment, fd, address, (int) address.byteSize()));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** connect(2). */
  public static int connect(CallState state, int fd, MemorySegment address) {
    try {
      return result(
          state, (int) CONNECT.invokeExact(state.segment, fd, address, (int) address.byteSize()));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** listen(2). */
  public static int listen(CallState state, int fd, int backlog) {
    try {
      return result(state, (int) LISTEN.invokeExact(state.segment, fd, backlog));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** accept4(2), without the peer's address. */
  public static int accept4(CallState state, int fd, int flags) {
    try {
      return result(
          state,
          (int)
              ACCEPT4.invokeExact(
                  state.segment, fd, MemorySegment.NULL, MemorySegment.NULL, flags));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** getsockname(2); {@code length} holds the size of {@code address} as an int. */
  public static int getsockname(
      CallState state, int fd, MemorySegment address, MemorySegment length) {
    try {
      return result(state, (int) GETSOCKNAME.invokeExact(state.segment, fd, address, length));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** getpeername(2); {@code length} holds the size of {@code address} as an int. */
  public static int getpeername(
      CallState state, int fd, MemorySegment address, MemorySegment length) {
    try {
      return result(state, (int) GETPEERNAME.invokeExact(state.segment, fd, address, length));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** setsockopt(2). */
  public static int setsockopt(CallState state, int fd, int level, int name, MemorySegment value) {
    try {
      return result(
          state,
          (int)
              SETSOCKOPT.invokeExact(
                  state.segment, fd, level, name, value, (int) value.byteSize()));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** setsockopt(2) with an int. */
  public static int setsockopt(CallState state, int fd, int level, int name, int value) {
    try (Arena arena = Arena.ofConfined()) {
      return setsockopt(state, fd, level, name, arena.allocateFrom(JAVA_INT, value));
    }
  }

  /** getsockopt(2); {@code length} holds the size of {@code value} as an int. */
  public static int getsockopt(
      CallState state, int fd, int level, int name, MemorySegment value, MemorySegment length) {
    try {
      return result(
          state, (int) GETSOCKOPT.invokeExact(state.segment, fd, level, name, value, length));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** sendto(2); {@code to} may be {@link MemorySegment#NULL}. */
  public static long sendto(
      CallState state, int fd, MemorySegment data, int flags, MemorySegment to) {
    try {
      return result(
          state,
          (long)
              SENDTO.invokeExact(
                  state.segment, fd, data, data.byteSize(), flags, to, (int) to.byteSize()));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** recvfrom(2); {@code from} and {@code fromLength} may be {@link MemorySegment#NULL}. */
  public static long recvfrom(
      CallState state,
      int fd,
      MemorySegment into,
      int flags,
      MemorySegment from,
      MemorySegment fromLength) {
    try {
      return result(
          state,
          (long)
              RECVFROM.invokeExact(
                  state.segment, fd, into, into.byteSize(), flags, from, fromLength));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** recv(2). */
  public static long recv(CallState state, int fd, MemorySegment into, int flags) {
    return recvfrom(state, fd, into, flags, MemorySegment.NULL, MemorySegment.NULL);
  }

  /** sendmsg(2); {@code message} is a struct msghdr. */
  public static long sendmsg(CallState state, int fd, MemorySegment message, int flags) {
    try {
      return result(state, (long) SENDMSG.invokeExact(state.segment, fd, message, flags));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** recvmsg(2); {@code message} is a struct msghdr. */
  public static long recvmsg(CallState state, int fd, MemorySegment message, int flags) {
    try {
      return result(state, (long) RECVMSG.invokeExact(state.segment, fd, message, flags));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** poll(2); the timeout is in milliseconds, negative for ever. */
  public static int poll(CallState state, MemorySegment pollfds, long count, int timeout) {
    try {
      return result(state, (int) POLL.invokeExact(state.segment, pollfds, count, timeout));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** eventfd(2). */
  public static int eventfd(CallState state, int initial, int flags) {
    try {
      return result(state, (int) EVENTFD.invokeExact(state.segment, initial, flags));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** openat(2). */
  public static int openat(CallState state, int directory, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      return result(state, (int) OPENAT.invokeExact(state.segment, directory, name, flags, 0));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** fchmod(2). */
  public static int fchmod(CallState state, int fd, int mode) {
    try {
      return result(state, (int) FCHMOD.invokeExact(state.segment, fd, mode));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** flock(2). */
  public static int flock(CallState state, int fd, int operation) {
    try {
      return result(state, (int) FLOCK.invokeExact(state.segment, fd, operation));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** fcntl(2) with an int. */
  public static int fcntl(CallState state, int fd, int operation, int argument) {
    try {
      return result(state, (int) FCNTL.invokeExact(state.segment, fd, operation, argument));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** dup3(2). */
  public static int dup3(CallState state, int fd, int over, int flags) {
    try {
      return result(state, (int) DUP3.invokeExact(state.segment, fd, over, flags));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** close(2). */
  public static int close(CallState state, int fd) {
    try {
      return result(state, (int) CLOSE.invokeExact(state.segment, fd));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** read(2). */
  public static long read(CallState state, int fd, MemorySegment into) {
    try {
      return result(state, (long) READ.invokeExact(state.segment, fd, into, into.byteSize()));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** write(2). */
  public static long write(CallState state, int fd, MemorySegment from) {
    try {
      return result(state, (long) WRITE.invokeExact(state.segment, fd, from, from.byteSize()));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** setns(2): moves the calling thread. Only {@code io.denim.linux.ns} may call it. */
  public static int setns(CallState state, int fd, int kind) {
    try {
      return result(state, (int) SETNS.invokeExact(state.segment, fd, kind));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** unshare(2): moves the calling thread. Only {@code io.denim.linux.ns} may call it. */
  public static int unshare(CallState state, int flags) {
    try {
      return result(state, (int) UNSHARE.invokeExact(state.segment, flags));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** ioctl(2). */
  public static int ioctl(CallState state, int fd, long request, MemorySegment argument) {
    try {
      return result(state, (int) IOCTL.invokeExact(state.segment, fd, request, argument));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }
}
