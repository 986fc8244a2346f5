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

  // The JVM makes a stub for each signature, which takes some 10 ms of every start, so functions
  // whose arguments are alike share one. An int is passed as a long, of which they read the lower
  // half; what is passed beyond a function's own arguments they do not see. One that takes a
  // variable number of arguments is called as any other: on x86-64 it would be told how many vector
  // registers have some, at which one that takes none there does not look.
  private static final MethodHandle NUMBERS = shape(JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle BUFFER =
      shape(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle ADDRESSES = shape(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle OPTION =
      shape(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle WAIT = shape(ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REQUEST = shape(JAVA_LONG, JAVA_LONG, ADDRESS);

  private static final MemorySegment SOCKET = find("socket");
  private static final MemorySegment BIND = find("bind");
  private static final MemorySegment CONNECT = find("connect");
  private static final MemorySegment LISTEN = find("listen");
  private static final MemorySegment ACCEPT4 = find("accept4");
  private static final MemorySegment GETSOCKNAME = find("getsockname");
  private static final MemorySegment GETPEERNAME = find("getpeername");
  private static final MemorySegment SETSOCKOPT = find("setsockopt");
  private static final MemorySegment GETSOCKOPT = find("getsockopt");
  private static final MemorySegment SENDTO = find("sendto");
  private static final MemorySegment RECVFROM = find("recvfrom");
  private static final MemorySegment SENDMSG = find("sendmsg");
  private static final MemorySegment RECVMSG = find("recvmsg");
  private static final MemorySegment POLL = find("poll");
  private static final MemorySegment EVENTFD = find("eventfd");
  private static final MemorySegment OPENAT = find("openat");
  private static final MemorySegment FCHMOD = find("fchmod");
  private static final MemorySegment FLOCK = find("flock");
  private static final MemorySegment FCNTL = find("fcntl");
  private static final MemorySegment DUP3 = find("dup3");
  private static final MemorySegment CLOSE = find("close");
  private static final MemorySegment READ = find("read");
  private static final MemorySegment WRITE = find("write");
  private static final MemorySegment SETNS = find("setns");
  private static final MemorySegment UNSHARE = find("unshare");
  private static final MemorySegment IOCTL = find("ioctl");

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

  private static MethodHandle shape(java.lang.foreign.MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        FunctionDescriptor.of(JAVA_LONG, arguments), Linker.Option.captureCallState("errno"));
  }

  private static MemorySegment find(String function) {
    return LINKER.defaultLookup().findOrThrow(function);
  }

  private static long result(CallState state, long returned) {
    return returned == -1 ? -state.errno() : returned;
  }

  /** Of a function that returns an int: the upper half is anything. */
  private static int intResult(CallState state, long returned) {
    int value = (int) returned;
    return value == -1 ? -state.errno() : value;
  }

  private static AssertionError broken(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new AssertionError("a libc call cannot throw", thrown);
  }

  private static int numbers(
      MemorySegment function, CallState state, long first, long second, long third) {
    try {
      return intResult(
          state, (long) NUMBERS.invokeExact(function, state.segment, first, second, third));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  private static long buffer(
      MemorySegment function,
      CallState state,
      long fd,
      MemorySegment data,
      long length,
      long flags,
      MemorySegment address,
      MemorySegment addressLength) {
    try {
      return (long)
          BUFFER.invokeExact(
              function, state.segment, fd, data, length, flags, address, addressLength);
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  private static long buffer(
      MemorySegment function, CallState state, long fd, MemorySegment data, long length) {
    return buffer(function, state, fd, data, length, 0, MemorySegment.NULL, MemorySegment.NULL);
  }

  private static int addresses(
      MemorySegment function,
      CallState state,
      long fd,
      MemorySegment address,
      MemorySegment length,
      long flags) {
    try {
      return intResult(
          state, (long) ADDRESSES.invokeExact(function, state.segment, fd, address, length, flags));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  private static int option(
      MemorySegment function,
      CallState state,
      long fd,
      long level,
      long name,
      MemorySegment value,
      MemorySegment length) {
    try {
      return intResult(
          state,
          (long) OPTION.invokeExact(function, state.segment, fd, level, name, value, length));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** A number where a function of the same shape takes a pointer. */
  private static MemorySegment number(long value) {
    return value == 0 ? MemorySegment.NULL : MemorySegment.ofAddress(value);
  }

  /** socket(2). */
  public static int socket(CallState state, int domain, int type, int protocol) {
    return numbers(SOCKET, state, domain, type, protocol);
  }

  /** bind(2). */
  public static int bind(CallState state, int fd, MemorySegment address) {
    return intResult(state, buffer(BIND, state, fd, address, address.byteSize()));
  }

  /** connect(2). */
  public static int connect(CallState state, int fd, MemorySegment address) {
    return intResult(state, buffer(CONNECT, state, fd, address, address.byteSize()));
  }

  /** listen(2). */
  public static int listen(CallState state, int fd, int backlog) {
    return numbers(LISTEN, state, fd, backlog, 0);
  }

  /** accept4(2), without the peer's address. */
  public static int accept4(CallState state, int fd, int flags) {
    return addresses(ACCEPT4, state, fd, MemorySegment.NULL, MemorySegment.NULL, flags);
  }

  /** getsockname(2); {@code length} holds the size of {@code address} as an int. */
  public static int getsockname(
      CallState state, int fd, MemorySegment address, MemorySegment length) {
    return addresses(GETSOCKNAME, state, fd, address, length, 0);
  }

  /** getpeername(2); {@code length} holds the size of {@code address} as an int. */
  public static int getpeername(
      CallState state, int fd, MemorySegment address, MemorySegment length) {
    return addresses(GETPEERNAME, state, fd, address, length, 0);
  }

  /** setsockopt(2). */
  public static int setsockopt(CallState state, int fd, int level, int name, MemorySegment value) {
    return option(SETSOCKOPT, state, fd, level, name, value, number(value.byteSize()));
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
    return option(GETSOCKOPT, state, fd, level, name, value, length);
  }

  /** sendto(2); {@code to} may be {@link MemorySegment#NULL}. */
  public static long sendto(
      CallState state, int fd, MemorySegment data, int flags, MemorySegment to) {
    return result(
        state, buffer(SENDTO, state, fd, data, data.byteSize(), flags, to, number(to.byteSize())));
  }

  /** recvfrom(2); {@code from} and {@code fromLength} may be {@link MemorySegment#NULL}. */
  public static long recvfrom(
      CallState state,
      int fd,
      MemorySegment into,
      int flags,
      MemorySegment from,
      MemorySegment fromLength) {
    return result(
        state, buffer(RECVFROM, state, fd, into, into.byteSize(), flags, from, fromLength));
  }

  /** recv(2). */
  public static long recv(CallState state, int fd, MemorySegment into, int flags) {
    return recvfrom(state, fd, into, flags, MemorySegment.NULL, MemorySegment.NULL);
  }

  /** sendmsg(2); {@code message} is a struct msghdr. */
  public static long sendmsg(CallState state, int fd, MemorySegment message, int flags) {
    return result(state, buffer(SENDMSG, state, fd, message, flags));
  }

  /** recvmsg(2); {@code message} is a struct msghdr. */
  public static long recvmsg(CallState state, int fd, MemorySegment message, int flags) {
    return result(state, buffer(RECVMSG, state, fd, message, flags));
  }

  /** poll(2); the timeout is in milliseconds, negative for ever. */
  public static int poll(CallState state, MemorySegment pollfds, long count, int timeout) {
    try {
      return intResult(
          state, (long) WAIT.invokeExact(POLL, state.segment, pollfds, count, (long) timeout));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }

  /** eventfd(2). */
  public static int eventfd(CallState state, int initial, int flags) {
    return numbers(EVENTFD, state, initial, flags, 0);
  }

  /** openat(2). */
  public static int openat(CallState state, int directory, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return intResult(state, buffer(OPENAT, state, directory, arena.allocateFrom(path), flags));
    }
  }

  /** fchmod(2). */
  public static int fchmod(CallState state, int fd, int mode) {
    return numbers(FCHMOD, state, fd, mode, 0);
  }

  /** flock(2). */
  public static int flock(CallState state, int fd, int operation) {
    return numbers(FLOCK, state, fd, operation, 0);
  }

  /** fcntl(2) with an int. */
  public static int fcntl(CallState state, int fd, int operation, int argument) {
    return numbers(FCNTL, state, fd, operation, argument);
  }

  /** dup3(2). */
  public static int dup3(CallState state, int fd, int over, int flags) {
    return numbers(DUP3, state, fd, over, flags);
  }

  /** close(2). */
  public static int close(CallState state, int fd) {
    return numbers(CLOSE, state, fd, 0, 0);
  }

  /** read(2). */
  public static long read(CallState state, int fd, MemorySegment into) {
    return result(state, buffer(READ, state, fd, into, into.byteSize()));
  }

  /** write(2). */
  public static long write(CallState state, int fd, MemorySegment from) {
    return result(state, buffer(WRITE, state, fd, from, from.byteSize()));
  }

  /** setns(2): moves the calling thread. Only {@code io.denim.linux.ns} may call it. */
  public static int setns(CallState state, int fd, int kind) {
    return numbers(SETNS, state, fd, kind, 0);
  }

  /** unshare(2): moves the calling thread. Only {@code io.denim.linux.ns} may call it. */
  public static int unshare(CallState state, int flags) {
    return numbers(UNSHARE, state, flags, 0, 0);
  }

  /** ioctl(2). */
  public static int ioctl(CallState state, int fd, long request, MemorySegment argument) {
    try {
      return intResult(
          state, (long) REQUEST.invokeExact(IOCTL, state.segment, (long) fd, request, argument));
    } catch (Throwable thrown) {
      throw broken(thrown);
    }
  }
}
