package io.denim.bgp.config;

import io.denim.net.IpAddress;
import java.util.Optional;

/**
 * What tells peers apart. Ordered by address, then by interface.
 *
 * @param address of the peer
 * @param device the interface that a link-local address of IPv6 is at, since there may be the same
 *     at others (RFC 4007); empty for every other address
 */
public record PeerAddress(IpAddress address, Optional<String> device)
    implements Comparable<PeerAddress> {
  /** An address that is the same at all interfaces. */
  public static PeerAddress of(IpAddress address) {
    return new PeerAddress(address, Optional.empty());
  }

  /** Reads what {@link #toString} writes; empty when it is neither form. */
  public static Optional<PeerAddress> tryParse(String text) {
    int percent = text.indexOf('%');
    return percent < 0
        ? IpAddress.tryParse(text).map(PeerAddress::of)
        : IpAddress.tryParse(text.substring(0, percent))
            .map(address -> new PeerAddress(address, Optional.of(text.substring(percent + 1))));
  }

  @Override
  public int compareTo(PeerAddress other) {
    int order = address.compareTo(other.address);
    return order != 0 ? order : device.orElse("").compareTo(other.device.orElse(""));
  }

  /** Such as 10.0.0.1, or fe80::1%eth0 (RFC 4007 11). */
  @Override
  public String toString() {
    return address + device.map(name -> "%" + name).orElse("");
  }
}
