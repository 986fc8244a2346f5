package io.denim.linux.packet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Sends ICMP echo requests from a namespace and waits for the answers. One thread at a time. */
public final class IcmpEcho implements AutoCloseable {
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int IPPROTO_ICMP = 1;
  private static final int IPPROTO_ICMPV6 = 58;
  private static final int PAYLOAD = 56;
  private static final int HEADER = 8;

  private final Arena arena = Arena.ofShared();
  private final Libc.CallState state = new Libc.CallState(arena);
  private final MemorySegment request = arena.allocate(HEADER + PAYLOAD);
  private final MemorySegment answer = arena.allocate(2048);
  private final MemorySegment pollfd = arena.allocate(8, 4);
  private final MemorySegment v4Address = arena.allocate(16, 4);
  private final MemorySegment v6Address = arena.allocate(28, 4);
  private final Family family;
  private final int fd;
  private final short identifier = (short) ThreadLocalRandom.current().nextInt(0x10000);
  private short sequence;

  private IcmpEcho(Family family) {
    this.family = family;
    fd =
        family == Family.IPV4
            ? Libc.socket(state, 2, SOCK_RAW_CLOEXEC, IPPROTO_ICMP)
            : Libc.socket(state, 10, SOCK_RAW_CLOEXEC, IPPROTO_ICMPV6);
    check("open a raw ICMP socket", fd);
    pollfd.set(JAVA_INT, 0, fd);
    pollfd.set(JAVA_SHORT, 4, (short) Libc.POLLIN);
  }

  /** Opens a socket in the namespace. */
  public static IcmpEcho open(Namespace namespace, Family family) {
    return namespace.call(() -> new IcmpEcho(family));
  }

  private static void check(String operation, long result) {
    if (result < 0) {
      throw new LinuxException(operation, (int) -result);
    }
  }

  /** The round trip to the target; empty when no answer came in time or there is no route. */
  public Optional<Duration> ping(IpAddress target, Duration timeout) {
    sequence++;
    write();
    long begin = System.nanoTime();
    long end = begin + timeout.toNanos();
    if (Libc.sendto(state, fd, request, 0, socketAddress(target)) < 0) {
      return Optional.empty();
    }
    while (true) {
      long left = end - System.nanoTime();
      if (left <= 0 || Libc.poll(state, pollfd, 1, (int) Math.max(1, left / 1_000_000)) <= 0) {
        return Optional.empty();
      }
      long count = Libc.recv(state, fd, answer, 0);
      if (count > 0 && isAnswer((int) count)) {
        return Optional.of(Duration.ofNanos(System.nanoTime() - begin));
      }
    }
  }

  private void write() {
    request.fill((byte) 0);
    request.set(JAVA_BYTE, 0, (byte) (family == Family.IPV4 ? 8 : 128));
    request.set(ShortBe.LAYOUT, 4, identifier);
    request.set(ShortBe.LAYOUT, 6, sequence);
    if (family == Family.IPV4) {
      // ICMPv6 checksums are the kernel's work, ICMP's are ours.
      int sum = 0;
      for (long at = 0; at < request.byteSize(); at += 2) {
        sum += request.get(ShortBe.LAYOUT, at) & 0xffff;
      }
      sum = (sum & 0xffff) + (sum >>> 16);
      sum += sum >>> 16;
      request.set(ShortBe.LAYOUT, 2, (short) ~sum);
    }
  }

  private boolean isAnswer(int count) {
    int at = family == Family.IPV4 ? (answer.get(JAVA_BYTE, 0) & 0xf) * 4 : 0;
    int wanted = family == Family.IPV4 ? 0 : 129;
    return count >= at + HEADER
        && (answer.get(JAVA_BYTE, at) & 0xff) == wanted
        && answer.get(ShortBe.LAYOUT, at + 4) == identifier
        && answer.get(ShortBe.LAYOUT, at + 6) == sequence;
  }

  /** sockaddr_in or sockaddr_in6 without a port. */
  private MemorySegment socketAddress(IpAddress target) {
    byte[] octets = target.bytes();
    MemorySegment address = target.isV4() ? v4Address : v6Address;
    address.fill((byte) 0);
    address.set(JAVA_SHORT, 0, (short) (target.isV4() ? 2 : 10));
    MemorySegment.copy(octets, 0, address, JAVA_BYTE, target.isV4() ? 4 : 8, octets.length);
    return address;
  }

  /** Two octets in network order at any offset. */
  private static final class ShortBe {
    static final java.lang.foreign.ValueLayout.OfShort LAYOUT =
        java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN);

    private ShortBe() {}
  }

  @Override
  public void close() {
    Libc.close(state, fd);
    arena.close();
  }
}
