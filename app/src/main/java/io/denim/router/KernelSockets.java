package io.denim.router;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.speaker.PlainSockets;
import io.denim.bgp.speaker.Sockets;
import io.denim.linux.LinuxException;
import io.denim.linux.tcp.TcpOptions;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** Java's sockets with what the kernel adds: signatures (RFC 2385) and TTLs (RFC 5082). */
final class KernelSockets implements Sockets {
  private static final int FAR = 255;

  private final Sockets plain = new PlainSockets();
  private final long as;

  /** Sockets of a speaker of this AS. */
  KernelSockets(long as) {
    this.as = as;
  }

  @Override
  public ServerSocketChannel listen(Listener listener) throws IOException {
    return plain.listen(listener);
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
    return peer.toBuilder().noPassword().ttl(Ttl.DEFAULT).build();
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
  public void sign(ServerSocketChannel listener, IpAddress peer, Optional<String> password)
      throws IOException {
    signed(listener, peer, password);
  }

  @Override
  public void sign(SocketChannel channel, IpAddress peer, Optional<String> password)
      throws IOException {
    signed(channel, peer, password);
  }

  private static void signed(NetworkChannel channel, IpAddress peer, Optional<String> password)
      throws IOException {
    try {
      TcpOptions.of(channel).sign(peer, password.orElse(""));
    } catch (LinuxException e) {
      throw new IOException(
          e.getMessage()
              + (e.errnoName().equals("ENOMEM")
                  ? "; raise net.core.optmem_max, which is room for about 150 keys where it is 20480"
                  : ""),
          e);
    }
  }
}
