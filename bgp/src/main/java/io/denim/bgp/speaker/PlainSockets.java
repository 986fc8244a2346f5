package io.denim.bgp.speaker;

import io.denim.bgp.bfd.BfdSockets;
import io.denim.bgp.bfd.PlainBfdSockets;
import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.loop.SocketAddresses;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Sockets of Java alone: without signatures and without TTL security. */
public final class PlainSockets implements Sockets {
  /** As many as may dial at once; the kernel's net.core.somaxconn is the limit above it. */
  private static final int BACKLOG = 4096;

  /** CS6, which routers give their own protocols (RFC 4594). */
  private static final int NETWORK_CONTROL = 0xc0;

  @Override
  public ServerSocketChannel listen(Listener listener) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(family(listener.address()));
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.configureBlocking(false);
      channel.bind(SocketAddresses.of(listener.address(), listener.port()), BACKLOG);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public SocketChannel dial(PeerConfig peer) throws IOException {
    SocketChannel channel = SocketChannel.open(family(peer.address()));
    try {
      accepted(channel, peer);
      IpAddress any = peer.address().isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
      channel.bind(SocketAddresses.of(peer.localAddress().orElse(any), peer.device(), 0));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void accepted(SocketChannel channel, PeerConfig peer) throws IOException {
    refuse(peer.password(), peer.address());
    if (peer.ttl() instanceof Ttl.Security) {
      throw new IOException(
          "TTL security needs sockets of the kernel's, which are not at hand here");
    }
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    set(channel, StandardSocketOptions.IP_TOS, NETWORK_CONTROL);
  }

  private static <T> void set(NetworkChannel channel, SocketOption<T> option, T value)
      throws IOException {
    if (channel.supportedOptions().contains(option)) {
      channel.setOption(option, value);
    }
  }

  @Override
  public void sign(ServerSocketChannel listener, Cidr peers, Optional<String> password)
      throws IOException {
    refuse(password, peers.address());
  }

  @Override
  public void sign(SocketChannel channel, IpAddress peer, Optional<String> password)
      throws IOException {
    refuse(password, peer);
  }

  @Override
  public BfdSockets bfd(RandomGenerator random) throws IOException {
    return new PlainBfdSockets(random);
  }

  private static void refuse(Optional<String> password, IpAddress peer) throws IOException {
    if (password.isPresent()) {
      throw new IOException(
          "the password of peer "
              + peer
              + " needs sockets of the kernel's, which are not at hand here");
    }
  }

  private static StandardProtocolFamily family(IpAddress address) {
    return address.isV4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
  }
}
