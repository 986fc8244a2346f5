package io.denim.bgp.config;

import io.denim.net.IpAddress;
import java.util.Optional;

/**
 * What tells peers apart.
 *
 * @param address of the peer
 * @param device the interface that a link-local address of IPv6 is at, since there may be the same
 *     at others (RFC 4007); empty for every other address
 */
public record PeerAddress(IpAddress address, Optional<String> device) {
  /** An address that is the same at all interfaces. */
  public static PeerAddress of(IpAddress address) {
    return new PeerAddress(address, Optional.empty());
  }

  /** Whether only its interface says which router an address is of. */
  public static boolean needsDevice(IpAddress address) {
    return !address.isV4() && address.isLinkLocal();
  }

  /** Such as 10.0.0.1, or fe80::1%eth0 (RFC 4007 11). */
  @Override
  public String toString() {
    return address + device.map(name -> "%" + name).orElse("");
  }
}
