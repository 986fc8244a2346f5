package io.denim.linux.packet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;

/** Sees the frames that pass a device of a namespace, or all of them. One thread at a time. */
public final class PacketCapture implements AutoCloseable {
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int ETH_P_ALL_BE = 0x0300;
  private static final int SOCKADDR_LL = 20;

  private final Arena arena = Arena.ofShared();
  private final Libc.CallState state = new Libc.CallState(arena);
  private final MemorySegment frame = arena.allocate(65_536);
  private final MemorySegment from = arena.allocate(SOCKADDR_LL, 4);
  private final MemorySegment fromLength = arena.allocate(4, 4);
  private final MemorySegment pollfd = arena.allocate(8, 4);
  private final int fd;

  private PacketCapture(int ifindex) {
    fd = Libc.socket(state, AF_PACKET, SOCK_RAW_CLOEXEC, ETH_P_ALL_BE);
    check("open a packet socket", fd);
    if (ifindex != 0) {
      MemorySegment address = arena.allocate(SOCKADDR_LL, 4);
      address.set(JAVA_SHORT, 0, (short) AF_PACKET);
      address.set(JAVA_SHORT, 2, (short) ETH_P_ALL_BE);
      address.set(JAVA_INT, 4, ifindex);
      check("bind a packet socket to link " + ifindex, Libc.bind(state, fd, address));
    }
    pollfd.set(JAVA_INT, 0, fd);
    pollfd.set(JAVA_SHORT, 4, (short) Libc.POLLIN);
  }

  /**
   * Begins to look.
   *
   * @param ifindex the link, 0 for all
   */
  public static PacketCapture open(Namespace namespace, int ifindex) {
    return namespace.call(() -> new PacketCapture(ifindex));
  }

  private static void check(String operation, int result) {
    if (result < 0) {
      throw new LinuxException(operation, -result);
    }
  }

  /**
   * A frame with its Ethernet header, and the link that it passed; {@code kind} as packet(7): 4 is
   * outgoing.
   */
  public record Frame(int ifindex, int kind, java.util.List<Byte> octets) {
    /** Copies the list. */
    public Frame {
      octets = java.util.List.copyOf(octets);
    }

    /** An octet, unsigned; 0 beyond the end. */
    public int u8(int offset) {
      return offset < octets.size() ? octets.get(offset) & 0xff : 0;
    }

    /** Two octets in network order, unsigned. */
    public int be16(int offset) {
      return u8(offset) << 8 | u8(offset + 1);
    }

    /** Four octets in network order. */
    public int be32(int offset) {
      return be16(offset) << 16 | be16(offset + 2);
    }
  }

  /** The next frame; empty when none came in time. */
  public Optional<Frame> next(Duration timeout) {
    if (Libc.poll(state, pollfd, 1, (int) timeout.toMillis()) <= 0) {
      return Optional.empty();
    }
    fromLength.set(JAVA_INT, 0, SOCKADDR_LL);
    long count = Libc.recvfrom(state, fd, frame, 0, from, fromLength);
    if (count < 0) {
      return Optional.empty();
    }
    Byte[] octets = new Byte[(int) count];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = frame.get(JAVA_BYTE, i);
    }
    return Optional.of(
        new Frame(
            from.get(JAVA_INT, 4), from.get(JAVA_BYTE, 10) & 0xff, java.util.List.of(octets)));
  }

  @Override
  public void close() {
    Libc.close(state, fd);
    arena.close();
  }
}
