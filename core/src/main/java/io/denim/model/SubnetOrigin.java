package io.denim.model;

/** Who divides the pod network among nodes. It decides which rules of a configuration matter. */
public enum SubnetOrigin {
  /** The nodes themselves, by leases in a store: all keys count and are checked. */
  LEASES,
  /**
   * Kubernetes, by {@code spec.podCIDR} of a node: the keys about subnets are not used, so what
   * would be an error there is a warning here.
   */
  POD_CIDR
}
