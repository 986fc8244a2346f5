package io.denim.linux.udp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A UDP socket that never blocks and tells the TTL of what it receives. One thread at a time uses
 * it. A datagram costs one system call, one copy and the sender's address; nothing else is
 * allocated.
 */
public final class UdpSocket implements AutoCloseable {
  /** No TTL was told. */
  public static final int UNKNOWN_TTL = -1;

  // bits/socket.h, asm-generic/socket.h, linux/in.h, linux/in6.h.
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUF = 8;
  private static final int SO_BINDTODEVICE = 25;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int IPPROTO_IP = 0;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IP_TOS = 1;
  private static final int IP_TTL = 2;
  private static final int IP_RECVTTL = 12;
  private static final int IPV6_UNICAST_HOPS = 16;
  private static final int IPV6_V6ONLY = 26;
  private static final int IPV6_RECVHOPLIMIT = 51;
  private static final int IPV6_HOPLIMIT = 52;
  private static final int IPV6_TCLASS = 67;

  private static final int SOCKADDR_IN = 16;
  private static final int SOCKADDR_IN6 = 28;

  // struct msghdr and struct cmsghdr of 64-bit hosts.
  private static final int MSGHDR = 56;
  private static final int MSG_NAMELEN = 8;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int CMSGHDR = 16;
  private static final int CONTROL = 128;

  private final Arena arena = Arena.ofShared();
  private final Libc.CallState state = new Libc.CallState(arena);
  private final MemorySegment buffer;
  private final MemorySegment message = arena.allocate(MSGHDR, 8);
  private final MemorySegment control = arena.allocate(CONTROL, 8);
  private final MemorySegment sender = arena.allocate(SOCKADDR_IN6, 8);
  private final boolean v6;
  private final String name;
  private final int fd;
  private int ttl = UNKNOWN_TTL;

  private UdpSocket(IpAddress local, int port, Optional<String> device, int longest) {
    v6 = !local.isV4();
    name = local + " port " + port + device.map(at -> " at " + at).orElse("");
    buffer = arena.allocate(longest, 8);
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ADDRESS, 0, buffer);
    vector.set(JAVA_LONG, 8, longest);
    message.set(ADDRESS, 0, sender);
    message.set(ADDRESS, MSG_IOV, vector);
    message.set(JAVA_LONG, MSG_IOVLEN, 1);
    message.set(ADDRESS, MSG_CONTROL, control);
    fd = Libc.socket(state, v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      arena.close();
      throw new LinuxException("open a UDP socket", -fd);
    }
    try {
      if (v6) {
        set("take IPv6 only", IPPROTO_IPV6, IPV6_V6ONLY, 1);
      }
      device.ifPresent(this::bindTo);
      set(
          "learn the TTL of datagrams",
          v6 ? IPPROTO_IPV6 : IPPROTO_IP,
          v6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL,
          1);
      check("bind", Libc.bind(state, fd, address(local, port)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens and binds one.
   *
   * @param inside the namespace it belongs to for good
   * @param port 0 for any
   * @param device the only one by which datagrams come and go, where there is one
   * @param longest the longest datagram; what is more of it is cut off
   * @throws LinuxException EADDRINUSE when another socket has the address and port; EADDRNOTAVAIL
   *     when the host does not have the address; ENODEV when there is no such device
   */
  public static UdpSocket open(
      Namespace inside, IpAddress local, int port, Optional<String> device, int longest) {
    return inside.call(() -> new UdpSocket(local, port, device, longest));
  }

  private void bindTo(String device) {
    MemorySegment text = arena.allocateFrom(device, StandardCharsets.UTF_8);
    check("keep to a device", Libc.setsockopt(state, fd, SOL_SOCKET, SO_BINDTODEVICE, text));
  }

  private MemorySegment address(IpAddress address, int port) {
    MemorySegment raw = arena.allocate(v6 ? SOCKADDR_IN6 : SOCKADDR_IN, 4);
    raw.set(JAVA_SHORT, 0, (short) (v6 ? AF_INET6 : AF_INET));
    raw.set(JAVA_BYTE, 2, (byte) (port >>> 8));
    raw.set(JAVA_BYTE, 3, (byte) port);
    byte[] octets = address.bytes();
    MemorySegment.copy(octets, 0, raw, JAVA_BYTE, v6 ? 8 : 4, octets.length);
    return raw;
  }

  /**
   * Sends to this peer and takes datagrams of no other from now on; the kernel tells when nobody
   * listens there.
   */
  public void connect(IpAddress remote, int port) {
    check("connect to " + remote, Libc.connect(state, fd, address(remote, port)));
  }

  /** Datagrams leave with this TTL. */
  public void ttl(int ttl) {
    set(
        "send with TTL " + ttl,
        v6 ? IPPROTO_IPV6 : IPPROTO_IP,
        v6 ? IPV6_UNICAST_HOPS : IP_TTL,
        ttl);
  }

  /** Datagrams leave with this type of service. */
  public void typeOfService(int octet) {
    set(
        "send with type of service " + octet,
        v6 ? IPPROTO_IPV6 : IPPROTO_IP,
        v6 ? IPV6_TCLASS : IP_TOS,
        octet);
  }

  /** As many octets may wait to be read; as many as the host allows where that is less. */
  public void receiveBuffer(int octets) {
    if (Libc.setsockopt(state, fd, SOL_SOCKET, SO_RCVBUFFORCE, octets) < 0) {
      set("have a larger buffer", SOL_SOCKET, SO_RCVBUF, octets);
    }
  }

  private void set(String operation, int level, int option, int value) {
    check(operation, Libc.setsockopt(state, fd, level, option, value));
  }

  private void check(String operation, int result) {
    if (result < 0) {
      throw new LinuxException(operation + " (UDP socket " + name + ")", -result);
    }
  }

  /**
   * Sends a datagram to the peer it is connected to.
   *
   * @throws LinuxException ECONNREFUSED when it was not sent since nobody listened when the one
   *     before arrived; ENETUNREACH, ENODEV and others when there is no way
   */
  public void send(byte[] data) {
    MemorySegment.copy(data, 0, buffer, JAVA_BYTE, 0, data.length);
    long result = Libc.sendto(state, fd, buffer.asSlice(0, data.length), 0, MemorySegment.NULL);
    if (result < 0 && result != -Errno.EAGAIN) {
      check("send", (int) result);
    }
  }

  /**
   * Receives a datagram. Its TTL and sender are told by {@link #ttl()} and {@link #sender()} until
   * the next one.
   *
   * @return its length, or -1 when none is there
   */
  public int receive(byte[] into) {
    message.set(JAVA_INT, MSG_NAMELEN, SOCKADDR_IN6);
    message.set(JAVA_LONG, MSG_CONTROLLEN, CONTROL);
    long count = Libc.recvmsg(state, fd, message, 0);
    if (count == -Errno.EAGAIN || count == -Errno.EINTR) {
      return -1;
    }
    if (count < 0) {
      check("receive", (int) count);
    }
    int length = (int) Math.min(count, into.length);
    MemorySegment.copy(buffer, JAVA_BYTE, 0, into, 0, length);
    ttl = toldTtl();
    return length;
  }

  /** Walks the control messages. */
  private int toldTtl() {
    long end = Math.min(message.get(JAVA_LONG, MSG_CONTROLLEN), CONTROL);
    long at = 0;
    while (at + CMSGHDR + Integer.BYTES <= end) {
      long length = control.get(JAVA_LONG, at);
      int level = control.get(JAVA_INT, at + 8);
      int type = control.get(JAVA_INT, at + 12);
      if ((level == IPPROTO_IP && type == IP_TTL)
          || (level == IPPROTO_IPV6 && type == IPV6_HOPLIMIT)) {
        return control.get(JAVA_INT, at + CMSGHDR);
      }
      if (length < CMSGHDR) {
        break;
      }
      at += (length + 7) & ~7L;
    }
    return UNKNOWN_TTL;
  }

  /** The TTL of the last datagram. */
  public int ttl() {
    return ttl;
  }

  /** The sender of the last datagram. */
  public IpAddress sender() {
    byte[] octets = new byte[v6 ? 16 : 4];
    MemorySegment.copy(sender, JAVA_BYTE, v6 ? 8 : 4, octets, 0, octets.length);
    return IpAddress.ofBytes(octets);
  }

  int fd() {
    return fd;
  }

  @Override
  public void close() {
    Libc.close(state, fd);
    arena.close();
  }
}
