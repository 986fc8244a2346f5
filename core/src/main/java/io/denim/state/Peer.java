package io.denim.state;

import io.denim.model.FlannelLease;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.Optional;

/**
 * Another node, as its record in the store shows it.
 *
 * @param name the node's name where it is known, otherwise its subnet key
 * @param subnetV4 its IPv4 pod subnet
 * @param subnetV6 its IPv6 pod subnet
 * @param lease what it has published: addresses, backend, VTEP
 */
public record Peer(
    String name, Optional<Cidr> subnetV4, Optional<Cidr> subnetV6, FlannelLease lease) {
  /** The pod subnet of one family. */
  public Optional<Cidr> subnet(Family family) {
    return switch (family) {
      case IPV4 -> subnetV4;
      case IPV6 -> subnetV6;
    };
  }
}
