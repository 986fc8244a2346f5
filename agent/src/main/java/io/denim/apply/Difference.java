package io.denim.apply;

import io.denim.apply.Observed.Part;
import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Neighbour;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Request;
import io.denim.linux.netlink.Route;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Desired;
import io.denim.plan.Desired.ForwardingEntry;
import io.denim.plan.Desired.NeighbourEntry;
import io.denim.plan.Desired.RouteEntry;
import io.denim.plan.Desired.SysctlRule;
import io.denim.plan.PeerObjects;
import io.denim.state.PodPorts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The steps from what the kernel has to what it should have, in a safe order. Steps that need a
 * device which is still to be made are left out; the next round has them.
 */
public final class Difference {
  private final Desired desired;
  private final Observed observed;
  private final Map<String, Link> byName = new HashMap<>();
  private final Map<Integer, Link> byIndex = new HashMap<>();
  private final Map<Integer, Nexthop> nexthops = new HashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Step> removals = new ArrayList<>();
  private final List<Route> aroundNetworks;

  private Difference(Desired desired, Observed observed) {
    this.desired = desired;
    this.observed = observed;
    for (Link link : observed.links()) {
      byName.put(link.name(), link);
      byIndex.put(link.index(), link);
    }
    observed.nexthops().forEach(nexthop -> nexthops.put(nexthop.id(), nexthop));
    aroundNetworks =
        observed.routes().stream()
            .filter(route -> route.destination().length() > 0)
            .filter(route -> desired.networks().stream().anyMatch(route.destination()::contains))
            .toList();
  }

  /**
   * The steps, in the order in which they are to be executed; empty when all is as it should be.
   */
  public static List<Step> between(Desired desired, Observed observed) {
    Difference difference = new Difference(desired, observed);
    difference.devices();
    difference.sysctls();
    difference.addresses();
    difference.up();
    difference.neighbours();
    difference.forwarding();
    difference.table();
    difference.routes();
    difference.abandonedDevices();
    difference.steps.addAll(difference.removals);
    return List.copyOf(difference.steps);
  }

  /**
   * The steps for some peers only, from what they had to what they should have, in the same order;
   * all else is as it should be. Empty when a device is not there. That something to be taken away
   * is not there counts as a failure, since then all else is not as it should be.
   *
   * @param links all links
   */
  static Optional<List<Step>> ofPeers(List<Link> links, PeerObjects before, PeerObjects after) {
    Difference difference = new Difference(Desired.NOTHING, Observed.NOTHING.withLinks(links));
    boolean complete =
        after.routes().stream().allMatch(entry -> difference.byName.containsKey(entry.device()));
    if (!complete) {
      return Optional.empty();
    }
    difference.peers(before, after);
    difference.steps.addAll(difference.removals);
    return Optional.of(List.copyOf(difference.steps));
  }

  private void peers(PeerObjects before, PeerObjects after) {
    for (NeighbourEntry entry : added(before.neighbours(), after.neighbours())) {
      make(Part.NEIGHBOURS, Neighbour.replace(index(entry.device()), entry.address(), entry.mac()));
    }
    for (ForwardingEntry entry : added(before.forwarding(), after.forwarding())) {
      make(Part.FORWARDING, FdbEntry.replace(index(entry.device()), entry.mac(), entry.remote()));
    }
    Map<Cidr, String> deviceBefore = new HashMap<>();
    before.routes().forEach(entry -> deviceBefore.put(entry.destination(), entry.device()));
    for (RouteEntry entry : added(before.routes(), after.routes())) {
      String device = deviceBefore.getOrDefault(entry.destination(), entry.device());
      replace(route(entry, index(entry.device())), !device.equals(entry.device()));
    }
    goneRoutes(before.routes(), after.routes());
    Set<String> kept = new HashSet<>();
    after.neighbours().forEach(entry -> kept.add(entry.device() + " " + entry.address()));
    after.forwarding().forEach(entry -> kept.add(entry.device() + " " + entry.mac()));
    for (NeighbourEntry entry : before.neighbours()) {
      Link link = byName.get(entry.device());
      if (link != null && !kept.contains(entry.device() + " " + entry.address())) {
        remove(Part.NEIGHBOURS, Neighbour.delete(link.index(), entry.address()));
      }
    }
    for (ForwardingEntry entry : before.forwarding()) {
      Link link = byName.get(entry.device());
      if (link != null && !kept.contains(entry.device() + " " + entry.mac())) {
        remove(Part.FORWARDING, FdbEntry.delete(link.index(), entry.mac(), entry.remote()));
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
    List<Step> nexthopsGone = new ArrayList<>();
    for (RouteEntry entry : before) {
      Link link = byName.get(entry.device());
      if (link == null) {
        continue;
      }
      Route route = route(entry, link.index());
      Optional<Nexthop> tunnel = tunnelNexthop(route);
      if (!destinations.contains(entry.destination())) {
        Route known = tunnel.map(nexthop -> route.withNexthop(nexthop.id())).orElse(route);
        removals.add(new Step.Netlink(Part.ROUTES, known.delete(), false));
      }
      if (!gateways.contains(entry.gateway())) {
        tunnel.ifPresent(nexthop ->
            nexthopsGone.add(new Step.Netlink(Part.NEXTHOPS, Nexthop.delete(nexthop.id()), true)));
      }
    }
    removals.addAll(nexthopsGone);
  }

  private int index(String device) {
    return Objects.requireNonNull(byName.get(device), device).index();
  }

  private static <T> List<T> added(List<T> before, List<T> after) {
    Set<T> had = new HashSet<>(before);
    return after.stream().filter(entry -> !had.contains(entry)).toList();
  }

  private static Route route(RouteEntry entry, int ifindex) {
    return Route.via(
        entry.destination(), entry.gateway(), ifindex, entry.onlink(), Ownership.ROUTE_PROTOCOL);
  }

  private void make(Part part, Request request) {
    steps.add(new Step.Netlink(part, request, false));
  }

  private void remove(Part part, Request request) {
    removals.add(new Step.Netlink(part, request, true));
  }

  private void devices() {
    for (Desired.Device device : desired.devices()) {
      Optional<Link> present = Optional.ofNullable(byName.get(device.name()));
      Optional<LinkKind> kind = kind(device);
      if (kind.isEmpty()) {
        continue;
      }
      boolean foreign =
          present
              .filter(link -> !link.kind().kernelName().equals(kind.get().kernelName()))
              .isPresent();
      if (present.isEmpty() || foreign) {
        // Of a device of another kind nothing is touched; the kernel says that its name is taken.
        byName.remove(device.name());
        create(device, kind.get());
        continue;
      }
      Link link = present.get();
      if (mustBeMadeAnew(kind.get(), link.kind())) {
        make(Part.LINKS, Links.delete(link.index()));
        create(device, kind.get());
        byName.remove(device.name());
        continue;
      }
      change(device, kind.get(), link);
    }
  }

  private Optional<LinkKind> kind(Desired.Device device) {
    return switch (device) {
      case Desired.BridgeDevice _ -> Optional.of(new LinkKind.Bridge());
      case Desired.VxlanDevice vxlan ->
          Optional.ofNullable(byName.get(vxlan.lower()))
              .map(lower ->
                  new LinkKind.Vxlan(
                      vxlan.vni(),
                      Optional.of(vxlan.local()),
                      lower.index(),
                      vxlan.port(),
                      vxlan.learning(),
                      vxlan.gbp()));
    };
  }

  private void create(Desired.Device device, LinkKind kind) {
    make(
        Part.LINKS,
        Links.create(Links.Spec.of(device.name(), kind).mac(device.mac()).mtu(device.mtu())));
  }

  /** The kernel changes neither VNI nor port nor group policy of a device. */
  private static boolean mustBeMadeAnew(LinkKind wanted, LinkKind present) {
    return wanted instanceof LinkKind.Vxlan want
        && present instanceof LinkKind.Vxlan have
        && (want.vni() != have.vni() || want.port() != have.port() || want.gbp() != have.gbp());
  }

  private void change(Desired.Device device, LinkKind kind, Link link) {
    if (kind instanceof LinkKind.Vxlan vxlan && !vxlan.equals(link.kind())) {
      make(Part.LINKS, Links.vxlan(link.index(), vxlan));
    }
    if (link.mac().filter(device.mac()::equals).isEmpty()) {
      make(Part.LINKS, Links.mac(link.index(), device.mac()));
    }
    if (link.mtu() != device.mtu()) {
      make(Part.LINKS, Links.mtu(link.index(), device.mtu()));
    }
    if (device instanceof Desired.BridgeDevice) {
      for (Link port : observed.links()) {
        if (PodPorts.OF_NODE_BRIDGE.contains(port.group()) && port.master() != link.index()) {
          make(Part.LINKS, Links.master(port.index(), link.index()));
          make(Part.LINKS, Links.hairpin(port.index(), port.group() == PodPorts.GROUP));
        }
      }
    }
  }

  private void sysctls() {
    for (SysctlRule rule : desired.sysctls()) {
      Optional<String> value = Optional.ofNullable(observed.sysctls().get(rule.path()));
      Optional<String> wanted =
          switch (rule) {
            case SysctlRule.Exactly(_, String exact) -> Optional.of(exact);
            case SysctlRule.Instead(_, String of, String other) ->
                value.filter(of::equals).map(_ -> other);
            case SysctlRule.NotStrict(String path) -> {
              String all = path.substring(0, "net/ipv4/conf/".length()) + "all/rp_filter";
              boolean strict =
                  value.filter("1"::equals).isPresent() || "1".equals(observed.sysctls().get(all));
              yield strict && value.filter("2"::equals).isEmpty()
                  ? Optional.of("2")
                  : Optional.<String>empty();
            }
          };
      if (value.isPresent() && wanted.isPresent() && !value.equals(wanted)) {
        steps.add(new Step.Sysctl(rule.path(), wanted.get()));
      }
    }
  }

  private void addresses() {
    for (Desired.Device device : desired.devices()) {
      Link link = byName.get(device.name());
      if (link == null) {
        continue;
      }
      Set<InterfaceAddress> present = new HashSet<>();
      for (LinkAddress address : observed.addresses()) {
        if (address.ifindex() == link.index()) {
          present.add(address.address());
          boolean ours = Ownership.inNetworks(desired, address);
          if (ours && !device.addresses().contains(address.address())) {
            remove(Part.ADDRESSES, LinkAddress.delete(link.index(), address.address()));
          }
        }
      }
      for (InterfaceAddress address : device.addresses()) {
        if (!present.contains(address)) {
          make(Part.ADDRESSES, LinkAddress.replace(link.index(), address));
        }
      }
    }
  }

  private void up() {
    for (Desired.Device device : desired.devices()) {
      Link link = byName.get(device.name());
      if (link != null && !link.up()) {
        make(Part.LINKS, Links.up(link.index()));
      }
    }
  }

  private void neighbours() {
    Map<String, MacAddress> present = new HashMap<>();
    Set<String> wanted = new HashSet<>();
    for (NeighbourEntry entry : desired.neighbours()) {
      wanted.add(entry.device() + " " + entry.address());
    }
    for (Neighbour neighbour : observed.neighbours()) {
      Link link = byIndex.get(neighbour.ifindex());
      if (link == null || !neighbour.permanent()) {
        continue;
      }
      String key = link.name() + " " + neighbour.address();
      neighbour.mac().ifPresent(mac -> present.put(key, mac));
      if (!wanted.contains(key) && desired.device(link.name()).isPresent()) {
        remove(Part.NEIGHBOURS, Neighbour.delete(link.index(), neighbour.address()));
      }
    }
    for (NeighbourEntry entry : desired.neighbours()) {
      Link link = byName.get(entry.device());
      if (link != null
          && !entry.mac().equals(present.get(entry.device() + " " + entry.address()))) {
        make(Part.NEIGHBOURS, Neighbour.replace(link.index(), entry.address(), entry.mac()));
      }
    }
  }

  private void forwarding() {
    Map<String, IpAddress> wanted = new HashMap<>();
    for (ForwardingEntry entry : desired.forwarding()) {
      wanted.put(entry.device() + " " + entry.mac(), entry.remote());
    }
    Set<String> right = new HashSet<>();
    for (FdbEntry entry : observed.forwarding()) {
      Link link = byIndex.get(entry.ifindex());
      if (link == null || entry.remote().isEmpty() || !entry.permanent()) {
        continue;
      }
      String key = link.name() + " " + entry.mac();
      if (entry.remote().get().equals(wanted.get(key))) {
        right.add(key);
      } else if (!wanted.containsKey(key) || right.contains(key)) {
        remove(Part.FORWARDING, FdbEntry.delete(link.index(), entry.mac(), entry.remote().get()));
      }
    }
    for (ForwardingEntry entry : desired.forwarding()) {
      Link link = byName.get(entry.device());
      if (link != null && !right.contains(entry.device() + " " + entry.mac())) {
        make(Part.FORWARDING, FdbEntry.replace(link.index(), entry.mac(), entry.remote()));
      }
    }
  }

  private void table() {
    var wanted = Rules.table(desired.firewall());
    if (observed.table().filter(wanted::equals).isEmpty()) {
      steps.add(new Step.Table(wanted, observed.table().isEmpty()));
    }
  }

  private void routes() {
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
    for (Route route : observed.routes()) {
      if (!wanted.contains(route.destination()) && Ownership.owns(desired, byIndex, route)) {
        remove(Part.ROUTES, route.delete());
      }
    }
    abandonedNexthops();
  }

  /**
   * The nexthop object of a route into an IPv4 tunnel. For a route without one the kernel searches
   * an equal next hop among all routes of the device (fib_find_info), so that thousands of them
   * take a time that grows with the square of their number. The gateway's bits are the id: they are
   * unique in the network and the same after a restart.
   */
  private static Optional<Nexthop> tunnelNexthop(Route route) {
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
        remove(Part.NEXTHOPS, Nexthop.delete(nexthop.id()));
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
      replace(route, leadsElsewhere(route, present));
    }
    present.stream()
        .filter(other -> same.isEmpty() || !other.equals(same.getFirst()))
        .filter(other -> Ownership.owns(desired, byIndex, other))
        .forEach(other -> remove(Part.ROUTES, other.delete()));
  }

  /** Whether the table leads to a route's gateway by another link than the route's. */
  private boolean leadsElsewhere(Route route, List<Route> present) {
    Route.Hop hop = route.hops().getFirst();
    return Stream.concat(present.stream(), aroundNetworks.stream())
        .anyMatch(other ->
            other.destination().contains(route.destination())
                && other.hops().stream().anyMatch(way -> way.oif() != hop.oif()));
  }

  private void replace(Route route, boolean leadsElsewhere) {
    Optional<Route> guide = leadsElsewhere ? guide(route) : Optional.empty();
    guide.ifPresent(toGateway -> {
      make(Part.ROUTES, toGateway.replace());
      remove(Part.ROUTES, toGateway.delete());
    });
    Optional<Nexthop> tunnel = tunnelNexthop(route);
    tunnel
        .filter(nexthop -> !nexthop.equals(nexthops.get(nexthop.id())))
        .ifPresent(nexthop -> make(Part.NEXTHOPS, nexthop.replace()));
    make(
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
        make(Part.ROUTES, Route.blackhole(prefix, Ownership.ROUTE_PROTOCOL).replace());
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
          make(
              Part.ROUTES,
              (address.address().isV4()
                      ? route.withSource(address.address())
                      : route.withMetric(256))
                  .replace());
        }
      }
    }
  }

  private void abandonedDevices() {
    for (Link link : observed.links()) {
      if (Ownership.isAbandoned(desired, observed.addresses(), link)) {
        remove(Part.LINKS, Links.delete(link.index()));
      }
    }
  }
}
