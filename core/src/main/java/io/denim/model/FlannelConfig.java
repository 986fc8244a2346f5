package io.denim.model;

import io.denim.net.Family;
import java.util.List;
import java.util.Optional;

/**
 * flannel's {@code net-conf.json}, the one configuration of a network: the same for all nodes.
 *
 * @param enableIpv4 whether pods have IPv4 addresses
 * @param enableIpv6 whether pods have IPv6 addresses
 * @param enableNftables {@code EnableNFTables}: which of flannel's two ways of writing rules was
 *     asked for
 * @param ipv4 the IPv4 network; empty exactly when IPv4 is off
 * @param ipv6 the IPv6 network; empty exactly when IPv6 is off
 * @param backend how packets travel
 * @param warnings what is accepted but probably not meant, in words for a person
 */
public record FlannelConfig(
    boolean enableIpv4,
    boolean enableIpv6,
    boolean enableNftables,
    Optional<FlannelNetwork> ipv4,
    Optional<FlannelNetwork> ipv6,
    Backend backend,
    List<String> warnings) {
  /** Checks that networks and switches agree and copies the list. */
  public FlannelConfig {
    if (enableIpv4 != ipv4.isPresent() || enableIpv6 != ipv6.isPresent()) {
      throw new IllegalArgumentException("a family has a network exactly when it is on");
    }
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads the JSON of a network whose subnets the nodes lease.
   *
   * @throws InvalidConfigException with all that is wrong
   */
  public static FlannelConfig parse(String json) {
    return parse(json, SubnetOrigin.LEASES);
  }

  /**
   * Reads the JSON.
   *
   * @throws InvalidConfigException with all that is wrong
   */
  public static FlannelConfig parse(String json, SubnetOrigin origin) {
    return new FlannelConfigReader(json, origin).read();
  }

  /** The network of a family; empty when the family is off. */
  public Optional<FlannelNetwork> network(Family family) {
    return switch (family) {
      case IPV4 -> ipv4;
      case IPV6 -> ipv6;
    };
  }
}
