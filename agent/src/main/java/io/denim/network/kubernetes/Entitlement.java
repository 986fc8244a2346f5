package io.denim.network.kubernetes;

import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.LeaseRecord;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.network.NotYetException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which subnets a node has of those that the configuration asks for.
 *
 * @param record the subnets
 * @param problem what a person should know, such as a family that is missing; empty when all is
 *     well
 */
record Entitlement(LeaseRecord record, Optional<String> problem) {
  /**
   * Decides. A family that the node will never get leaves it with the other.
   *
   * @throws NotYetException when the node has no subnet yet
   * @throws InvalidConfigException when its subnets are not of the network
   */
  static Entitlement of(String node, FlannelConfig config, PodCidrs cidrs, FlannelLease lease) {
    List<Family> wanted =
        List.of(Family.values()).stream()
            .filter(family -> config.network(family).isPresent())
            .toList();
    if (cidrs.isEmpty()) {
      throw new NotYetException(
          "the node \""
              + node
              + "\" has no podCIDR yet; kube-controller-manager assigns it when it runs with"
              + " --allocate-node-cidrs and --cluster-cidr, and when that has a subnet left");
    }
    Map<Family, Cidr> found = new EnumMap<>(Family.class);
    for (Family family : wanted) {
      cidrs.of(family).ifPresent(cidr -> found.put(family, inside(node, config, family, cidr)));
    }
    if (found.isEmpty()) {
      throw InvalidConfigException.of(
          "podCIDR",
          cidrs.v4().or(cidrs::v6).map(Cidr::toString).orElse(""),
          "is not of the family of the network; EnableIPv4 and EnableIPv6 in net-conf.json must"
              + " agree with --cluster-cidr of kube-controller-manager");
    }
    Optional<String> problem =
        wanted.stream()
            .filter(family -> !found.containsKey(family))
            .map(family -> missing(node, family))
            .findFirst();
    LeaseRecord record =
        new LeaseRecord(
            Optional.ofNullable(found.get(Family.IPV4)),
            Optional.ofNullable(found.get(Family.IPV6)),
            lease);
    return new Entitlement(record, problem);
  }

  private static Cidr inside(String node, FlannelConfig config, Family family, Cidr cidr) {
    Cidr network = config.network(family).orElseThrow().network();
    if (!network.contains(cidr)) {
      // flannel's words, by which people search.
      throw InvalidConfigException.of(
          family == Family.IPV4 ? "Network" : "IPv6Network",
          network.toString(),
          "subnet \""
              + network
              + "\" specified in the flannel net config doesn't contain \""
              + cidr
              + "\" PodCIDR of the \""
              + node
              + "\" node; net-conf.json must agree with --cluster-cidr of kube-controller-manager");
    }
    return cidr;
  }

  private static String missing(String node, Family family) {
    return "the node \""
        + node
        + "\" has no "
        + family
        + " podCIDR although the network has "
        + family
        + "; its pods are without until --cluster-cidr of kube-controller-manager has both"
        + " families and the node is deleted and registered anew";
  }
}
