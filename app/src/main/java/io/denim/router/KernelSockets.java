package io.denim.router;

import io.denim.bgp.bfd.BfdSockets;
import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.speaker.PlainSockets;
import io.denim.bgp.speaker.Sockets;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.tcp.TcpOptions;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Java's sockets with what the kernel adds: signatures (RFC 2385) and TTLs (RFC 5082). */
final class KernelSockets implements Sockets {
  private static final Logger LOG = LoggerFactory.getLogger(KernelSockets.class);

  private static final int FAR = 255;

  /** As many as may dial at once; the kernel's net.core.somaxconn is the limit above it. */
  private static final int BACKLOG = 4096;

  private static final InetAddress IPV6_LOOPBACK = loopback();

  private static final Path HERE = Path.of("/proc/thread-self/ns/net");

  private final Sockets plain = new PlainSockets();
  private final long as;

  /** Sockets of a speaker of this AS, in the namespace of the thread that opens them. */
  KernelSockets(long as) {
    this.as = as;
  }

  private static InetAddress loopback() {
    try {
      return InetAddress.getByAddress(IpAddress.parse("::1").bytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of IPv6 has 16 octets", e);
    }
  }

  @Override
  public ServerSocketChannel listen(Listener listener) throws IOException {
    try {
      ServerSocketChannel channel =
          listener.address().isAny() ? everywhere(listener) : plain.listen(listener);
      try {
        // The answer to a peer that guards itself by the TTL leaves from here (RFC 5082).
        set(channel, FAR, 0);
        return channel;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (BindException e) {
      throw new IOException(
          e.getMessage() + PortHolder.of(listener.port()).map(holder -> " by " + holder).orElse(""),
          e);
    }
  }

  /**
   * Java's sockets of IPv6 take IPv4, too, and two cannot have all addresses at a port unless they
   * share it. The kernel then gives a socket of IPv4 what is for IPv4 (compute_score of
   * net/ipv4/inet_hashtables.c). Others, who might share it as well, are looked for before.
   */
  private static ServerSocketChannel everywhere(Listener listener) throws IOException {
    boolean v4 = listener.address().isV4();
    StandardProtocolFamily family = v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    InetAddress any = InetAddress.getByAddress(listener.address().bytes());
    checkFree(family, new InetSocketAddress(v4 ? any : IPV6_LOOPBACK, listener.port()));
    ServerSocketChannel channel = ServerSocketChannel.open(family);
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      channel.configureBlocking(false);
      channel.bind(new InetSocketAddress(any, listener.port()), BACKLOG);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void checkFree(ProtocolFamily family, InetSocketAddress address)
      throws IOException {
    try (ServerSocketChannel channel = ServerSocketChannel.open(family)) {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(address);
    } catch (BindException e) {
      // Without IPv6 at the loopback interface nothing can be told.
      if (!String.valueOf(e.getMessage()).startsWith("Cannot assign")) {
        throw e;
      }
    }
  }

  @Override
  public SocketChannel dial(PeerConfig peer) throws IOException {
    SocketChannel channel = plain.dial(withoutOptions(peer));
    try {
      if (peer.password().isPresent()) {
        sign(channel, peer.address(), peer.password());
      }
      setTtl(channel, peer);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void accepted(SocketChannel channel, PeerConfig peer) throws IOException {
    plain.accepted(channel, withoutOptions(peer));
    setTtl(channel, peer);
  }

  private static PeerConfig withoutOptions(PeerConfig peer) {
    boolean none = peer.password().isEmpty() && peer.ttl().equals(Ttl.DEFAULT);
    return none ? peer : peer.toBuilder().noPassword().ttl(Ttl.DEFAULT).build();
  }

  private void setTtl(NetworkChannel channel, PeerConfig peer) throws IOException {
    switch (peer.ttl()) {
      case Ttl.Default() -> {
        if (!peer.as().isInternal(peer.localAs().orElse(as))) {
          set(channel, 1, 0);
        }
      }
      case Ttl.Multihop(int hops) -> set(channel, hops, 0);
      case Ttl.Security security -> set(channel, FAR, security.least());
    }
  }

  private static void set(NetworkChannel channel, int ttl, int least) throws IOException {
    try {
      TcpOptions options = TcpOptions.of(channel);
      options.ttl(ttl);
      options.leastTtl(least);
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public Optional<IpAddress> globalIpv6(IpAddress local, Optional<String> device)
      throws IOException {
    try (Namespace here = Namespace.open(HERE);
        Rtnetlink kernel = Rtnetlink.open(here)) {
      List<LinkAddress> all = kernel.addresses();
      Optional<Integer> index = device.flatMap(kernel::link).map(Link::index);
      return all.stream()
          .filter(each -> each.address().address().equals(local))
          .filter(each -> device.isEmpty() || index.equals(Optional.of(each.ifindex())))
          .flatMap(own -> all.stream().filter(each -> each.ifindex() == own.ifindex()))
          .filter(each -> !each.deprecated() && !each.temporary())
          .map(each -> each.address().address())
          .filter(each -> !each.isV4() && !each.isLinkLocal() && !each.isLoopback())
          .min(Comparator.naturalOrder());
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public Optional<Cidr> subnet(IpAddress local) {
    try (Namespace here = Namespace.open(HERE);
        Rtnetlink kernel = Rtnetlink.openSmall(here)) {
      return kernel.addresses().stream()
          .map(LinkAddress::address)
          .filter(each -> each.address().equals(local))
          .map(InterfaceAddress::subnet)
          .filter(subnet -> !subnet.isHost())
          .findFirst();
    } catch (LinuxException e) {
      LOG.warn("cannot tell the subnet of address={}: {}", local, e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public BfdSockets bfd(RandomGenerator random) {
    return new KernelBfdSockets(Namespace.open(HERE), random);
  }

  @Override
  public void sign(ServerSocketChannel listener, Cidr peers, Optional<String> password)
      throws IOException {
    signed(listener, peers, password);
  }

  @Override
  public void sign(SocketChannel channel, IpAddress peer, Optional<String> password)
      throws IOException {
    signed(channel, Cidr.host(peer), password);
  }

  private static void signed(NetworkChannel channel, Cidr peers, Optional<String> password)
      throws IOException {
    try {
      TcpOptions.of(channel).sign(peers, password.orElse(""));
    } catch (LinuxException e) {
      throw new IOException(e.getMessage() + remedy(e.errnoName(), peers), e);
    }
  }

  private static String remedy(String errno, Cidr peers) {
    if (errno.equals("ENOMEM")) {
      return "; raise net.core.optmem_max, which is room for about 150 keys where it is 20480";
    }
    return peers.isHost()
        ? ""
        : "; keys for a range need TCP_MD5SIG_EXT (Linux 4.13): give its peers entries of their own";
  }
}
