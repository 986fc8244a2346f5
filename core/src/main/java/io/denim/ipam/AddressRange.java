package io.denim.ipam;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;

/**
 * Addresses of one subnet that pods may get.
 *
 * @param subnet the subnet; not a single address or a pair (/31, /32, /127, /128), which have no
 *     room for a gateway
 * @param first the first address that is handed out
 * @param last the last address that is handed out
 * @param gateway the node's own address in the subnet, which is never handed out
 */
public record AddressRange(Cidr subnet, IpAddress first, IpAddress last, IpAddress gateway) {
  /** Checks that all addresses are in the subnet and in order. */
  public AddressRange {
    if (subnet.length() > subnet.family().bits() - 2) {
      throw new IllegalArgumentException(
          subnet
              + " is too small for pods: allowed is a length up to "
              + (subnet.family().bits() - 2));
    }
    if (!subnet.contains(first)
        || !subnet.contains(last)
        || !subnet.contains(gateway)
        || first.compareTo(last) > 0) {
      throw new IllegalArgumentException(
          "first %s, last %s and gateway %s must lie in %s, the first not behind the last"
              .formatted(first, last, gateway, subnet));
    }
    if (first.equals(subnet.address()) || (subnet.address().isV4() && last.equals(subnet.last()))) {
      throw new IllegalArgumentException(
          "the network and broadcast addresses of " + subnet + " cannot be handed out");
    }
  }

  /**
   * All of a subnet, as host-local divides it: the first address is the gateway's, the network's
   * own and, in IPv4, the broadcast address are left out.
   */
  public static AddressRange of(Cidr subnet) {
    IpAddress gateway = subnet.address().plus(1);
    IpAddress last = subnet.address().isV4() ? subnet.last().plus(-1) : subnet.last();
    return new AddressRange(subnet, gateway, last, gateway);
  }

  /** Whether an address may be handed out. */
  boolean offers(IpAddress address) {
    return address.compareTo(first) >= 0
        && address.compareTo(last) <= 0
        && !address.equals(gateway);
  }

  @Override
  public String toString() {
    return first + "-" + last + " in " + subnet;
  }
}
