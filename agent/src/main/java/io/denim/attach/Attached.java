package io.denim.attach;

import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.List;

/**
 * A pod's attachment.
 *
 * @param hostDevice the name of the veth's end on the node
 * @param mac the hardware address of the pod's end
 * @param addresses the pod's addresses
 * @param gateways the gateways of its default routes, one a family
 * @param mtu the MTU of the pod's end in octets
 */
public record Attached(
    String hostDevice,
    MacAddress mac,
    List<InterfaceAddress> addresses,
    List<IpAddress> gateways,
    int mtu) {
  /** Copies the lists. */
  public Attached {
    addresses = List.copyOf(addresses);
    gateways = List.copyOf(gateways);
  }
}
