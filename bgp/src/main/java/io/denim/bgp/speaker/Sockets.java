package io.denim.bgp.speaker;

import io.denim.bgp.bfd.BfdSockets;
import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Where sockets come from. The speaker itself knows nothing but Java's own channels; who has the
 * kernel at hand can open them in another network namespace, and sign (RFC 2385) and guard (RFC
 * 5082) them. All channels are non-blocking.
 */
public interface Sockets {
  /** Listens, with room for all peers dialling at once. */
  ServerSocketChannel listen(Listener listener) throws IOException;

  /** A socket bound to the local address, with the peer's options, that is about to dial it. */
  SocketChannel dial(PeerConfig peer) throws IOException;

  /** A peer's connection was accepted; gives it the peer's options. */
  void accepted(SocketChannel channel, PeerConfig peer) throws IOException;

  /**
   * Those who dial from these addresses have to sign with this password from now on; the longest
   * prefix counts. A listener of IPv6 is given addresses of IPv4, too, when it listens at all.
   *
   * @param password empty when they need not any more
   */
  void sign(ServerSocketChannel listener, Cidr peers, Optional<String> password) throws IOException;

  /**
   * The subnet of a local address, by the prefix length that it has at its interface; empty when
   * that is not known, and when it is the address alone.
   */
  default Optional<Cidr> subnet(IpAddress local) {
    return Optional.empty();
  }

  /**
   * The sockets of BFD, for peers whose way it watches (RFC 5882).
   *
   * @param random chooses source ports
   */
  BfdSockets bfd(RandomGenerator random) throws IOException;

  /**
   * A global IPv6 address of the interface that has an address of this side's: the next hop of IPv6
   * routes on a session over IPv4 or link-local addresses. Empty when it has none, or nobody can
   * know.
   *
   * @param device the interface, where the address is link-local
   */
  default Optional<IpAddress> globalIpv6(IpAddress local, Optional<String> device)
      throws IOException {
    return Optional.empty();
  }

  /** A connection goes on with another password. */
  void sign(SocketChannel channel, IpAddress peer, Optional<String> password) throws IOException;
}
