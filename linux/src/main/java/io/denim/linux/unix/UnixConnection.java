package io.denim.linux.unix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Descriptor;
import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A process that is connected to a {@link UnixServer}. Used by one thread at a time, which its
 * calls block. Each call makes its own native buffer of the frame's size, for a connection carries
 * one frame in each direction.
 */
public final class UnixConnection implements AutoCloseable {
  private static final ValueLayout.OfInt LENGTH =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  // asm-generic/socket.h
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  // linux/socket.h
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int UCRED = 12;

  // struct msghdr, struct iovec and struct cmsghdr on 64-bit machines
  private static final int MSGHDR = 56;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int IOVEC = 16;
  private static final int CMSG_HEADER = 16;

  /** How many descriptors a frame may come with. */
  private static final int MAX_DESCRIPTORS = 8;

  private static final int HEADER = 4;
  private static final Duration SEND_PATIENCE = Duration.ofSeconds(10);

  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over a connected socket that does not block. */
  UnixConnection(int fd) {
    this.fd = fd;
  }

  /**
   * Connects to a server.
   *
   * @throws LinuxException ENOENT or ECONNREFUSED when nobody listens there
   */
  public static UnixConnection connect(Path socket) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      return new UnixConnection(UnixServer.connected(arena, state, socket.toAbsolutePath()));
    }
  }

  /**
   * Waits for a frame. At most eight descriptors are taken, which have to come with the frame's
   * first octet; any others are closed. After an exception no descriptor is left open.
   *
   * @param largest how many octets a payload may have
   * @param patience how long the whole frame may take to come
   * @throws FrameException see its kinds
   */
  public Frame receive(int largest, Duration patience) {
    String operation = "receive a frame";
    long deadline = System.nanoTime() + patience.toNanos();
    checkOpen(operation);
    List<Descriptor> descriptors = List.of();
    boolean complete = false;
    try (Arena arena = Arena.ofConfined()) {
      var call = new Call(arena, operation, patience, deadline);
      MemorySegment header = arena.allocate(HEADER);
      MemorySegment control = arena.allocate(CMSG_HEADER + 4L * MAX_DESCRIPTORS, 8);
      MemorySegment message = message(arena, header, control);
      int received =
          call.retry(Libc.POLLIN, () -> Libc.recvmsg(call.state, fd, message, MSG_CMSG_CLOEXEC));
      if (received == 0) {
        throw new FrameException.Gone(operation);
      }
      descriptors = descriptors(message, control);
      read(call, header, received);
      long length = Integer.toUnsignedLong(header.get(LENGTH, 0));
      if (length > largest) {
        throw new FrameException.TooLong(length, largest);
      }
      MemorySegment payload = arena.allocate(length);
      read(call, payload, 0);
      Frame frame = new Frame(payload.toArray(JAVA_BYTE), descriptors);
      complete = true;
      return frame;
    } finally {
      if (!complete) {
        descriptors.forEach(Descriptor::close);
      }
    }
  }

  /** One system call of this connection, repeated until it is done or time is up. */
  private final class Call {
    private final Libc.CallState state;
    private final String operation;
    private final Duration patience;
    private final long deadline;
    private final MemorySegment pollfd;

    Call(Arena arena, String operation, Duration patience, long deadline) {
      this.state = new Libc.CallState(arena);
      this.operation = operation;
      this.patience = patience;
      this.deadline = deadline;
      this.pollfd = arena.allocate(8, 4);
    }

    int retry(int events, java.util.function.LongSupplier attempt) {
      while (true) {
        long result = attempt.getAsLong();
        if (result >= 0) {
          return (int) result;
        }
        int errno = (int) -result;
        switch (errno) {
          case Errno.EAGAIN -> await(events);
          case Errno.EINTR -> {}
          case Errno.EPIPE, Errno.ECONNRESET -> throw new FrameException.Gone(operation);
          default -> throw new LinuxException(operation, errno);
        }
      }
    }

    private void await(int events) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new FrameException.TimedOut(operation, patience);
      }
      pollfd.set(JAVA_INT, 0, fd);
      pollfd.set(JAVA_SHORT, 4, (short) events);
      Libc.poll(state, pollfd, 1, (int) Math.min(Integer.MAX_VALUE, left / 1_000_000 + 1));
    }
  }

  private static MemorySegment message(Arena arena, MemorySegment data, MemorySegment control) {
    MemorySegment iovec = arena.allocate(IOVEC, 8);
    iovec.set(ADDRESS, 0, data);
    iovec.set(JAVA_LONG, 8, data.byteSize());
    MemorySegment message = arena.allocate(MSGHDR, 8);
    message.set(ADDRESS, MSG_IOV, iovec);
    message.set(JAVA_LONG, MSG_IOVLEN, 1);
    message.set(ADDRESS, MSG_CONTROL, control);
    message.set(JAVA_LONG, MSG_CONTROLLEN, control.byteSize());
    return message;
  }

  private static List<Descriptor> descriptors(MemorySegment message, MemorySegment control) {
    List<Descriptor> descriptors = new ArrayList<>();
    if (message.get(JAVA_LONG, MSG_CONTROLLEN) >= CMSG_HEADER
        && control.get(JAVA_INT, 8) == SOL_SOCKET
        && control.get(JAVA_INT, 12) == SCM_RIGHTS) {
      long length = Math.min(control.get(JAVA_LONG, 0), control.byteSize());
      for (long at = CMSG_HEADER; at + 4 <= length; at += 4) {
        descriptors.add(Descriptor.of(control.get(JAVA_INT, at)));
      }
    }
    return descriptors;
  }

  /** Fills a segment. Without room for control messages the kernel drops descriptors itself. */
  private void read(Call call, MemorySegment into, int already) {
    int size = (int) into.byteSize();
    int at = already;
    while (at < size) {
      MemorySegment rest = into.asSlice(at);
      int count = call.retry(Libc.POLLIN, () -> Libc.recv(call.state, fd, rest, 0));
      if (count == 0) {
        throw new FrameException.Truncated(at, size);
      }
      at += count;
    }
  }

  /**
   * Sends a frame.
   *
   * @throws FrameException when the peer is gone or does not take it within ten seconds
   */
  public void send(byte[] payload) {
    send(payload, OptionalInt.empty());
  }

  /**
   * Sends a frame, with a descriptor that stays the caller's.
   *
   * @throws FrameException when the peer is gone or does not take it within ten seconds
   */
  public void send(byte[] payload, OptionalInt descriptor) {
    String operation = "send a frame";
    checkOpen(operation);
    try (Arena arena = Arena.ofConfined()) {
      var call =
          new Call(arena, operation, SEND_PATIENCE, System.nanoTime() + SEND_PATIENCE.toNanos());
      MemorySegment octets = arena.allocate((long) HEADER + payload.length);
      octets.set(LENGTH, 0, payload.length);
      MemorySegment.copy(payload, 0, octets, JAVA_BYTE, HEADER, payload.length);
      long at = descriptor.isEmpty() ? 0 : first(arena, call, octets, descriptor.getAsInt());
      while (at < octets.byteSize()) {
        MemorySegment rest = octets.asSlice(at);
        at +=
            call.retry(
                Libc.POLLOUT,
                () -> Libc.sendto(call.state, fd, rest, MSG_NOSIGNAL, MemorySegment.NULL));
      }
    }
  }

  /** Sends what goes at once, with the descriptor; gives how much it was. */
  private long first(Arena arena, Call call, MemorySegment octets, int descriptor) {
    MemorySegment control = arena.allocate(CMSG_HEADER + 8, 8);
    control.set(JAVA_LONG, 0, CMSG_HEADER + 4);
    control.set(JAVA_INT, 8, SOL_SOCKET);
    control.set(JAVA_INT, 12, SCM_RIGHTS);
    control.set(JAVA_INT, CMSG_HEADER, descriptor);
    MemorySegment message = message(arena, octets, control);
    return call.retry(Libc.POLLOUT, () -> Libc.sendmsg(call.state, fd, message, MSG_NOSIGNAL));
  }

  /** The numeric user that the peer was when it connected (SO_PEERCRED). */
  public int peerUid() {
    checkOpen("read the peer's user");
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      MemorySegment ucred = arena.allocate(UCRED, 4);
      MemorySegment length = arena.allocateFrom(JAVA_INT, UCRED);
      int result = Libc.getsockopt(state, fd, SOL_SOCKET, SO_PEERCRED, ucred, length);
      if (result < 0) {
        throw new LinuxException("read the peer's user", -result);
      }
      return ucred.get(JAVA_INT, 4);
    }
  }

  private void checkOpen(String operation) {
    if (closed.get()) {
      throw new FrameException.Gone(operation);
    }
  }

  /** Ends the connection. No thread may be inside another method. */
  @Override
  public void close() {
    // Once only: the number may already belong to something else.
    if (closed.compareAndSet(false, true)) {
      try (Arena arena = Arena.ofConfined()) {
        Libc.close(new Libc.CallState(arena), fd);
      }
    }
  }
}
