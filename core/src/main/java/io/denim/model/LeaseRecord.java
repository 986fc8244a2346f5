package io.denim.model;

import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.Optional;

/**
 * A node's subnets with what it publishes.
 *
 * @param v4 the IPv4 subnet; only Kubernetes has records without one
 * @param v6 the IPv6 subnet
 * @param lease what the node publishes
 */
public record LeaseRecord(Optional<Cidr> v4, Optional<Cidr> v6, FlannelLease lease) {
  /** Checks that there is a subnet. */
  public LeaseRecord {
    if (v4.isEmpty() && v6.isEmpty()) {
      throw new IllegalArgumentException("a lease is of one subnet at least");
    }
  }

  /** The record of a key and a value in etcd. */
  public static LeaseRecord of(SubnetKey key, FlannelLease lease) {
    return new LeaseRecord(Optional.of(key.v4()), key.v6(), lease);
  }

  /** The subnet of a family. */
  public Optional<Cidr> subnet(Family family) {
    return switch (family) {
      case IPV4 -> v4;
      case IPV6 -> v6;
    };
  }

  /** The name of this record in etcd; empty for a record without an IPv4 subnet. */
  public Optional<SubnetKey> key() {
    return v4.map(subnet -> new SubnetKey(subnet, v6));
  }
}
