package io.denim.network.kubernetes;

import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.List;
import java.util.Optional;

/**
 * The subnets that Kubernetes gave a node.
 *
 * @param v4 of IPv4
 * @param v6 of IPv6
 */
record PodCidrs(Optional<Cidr> v4, Optional<Cidr> v6) {
  /** None yet. */
  static final PodCidrs NONE = new PodCidrs(Optional.empty(), Optional.empty());

  /** The first of each family; what is no subnet is left out. */
  static PodCidrs of(List<String> texts) {
    return new PodCidrs(first(texts, Family.IPV4), first(texts, Family.IPV6));
  }

  private static Optional<Cidr> first(List<String> texts, Family family) {
    return texts.stream()
        .flatMap(text -> Cidr.tryParse(text).stream())
        .filter(cidr -> cidr.family() == family)
        .findFirst();
  }

  boolean isEmpty() {
    return v4.isEmpty() && v6.isEmpty();
  }

  /** The subnet of a family. */
  Optional<Cidr> of(Family family) {
    return switch (family) {
      case IPV4 -> v4;
      case IPV6 -> v6;
    };
  }

  /** Whether some address belongs to both. */
  boolean overlaps(PodCidrs other) {
    return v4.flatMap(own -> other.v4.filter(own::overlaps)).isPresent()
        || v6.flatMap(own -> other.v6.filter(own::overlaps)).isPresent();
  }
}
