package io.denim.state;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The network between the nodes, as this node's kernel sees it: the external device and the routes
 * that Denim did not make.
 *
 * @param device the name of the external device
 * @param mtu its MTU in bytes
 * @param addresses its own addresses that are used, at most one a family
 * @param routes the main table's routes of others
 */
public record Underlay(
    String device, int mtu, List<IpAddress> addresses, List<UnderlayRoute> routes) {
  /** Copies the lists. */
  public Underlay {
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
  }

  /**
   * One route of the main table.
   *
   * @param destination where to
   * @param gateway the next hop, empty when the destination is on the link
   * @param device the name of the outgoing device
   * @param metric the route's priority; lower wins among equal destinations
   */
  public record UnderlayRoute(
      Cidr destination, Optional<IpAddress> gateway, String device, long metric) {}

  /** The address of this family on the external device. */
  public Optional<IpAddress> address(Family family) {
    return addresses.stream().filter(address -> address.family() == family).findFirst();
  }

  /** The route that the kernel would take to this address: longest prefix, then lowest metric. */
  public Optional<UnderlayRoute> routeTo(IpAddress address) {
    return routes.stream()
        .filter(route -> route.destination().contains(address))
        .min(
            Comparator.comparingInt((UnderlayRoute route) -> -route.destination().length())
                .thenComparingLong(UnderlayRoute::metric));
  }
}
