package io.denim.apply;

import io.denim.apply.Observed.Part;
import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.Neighbour;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Route;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.plan.Desired.ForwardingEntry;
import io.denim.plan.Desired.NeighbourEntry;
import io.denim.plan.Desired.RouteEntry;
import io.denim.plan.PeerObjects;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The steps where nothing but some peers has changed, so that the kernel need not be read. */
final class PeerDifference {
  private final Map<String, Link> byName = new HashMap<>();
  private final Steps steps = new Steps();

  private PeerDifference(List<Link> links) {
    links.forEach(link -> byName.put(link.name(), link));
  }

  /**
   * The steps from what these peers had to what they should have, in the order of a {@link
   * Difference}; all else is as it should be. Empty when a device is not there. That a route to be
   * taken away is not there counts as a failure, since then all else is not as it should be.
   *
   * @param links all links
   */
  static Optional<List<Step>> between(List<Link> links, PeerObjects before, PeerObjects after) {
    PeerDifference difference = new PeerDifference(links);
    boolean complete =
        after.routes().stream().allMatch(entry -> difference.byName.containsKey(entry.device()));
    if (!complete) {
      return Optional.empty();
    }
    difference.find(before, after);
    return Optional.of(difference.steps.inOrder());
  }

  private void find(PeerObjects before, PeerObjects after) {
    for (NeighbourEntry entry : added(before.neighbours(), after.neighbours())) {
      steps.make(
          Part.NEIGHBOURS, Neighbour.replace(index(entry.device()), entry.address(), entry.mac()));
    }
    for (ForwardingEntry entry : added(before.forwarding(), after.forwarding())) {
      steps.make(
          Part.FORWARDING, FdbEntry.replace(index(entry.device()), entry.mac(), entry.remote()));
    }
    Map<Cidr, String> deviceBefore = new HashMap<>();
    before.routes().forEach(entry -> deviceBefore.put(entry.destination(), entry.device()));
    for (RouteEntry entry : added(before.routes(), after.routes())) {
      String device = deviceBefore.getOrDefault(entry.destination(), entry.device());
      Route route = RouteDifference.route(entry, index(entry.device()));
      RouteDifference.replace(route, !device.equals(entry.device()), Map.of(), steps);
    }
    goneRoutes(before.routes(), after.routes());
    Set<String> kept = new HashSet<>();
    after.neighbours().forEach(entry -> kept.add(entry.device() + " " + entry.address()));
    after.forwarding().forEach(entry -> kept.add(entry.device() + " " + entry.mac()));
    for (NeighbourEntry entry : before.neighbours()) {
      Link link = byName.get(entry.device());
      if (link != null && !kept.contains(entry.device() + " " + entry.address())) {
        steps.remove(Part.NEIGHBOURS, Neighbour.delete(link.index(), entry.address()));
      }
    }
    for (ForwardingEntry entry : before.forwarding()) {
      Link link = byName.get(entry.device());
      if (link != null && !kept.contains(entry.device() + " " + entry.mac())) {
        steps.remove(Part.FORWARDING, FdbEntry.delete(link.index(), entry.mac(), entry.remote()));
      }
    }
  }

  private void goneRoutes(List<RouteEntry> before, List<RouteEntry> after) {
    Set<Cidr> destinations = new HashSet<>();
    Set<IpAddress> gateways = new HashSet<>();
    for (RouteEntry entry : after) {
      destinations.add(entry.destination());
      gateways.add(entry.gateway());
    }
    List<Nexthop> nexthopsGone = new ArrayList<>();
    for (RouteEntry entry : before) {
      Link link = byName.get(entry.device());
      if (link == null) {
        continue;
      }
      Route route = RouteDifference.route(entry, link.index());
      Optional<Nexthop> tunnel = RouteDifference.tunnelNexthop(route);
      if (!destinations.contains(entry.destination())) {
        Route known = tunnel.map(nexthop -> route.withNexthop(nexthop.id())).orElse(route);
        steps.removePresent(Part.ROUTES, known.delete());
      }
      if (!gateways.contains(entry.gateway())) {
        tunnel.ifPresent(nexthopsGone::add);
      }
    }
    nexthopsGone.forEach(nexthop -> steps.remove(Part.NEXTHOPS, Nexthop.delete(nexthop.id())));
  }

  private int index(String device) {
    return Objects.requireNonNull(byName.get(device), device).index();
  }

  private static <T> List<T> added(List<T> before, List<T> after) {
    Set<T> had = new HashSet<>(before);
    return after.stream().filter(entry -> !had.contains(entry)).toList();
  }
}
