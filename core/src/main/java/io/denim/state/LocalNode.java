package io.denim.state;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Map;
import java.util.Optional;

/**
 * What this node has been given.
 *
 * @param name the node's name
 * @param stacks one entry for each address family that is on and has a subnet
 * @param bridgeMac the hardware address of the pods' bridge
 * @param rules which masquerade and forward rules are wanted
 */
public record LocalNode(
    String name, Map<Family, Stack> stacks, MacAddress bridgeMac, RuleOptions rules) {
  /** Copies the map. */
  public LocalNode {
    stacks = Map.copyOf(stacks);
  }

  /** The part of one family, empty when the family is off. */
  public Optional<Stack> stack(Family family) {
    return Optional.ofNullable(stacks.get(family));
  }

  /**
   * One address family on this node.
   *
   * @param subnet the node's pod subnet
   * @param publicAddress the address that peers send to
   * @param vtepMac the hardware address of the vxlan device of this family, as it is published
   */
  public record Stack(Cidr subnet, IpAddress publicAddress, MacAddress vtepMac) {}

  /**
   * flannel's switches for rules.
   *
   * @param masquerade {@code --ip-masq}
   * @param randomFully false for {@code --ip-masq-fully-random-disable}
   * @param forward {@code --iptables-forward-rules}
   * @param blackhole {@code --ip-blackhole-route}: no bridge holds the node's subnet, a blackhole
   *     route does
   */
  public record RuleOptions(
      boolean masquerade, boolean randomFully, boolean forward, boolean blackhole) {}
}
