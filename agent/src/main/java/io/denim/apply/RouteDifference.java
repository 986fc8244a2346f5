package io.denim.apply;

import io.denim.apply.Observed.Part;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Route;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.plan.Desired;
import io.denim.plan.Desired.RouteEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The part of a {@link Difference} that is about routes and the nexthop objects of tunnels. */
final class RouteDifference {
  private final Desired desired;
  private final Observed observed;
  private final Map<String, Link> byName;
  private final Map<Integer, Link> byIndex;
  private final Map<Integer, Nexthop> nexthops = new HashMap<>();
  private final List<Route> aroundNetworks;
  private final Steps steps;

  /**
   * Of what should be to what is.
   *
   * @param byName the links that there are and that stay
   * @param byIndex all links, by their numbers
   * @param steps gets what is found
   */
  RouteDifference(
      Desired desired,
      Observed observed,
      Map<String, Link> byName,
      Map<Integer, Link> byIndex,
      Steps steps) {
    this.desired = desired;
    this.observed = observed;
    this.byName = byName;
    this.byIndex = byIndex;
    this.steps = steps;
    observed.nexthops().forEach(nexthop -> nexthops.put(nexthop.id(), nexthop));
    aroundNetworks =
        observed.routes().stream()
            .filter(route -> route.destination().length() > 0)
            .filter(route -> desired.networks().stream().anyMatch(route.destination()::contains))
            .toList();
  }

  /** The route of a desired one, by the link of this number. */
  static Route route(RouteEntry entry, int ifindex) {
    return Route.via(
        entry.destination(), entry.gateway(), ifindex, entry.onlink(), Ownership.ROUTE_PROTOCOL);
  }

  /** Finds them. */
  void find() {
    Map<Cidr, List<Route>> present = new HashMap<>();
    for (Route route : observed.routes()) {
      present.computeIfAbsent(route.destination(), _ -> new ArrayList<>(1)).add(route);
    }
    Set<Cidr> wanted = new HashSet<>();
    for (RouteEntry entry : desired.routes()) {
      wanted.add(entry.destination());
      Link link = byName.get(entry.device());
      if (link != null) {
        reach(route(entry, link.index()), present.getOrDefault(entry.destination(), List.of()));
      }
    }
    bridgeRoutes(present);
    blackholes(present);
    wanted.addAll(desired.blackholes());
    if (desired.allPeers()) {
      abandonedRoutes(wanted);
      abandonedNexthops();
    }
  }

  private void abandonedRoutes(Set<Cidr> wanted) {
    for (Route route : observed.routes()) {
      if (!wanted.contains(route.destination()) && Ownership.owns(desired, byIndex, route)) {
        steps.remove(Part.ROUTES, route.delete());
      }
    }
  }

  /**
   * The nexthop object of a route into an IPv4 tunnel. For a route without one the kernel searches
   * an equal next hop among all routes of the device (fib_find_info), so that thousands of them
   * take a time that grows with the square of their number. The gateway's bits are the id: they are
   * unique in the network and the same after a restart.
   */
  static Optional<Nexthop> tunnelNexthop(Route route) {
    Route.Hop hop = route.hops().getFirst();
    return hop.gateway()
        .filter(gateway -> hop.onlink() && gateway.isV4())
        .map(gateway ->
            new Nexthop(
                gateway.low32(),
                Family.IPV4,
                hop.gateway(),
                hop.oif(),
                true,
                List.of(),
                Ownership.ROUTE_PROTOCOL));
  }

  /** Where net.ipv4.nexthop_compat_mode is off, a route names only its nexthop object. */
  private boolean leadsLike(Route route, List<Route.Hop> hops) {
    Nexthop nexthop = nexthops.get(route.nexthopId());
    return route.hops().equals(hops)
        || (nexthop != null
            && hops.equals(
                List.of(new Route.Hop(nexthop.gateway(), nexthop.oif(), nexthop.onlink(), 1))));
  }

  /** After its routes, which would vanish with it without a word. */
  private void abandonedNexthops() {
    Set<Integer> wanted = new HashSet<>();
    for (RouteEntry entry : desired.routes()) {
      if (entry.onlink() && entry.gateway().isV4()) {
        wanted.add(entry.gateway().low32());
      }
    }
    for (Nexthop nexthop : observed.nexthops()) {
      if (Ownership.owns(desired, nexthop) && !wanted.contains(nexthop.id())) {
        steps.remove(Part.NEXTHOPS, Nexthop.delete(nexthop.id()));
      }
    }
  }

  /**
   * One replacing message where the first route of this metric leads elsewhere; further ones of
   * Denim's are taken away.
   */
  private void reach(Route route, List<Route> present) {
    List<Route> same = present.stream().filter(other -> other.metric() == route.metric()).toList();
    boolean right =
        !same.isEmpty()
            && same.getFirst().type() == Route.Type.UNICAST
            && leadsLike(same.getFirst(), route.hops());
    if (!right) {
      replace(route, leadsElsewhere(route, present), nexthops, steps);
    }
    present.stream()
        .filter(other -> same.isEmpty() || !other.equals(same.getFirst()))
        .filter(other -> Ownership.owns(desired, byIndex, other))
        .forEach(other -> steps.remove(Part.ROUTES, other.delete()));
  }

  /** Whether the table leads to a route's gateway by another link than the route's. */
  private boolean leadsElsewhere(Route route, List<Route> present) {
    Route.Hop hop = route.hops().getFirst();
    return Stream.concat(present.stream(), aroundNetworks.stream())
        .anyMatch(other ->
            other.destination().contains(route.destination())
                && other.hops().stream().anyMatch(way -> way.oif() != hop.oif()));
  }

  /**
   * Makes a route, by one replacing message and what that needs.
   *
   * @param leadsElsewhere whether the table leads to the gateway by another link
   * @param present the nexthop objects that there are, by their numbers
   */
  static void replace(
      Route route, boolean leadsElsewhere, Map<Integer, Nexthop> present, Steps steps) {
    Optional<Route> guide = leadsElsewhere ? guide(route) : Optional.empty();
    guide.ifPresent(toGateway -> {
      steps.make(Part.ROUTES, toGateway.replace());
      steps.remove(Part.ROUTES, toGateway.delete());
    });
    Optional<Nexthop> tunnel = tunnelNexthop(route);
    tunnel
        .filter(nexthop -> !nexthop.equals(present.get(nexthop.id())))
        .ifPresent(nexthop -> steps.make(Part.NEXTHOPS, nexthop.replace()));
    steps.make(
        Part.ROUTES,
        tunnel.map(nexthop -> route.withNexthop(nexthop.id())).orElse(route).replace());
  }

  /**
   * A route to the gateway alone, for as long as a route into an IPv6 tunnel is being made: the
   * kernel refuses a gateway on a link when its table leads to it by another link
   * (ip6_route_check_nh_onlink), and does not look again later. The route that is replaced leads
   * there, since the gateway is the first address of its own destination.
   */
  private static Optional<Route> guide(Route route) {
    Route.Hop hop = route.hops().getFirst();
    return hop.gateway()
        .filter(gateway -> hop.onlink() && !gateway.isV4())
        .map(gateway -> Route.onLink(Cidr.host(gateway), hop.oif(), Ownership.ROUTE_PROTOCOL));
  }

  private void blackholes(Map<Cidr, List<Route>> present) {
    for (Cidr prefix : desired.blackholes()) {
      // Where some other route to the whole prefix stands, it is left: replacing it would cut its
      // pods off.
      if (present.getOrDefault(prefix, List.of()).isEmpty()) {
        steps.make(Part.ROUTES, Route.blackhole(prefix, Ownership.ROUTE_PROTOCOL).replace());
      }
    }
  }

  /**
   * The kernel makes a bridge's connected route with its address, but not again when somebody
   * deletes it.
   */
  private void bridgeRoutes(Map<Cidr, List<Route>> present) {
    for (Desired.Device device : desired.devices()) {
      Link link = byName.get(device.name());
      if (link == null || !link.up() || !(device instanceof Desired.BridgeDevice)) {
        continue;
      }
      for (InterfaceAddress address : device.addresses()) {
        boolean there =
            present.getOrDefault(address.subnet(), List.of()).stream()
                .anyMatch(route ->
                    route.hops().size() == 1
                        && route.hops().getFirst().oif() == link.index()
                        && route.hops().getFirst().gateway().isEmpty());
        boolean assigned =
            observed.addresses().stream()
                .anyMatch(a -> a.ifindex() == link.index() && a.address().equals(address));
        if (!there && assigned) {
          Route route = Route.onLink(address.subnet(), link.index(), Route.RTPROT_KERNEL);
          steps.make(
              Part.ROUTES,
              (address.address().isV4()
                      ? route.withSource(address.address())
                      : route.withMetric(256))
                  .replace());
        }
      }
    }
  }
}
