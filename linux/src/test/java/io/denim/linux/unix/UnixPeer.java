package io.denim.linux.unix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The other end of a {@link UnixConnection}: sends what it is told to, right or wrong. */
final class UnixPeer implements AutoCloseable {
  @SuppressWarnings("restricted") // Main code only receives descriptors.
  private static final MethodHandle SENDMSG =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("sendmsg"),
              FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  private final Arena arena = Arena.ofConfined();
  private final Libc.CallState state = new Libc.CallState(arena);
  private final int fd = Libc.socket(state, 1, 1 | 0x80000, 0);
  private boolean closed;

  static UnixPeer connect(Path path) {
    var peer = new UnixPeer();
    MemorySegment address = peer.arena.allocate(110, 2);
    address.set(JAVA_SHORT, 0, (short) 1);
    address.setString(2, path.toString());
    int result = Libc.connect(peer.state, peer.fd, address);
    if (result < 0) {
      throw new AssertionError("connect to " + path + ": " + result);
    }
    return peer;
  }

  int fd() {
    return fd;
  }

  /** Octets given as ints, and descriptors with the first of them. */
  UnixPeer send(byte[] octets, int... descriptors) {
    MemorySegment data = arena.allocateFrom(JAVA_BYTE, octets);
    MemorySegment iovec = arena.allocate(16, 8);
    iovec.set(ADDRESS, 0, data);
    iovec.set(JAVA_LONG, 8, data.byteSize());
    MemorySegment message = arena.allocate(56, 8);
    message.set(ADDRESS, 16, iovec);
    message.set(JAVA_LONG, 24, 1);
    if (descriptors.length > 0) {
      long length = 16 + 4L * descriptors.length;
      MemorySegment control = arena.allocate((length + 7) & ~7, 8);
      control.set(JAVA_LONG, 0, length);
      control.set(JAVA_INT, 8, 1);
      control.set(JAVA_INT, 12, 1);
      MemorySegment.copy(descriptors, 0, control, JAVA_INT, 16, descriptors.length);
      message.set(ADDRESS, 32, control);
      message.set(JAVA_LONG, 40, control.byteSize());
    }
    try {
      long sent = (long) SENDMSG.invokeExact(fd, message, 0x4000);
      if (sent != octets.length) {
        throw new AssertionError("sent " + sent + " of " + octets.length);
      }
    } catch (Throwable thrown) {
      throw new AssertionError(thrown);
    }
    return this;
  }

  /** What comes next, at most this much. */
  byte[] receive(int most) {
    MemorySegment into = arena.allocate(most);
    long count = Libc.recv(state, fd, into, 0);
    return into.asSlice(0, Math.max(0, count)).toArray(JAVA_BYTE);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Libc.close(state, fd);
      arena.close();
    }
  }
}
