package io.denim.attach;

import io.denim.net.Cidr;
import java.util.List;

/**
 * What containers of this node are attached to by default.
 *
 * @param bridge the name of the bridge, which the agent keeps
 * @param subnets the node's pod subnets, at most one a family
 * @param mtu the containers' MTU in octets
 */
public record PodNetwork(String bridge, List<Cidr> subnets, int mtu) {
  /** Copies the list. */
  public PodNetwork {
    subnets = List.copyOf(subnets);
  }
}
