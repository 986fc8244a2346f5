package io.denim.model;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;

/**
 * The pod network of one address family and how it is divided among nodes.
 *
 * @param network all pod addresses
 * @param subnetLength the prefix length of a node's subnet
 * @param subnetMin the address of the first subnet that is handed out
 * @param subnetMax the address of the last subnet that is handed out
 */
public record FlannelNetwork(
    Cidr network, int subnetLength, IpAddress subnetMin, IpAddress subnetMax) {
  /** The first subnet that is handed out. */
  public Cidr first() {
    return Cidr.of(subnetMin, subnetLength);
  }

  /** The last subnet that is handed out. */
  public Cidr last() {
    return Cidr.of(subnetMax, subnetLength);
  }

  /**
   * Whether a subnet may be used under this configuration: it has the length and lies between the
   * first and the last.
   */
  public boolean allows(Cidr subnet) {
    return subnet.family() == network.family()
        && subnet.length() == subnetLength
        && subnet.address().compareTo(subnetMin) >= 0
        && subnet.address().compareTo(subnetMax) <= 0;
  }
}
