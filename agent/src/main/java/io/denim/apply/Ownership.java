package io.denim.apply;

import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Route;
import io.denim.net.Cidr;
import io.denim.plan.Desired;
import io.denim.plan.Devices;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells what is Denim's (or was flannel's, and so is Denim's now) from what is not. */
final class Ownership {
  /** The protocol number of Denim's routes. */
  static final int ROUTE_PROTOCOL = 68;

  private Ownership() {}

  /**
   * Whether a route is Denim's to remove: it leads into the pod networks and carries Denim's
   * number, or it has flannel's shape, which marks its routes like those made by hand: by a vxlan
   * device to the subnet's own first address, or by the external device to a gateway.
   */
  static boolean owns(Desired desired, Map<Integer, Link> links, Route route) {
    Cidr destination = route.destination();
    boolean inside =
        desired.networks().stream()
            .anyMatch(network ->
                network.contains(destination) && network.length() < destination.length());
    if (!inside) {
      return false;
    }
    if (route.protocol() == ROUTE_PROTOCOL) {
      return true;
    }
    if (route.protocol() != Route.RTPROT_BOOT || route.hops().size() != 1 || destination.isHost()) {
      return false;
    }
    Route.Hop hop = route.hops().getFirst();
    Optional<Link> link = Optional.ofNullable(links.get(hop.oif()));
    boolean tunnel =
        link.filter(l -> Devices.isVxlanName(l.name())).isPresent()
            && hop.gateway().filter(destination.address()::equals).isPresent();
    boolean direct =
        link.filter(l -> l.name().equals(desired.external())).isPresent()
            && hop.gateway().isPresent();
    return tunnel || direct;
  }

  /**
   * Whether a nexthop object is of this network: another network's agent has its own on this host.
   */
  static boolean owns(Desired desired, Nexthop nexthop) {
    return nexthop.protocol() == ROUTE_PROTOCOL
        && nexthop
            .gateway()
            .filter(gateway -> desired.networks().stream().anyMatch(n -> n.contains(gateway)))
            .isPresent();
  }

  /** Whether a link is a vxlan device of this network that is no longer wanted. */
  static boolean isAbandoned(Desired desired, List<LinkAddress> addresses, Link link) {
    return link.kind() instanceof LinkKind.Vxlan
        && Devices.isVxlanName(link.name())
        && desired.device(link.name()).isEmpty()
        && addresses.stream()
            .filter(address -> address.ifindex() == link.index())
            .anyMatch(address -> inNetworks(desired, address));
  }

  /** Whether an address lies in the pod networks. */
  static boolean inNetworks(Desired desired, LinkAddress address) {
    return desired.networks().stream()
        .anyMatch(network -> network.contains(address.address().address()));
  }
}
