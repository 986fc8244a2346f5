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
  /** In place of a link's index: frames of all links. */
  public static final int ALL_LINKS = 0;

  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int ETH_P_ALL_BE = 0x0300;
  private static final int SOCKADDR_LL = 20;
  // linux/if_arp.h
  private static final int ARPHRD_ETHER = 1;
  private static final int ARPHRD_LOOPBACK = 772;
  private static final int ETH_HLEN = 14;
  // linux/if_packet.h
  private static final int PACKET_OUTGOING = 4;

  private final Arena arena = Arena.ofShared();
  private final Libc.CallState state = new Libc.CallState(arena);
  private final MemorySegment frame = arena.allocate(65_536);
  private final MemorySegment from = arena.allocate(SOCKADDR_LL, 4);
  private final MemorySegment fromLength = arena.allocate(4, 4);
  private final MemorySegment pollfd = arena.allocate(8, 4);
  private final int fd;

  private PacketCapture(int ifindex) {
    // Bound to a link, it must see nothing before it is bound: packet(7), protocol 0.
    fd = Libc.socket(state, AF_PACKET, SOCK_RAW_CLOEXEC, ifindex == ALL_LINKS ? ETH_P_ALL_BE : 0);
    check("open a packet socket", fd);
    if (ifindex != ALL_LINKS) {
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
   * @param ifindex the link, or {@link #ALL_LINKS}
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
   * outgoing. Where a link has no Ethernet (a TUN device), the header's addresses are zero.
   */
  public record Frame(int ifindex, int kind, java.util.List<Byte> octets) {
    /** Copies the list. */
    public Frame {
      octets = java.util.List.copyOf(octets);
    }

    /** Whether it left by the link; else it came in. */
    public boolean outgoing() {
      return kind == PACKET_OUTGOING;
    }

    /** A copy of the frame. */
    public byte[] bytes() {
      byte[] copy = new byte[octets.size()];
      for (int i = 0; i < copy.length; i++) {
        copy[i] = octets.get(i);
      }
      return copy;
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
    int hardware = from.get(JAVA_SHORT, 8) & 0xffff;
    boolean ethernet = hardware == ARPHRD_ETHER || hardware == ARPHRD_LOOPBACK;
    int header = ethernet ? 0 : ETH_HLEN;
    Byte[] octets = new Byte[header + (int) count];
    java.util.Arrays.fill(octets, 0, header, (byte) 0);
    if (!ethernet) {
      octets[12] = from.get(JAVA_BYTE, 2);
      octets[13] = from.get(JAVA_BYTE, 3);
    }
    for (int i = header; i < octets.length; i++) {
      octets[i] = frame.get(JAVA_BYTE, i - header);
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
