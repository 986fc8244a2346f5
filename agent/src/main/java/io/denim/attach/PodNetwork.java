package io.denim.attach;

import io.denim.net.Cidr;
import java.util.List;

/**
 * What pods of this node are attached to.
 *
 * @param bridge the name of the bridge
 * @param subnets the node's pod subnets, at most one a family
 * @param mtu the pods' MTU in octets
 */
public record PodNetwork(String bridge, List<Cidr> subnets, int mtu) {
  /** Copies the list. */
  public PodNetwork {
    subnets = List.copyOf(subnets);
  }
}
