package io.denim.bgp.loop;

import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Addresses of sockets, as Java has them and as they are here. Of interfaces Java knows those that
 * have an address: of IPv4 in the network namespace of the thread, of IPv6 in that of the process.
 */
public final class SocketAddresses {
  private SocketAddresses() {}

  /** An address that is the same at all interfaces, as Java has it. */
  public static InetSocketAddress of(IpAddress address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address.bytes()), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 octets", e);
    }
  }

  /**
   * An address as Java has it.
   *
   * @param device the interface that it is at, which Java asks of link-local addresses of IPv6, and
   *     which is ignored for others
   * @throws IOException when no such interface is known
   */
  public static InetSocketAddress of(IpAddress address, Optional<String> device, int port)
      throws IOException {
    if (!address.needsInterface() || device.isEmpty()) {
      return of(address, port);
    }
    NetworkInterface link = NetworkInterface.getByName(device.get());
    if (link == null) {
      throw new IOException("there is no interface " + device.get() + ", or it has no address");
    }
    // By its number: Java would refuse an interface that has no address of this kind by now.
    return new InetSocketAddress(
        Inet6Address.getByAddress(null, address.bytes(), link.getIndex()), port);
  }

  /** The address without its port and interface. */
  public static IpAddress address(InetSocketAddress socket) {
    return IpAddress.ofBytes(socket.getAddress().getAddress());
  }

  /**
   * The name of the interface that an address is at; empty where the socket does not tell.
   *
   * @throws IOException when the interfaces cannot be read
   */
  public static Optional<String> device(InetSocketAddress socket) throws IOException {
    if (socket.getAddress() instanceof Inet6Address address && address.getScopeId() > 0) {
      return Optional.ofNullable(NetworkInterface.getByIndex(address.getScopeId()))
          .map(NetworkInterface::getName);
    }
    return Optional.empty();
  }
}
