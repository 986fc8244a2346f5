package io.denim.linux.tcp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Options of a TCP socket that belongs to a channel. The channel must be bound, and must stay open
 * while an option is set. Usable from any thread; each call opens a little memory of its own.
 */
public final class TcpOptions {
  /** The longest key (TCP_MD5SIG_MAXKEYLEN of linux/tcp.h). */
  public static final int LONGEST_KEY = 80;

  // bits/socket.h, linux/in.h, linux/in6.h, linux/tcp.h.
  private static final short AF_INET = 2;
  private static final short AF_INET6 = 10;
  private static final int IPPROTO_IP = 0;
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IP_TTL = 2;
  private static final int IP_MINTTL = 21;
  private static final int IPV6_UNICAST_HOPS = 16;
  private static final int IPV6_MINHOPCOUNT = 73;
  private static final int TCP_MD5SIG = 14;
  private static final int TCP_MD5SIG_EXT = 32;
  private static final byte TCP_MD5SIG_FLAG_PREFIX = 1;
  private static final int SOCKADDR_STORAGE = 128;

  /** struct tcp_md5sig: address, flags, prefix length, key length, interface, key. */
  private static final int MD5SIG = SOCKADDR_STORAGE + 8 + LONGEST_KEY;

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private final int descriptor;
  private final boolean v6;
  private final String name;

  private TcpOptions(int descriptor, boolean v6, String name) {
    this.descriptor = descriptor;
    this.v6 = v6;
    this.name = name;
  }

  /**
   * The options of a channel's socket.
   *
   * @throws IOException when the channel is not bound, or closed
   */
  public static TcpOptions of(NetworkChannel channel) throws IOException {
    if (!(channel.getLocalAddress() instanceof InetSocketAddress local) || local.getPort() == 0) {
      throw new IOException("the socket has no local address yet");
    }
    try (Arena arena = Arena.ofConfined();
        DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
      Finder finder = new Finder(arena, local, channel);
      for (Path each : all) {
        int number = Integer.parseInt(each.getFileName().toString());
        if (finder.matches(number)) {
          return new TcpOptions(number, finder.isV6(), local.toString());
        }
      }
    }
    throw new IOException("no socket of this process has the address " + local);
  }

  /**
   * Segments from and to this peer are signed with a key from now on (RFC 2385); unsigned ones, and
   * ones that are signed otherwise, are dropped without a word. On a listener this must be so
   * before the peer dials.
   *
   * <p>A socket of IPv6 takes the addresses of IPv4 as well, for those who reach it by IPv4.
   *
   * @param password the key, {@link #LONGEST_KEY} octets at most; empty for none any more
   * @throws LinuxException ENOMEM when net.core.optmem_max is too low for so many keys
   */
  public void sign(IpAddress peer, String password) {
    sign(Cidr.host(peer), password);
  }

  /**
   * The same for all peers of a prefix, but for those that have a key of their own or of a longer
   * prefix.
   *
   * @throws LinuxException ENOPROTOOPT or EINVAL from kernels before 4.13
   */
  public void sign(Cidr peers, String password) {
    byte[] key = password.getBytes(StandardCharsets.UTF_8);
    if (key.length > LONGEST_KEY) {
      throw new IllegalArgumentException(
          "a key has at most " + LONGEST_KEY + " octets, got " + key.length);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment signature = arena.allocate(MD5SIG, 8);
      signature.set(JAVA_SHORT, 0, v6 ? AF_INET6 : AF_INET);
      byte[] address = address(peers.address());
      MemorySegment.copy(address, 0, signature, JAVA_BYTE, v6 ? 8 : 4, address.length);
      if (!peers.isHost()) {
        signature.set(JAVA_BYTE, SOCKADDR_STORAGE, TCP_MD5SIG_FLAG_PREFIX);
        signature.set(JAVA_BYTE, SOCKADDR_STORAGE + 1, (byte) peers.length());
      }
      signature.set(JAVA_SHORT, SOCKADDR_STORAGE + 2, (short) key.length);
      MemorySegment.copy(key, 0, signature, JAVA_BYTE, SOCKADDR_STORAGE + 8, key.length);
      int result =
          Libc.setsockopt(
              new Libc.CallState(arena),
              descriptor,
              IPPROTO_TCP,
              peers.isHost() ? TCP_MD5SIG : TCP_MD5SIG_EXT,
              signature);
      // Who takes away a key that is not there has what he wants.
      if (result != -Errno.ENOENT || key.length > 0) {
        check("sign the segments of " + (peers.isHost() ? peers.address() : peers), result);
      }
    }
  }

  /** An address as the socket's family has it: of IPv4 as ::ffff:a.b.c.d where that is IPv6. */
  private byte[] address(IpAddress address) {
    return (v6 ? address.mapped() : address).bytes();
  }

  /** Packets leave with this TTL. */
  public void ttl(int ttl) {
    set("send with TTL " + ttl, IP_TTL, IPV6_UNICAST_HOPS, ttl);
  }

  /** Packets that come with a lesser TTL are dropped (RFC 5082); 0 takes all. */
  public void leastTtl(int least) {
    set("take only TTL " + least + " and above", IP_MINTTL, IPV6_MINHOPCOUNT, least);
  }

  /** A socket of IPv6 has both, since it may carry IPv4. */
  private void set(String operation, int option4, int option6, int value) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      check(operation, Libc.setsockopt(state, descriptor, IPPROTO_IP, option4, value));
      if (v6) {
        check(operation, Libc.setsockopt(state, descriptor, IPPROTO_IPV6, option6, value));
      }
    }
  }

  private void check(String operation, int result) {
    if (result < 0) {
      throw new LinuxException(operation + " at socket " + name, -result);
    }
  }

  /** Compares the addresses of descriptors with those of a channel. */
  private static final class Finder {
    private final Libc.CallState state;
    private final MemorySegment address;
    private final MemorySegment length;
    private final InetSocketAddress local;
    private final NetworkChannel channel;
    private boolean v6;

    Finder(Arena arena, InetSocketAddress local, NetworkChannel channel) {
      state = new Libc.CallState(arena);
      address = arena.allocate(SOCKADDR_STORAGE, 8);
      length = arena.allocate(JAVA_INT);
      this.local = local;
      this.channel = channel;
    }

    boolean isV6() {
      return v6;
    }

    boolean matches(int number) throws IOException {
      length.set(JAVA_INT, 0, SOCKADDR_STORAGE);
      if (Libc.getsockname(state, number, address, length) < 0 || !is(local)) {
        return false;
      }
      // A connection that was accepted has its listener's address; what tells them apart is the
      // peer.
      length.set(JAVA_INT, 0, SOCKADDR_STORAGE);
      boolean connected = Libc.getpeername(state, number, address, length) >= 0;
      InetSocketAddress remote = remote();
      return remote == null ? !connected : connected && is(remote);
    }

    private @Nullable InetSocketAddress remote() throws IOException {
      return channel instanceof SocketChannel socket && socket.isConnected()
          ? (InetSocketAddress) socket.getRemoteAddress()
          : null;
    }

    private boolean is(InetSocketAddress wanted) {
      short family = address.get(JAVA_SHORT, 0);
      v6 = family == AF_INET6;
      if ((family != AF_INET && !v6) || port() != wanted.getPort()) {
        return false;
      }
      byte[] found = new byte[v6 ? 16 : 4];
      MemorySegment.copy(address, JAVA_BYTE, v6 ? 8 : 4, found, 0, found.length);
      // Java calls an address of IPv4 such even where the kernel has it as ::ffff:a.b.c.d.
      IpAddress named = IpAddress.ofBytes(wanted.getAddress().getAddress());
      return Arrays.equals(found, (v6 ? named.mapped() : named).bytes());
    }

    private int port() {
      return (address.get(JAVA_BYTE, 2) & 0xff) << 8 | (address.get(JAVA_BYTE, 3) & 0xff);
    }
  }
}
