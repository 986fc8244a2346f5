package io.denim.lab;

import io.denim.lab.LabConfig.Router;
import io.denim.lab.LabConfig.Subnet;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Netem;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What stands in for cables, switches and routers: one bridge a subnet in a namespace of switches,
 * a namespace for each router and node, and one for the world outside.
 */
final class Underlay implements AutoCloseable {
  /** The nodes' device towards the network. */
  static final String NODE_DEVICE = "eth0";

  private final LabConfig config;
  private final Namespace switches = Namespace.create();
  private final Map<String, Namespace> namespaces = new LinkedHashMap<>();
  private int port;

  Underlay(LabConfig config) {
    this.config = config;
    try {
      build();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void build() {
    try (Rtnetlink rack = Rtnetlink.open(switches)) {
      for (Subnet subnet : config.subnets()) {
        rack.execute(
            Links.create(
                Links.Spec.of(bridge(subnet), new LinkKind.Bridge())
                    .mac(mac(0xfe00 + config.subnets().indexOf(subnet)))
                    .mtu(config.mtu())
                    .upAtOnce()));
      }
      config.routers().forEach(router -> addRouter(rack, router));
      if (config.store().hasControlPlane()) {
        addEnd(rack, LabConfig.CONTROL_PLANE, config.subnets().getFirst().name());
      }
      config.nodes().forEach(node -> addEnd(rack, node.name(), node.subnet()));
    }
    if (config.routers().stream().anyMatch(Router::outside)) {
      addOutside();
    }
  }

  private String bridge(Subnet subnet) {
    return "sw" + config.subnets().indexOf(subnet);
  }

  private static MacAddress mac(int number) {
    return new MacAddress(0x02de_0000_0000L | number);
  }

  private void addRouter(Rtnetlink rack, Router router) {
    Namespace namespace = host(router.name());
    forward(namespace);
    for (String name : router.subnets()) {
      Subnet subnet = config.subnet(name).orElseThrow();
      int device = plug(rack, subnet, namespace, subnet.name());
      for (Family family : Family.values()) {
        config
            .addressOf(router, subnet, family)
            .ifPresent(address -> assign(namespace, device, address));
      }
    }
  }

  private static void forward(Namespace namespace) {
    Sysctl sysctl = Sysctl.of(namespace);
    sysctl.write("net/ipv4/ip_forward", "1");
    sysctl.write("net/ipv6/conf/all/forwarding", "1");
  }

  /** A host that is no router: a node or the host of the control plane. */
  private void addEnd(Rtnetlink rack, String name, String subnetName) {
    Namespace namespace = host(name);
    Subnet subnet = config.subnet(subnetName).orElseThrow();
    int device = plug(rack, subnet, namespace, NODE_DEVICE);
    Optional<Router> router = config.routersOf(subnet.name()).stream().findFirst();
    for (Family family : Family.values()) {
      Optional<InterfaceAddress> own =
          name.equals(LabConfig.CONTROL_PLANE)
              ? config.controlPlaneAddress(family)
              : config.node(name).flatMap(node -> config.addressOf(node, family));
      own.ifPresent(address -> assign(namespace, device, address));
      Optional<IpAddress> gateway =
          router.flatMap(r -> config.addressOf(r, subnet, family)).map(InterfaceAddress::address);
      gateway.ifPresent(address -> defaultRoute(namespace, device, address));
      if (gateway.isEmpty() && own.isPresent()) {
        // The agent chooses its interface by the default route, as flanneld does; a lone subnet
        // needs one too.
        try (Rtnetlink inside = Rtnetlink.open(namespace)) {
          Cidr all = family == Family.IPV4 ? Cidr.ALL_V4 : Cidr.ALL_V6;
          inside.execute(Route.onLink(all, device, Route.RTPROT_BOOT).replace());
        }
      }
    }
  }

  private Namespace host(String name) {
    Namespace namespace = Namespace.create();
    namespaces.put(name, namespace);
    try (Rtnetlink inside = Rtnetlink.open(namespace)) {
      inside.link("lo").ifPresent(lo -> inside.execute(Links.up(lo.index())));
    }
    return namespace;
  }

  /** A cable from a subnet's switch to a host; gives the index of the host's end. */
  private int plug(Rtnetlink rack, Subnet subnet, Namespace host, String device) {
    port++;
    int bridge = rack.link(bridge(subnet)).orElseThrow().index();
    var pair = new LinkKind.VethPair(device, mac(port), config.mtu(), Optional.of(host));
    String name = "p" + port;
    rack.execute(
        Links.create(
            Links.Spec.of(name, pair)
                .mac(mac(0x1_0000 + port))
                .mtu(config.mtu())
                .master(bridge)
                .upAtOnce()));
    if (!subnet.latency().isZero()) {
      delay(rack, rack.link(name).orElseThrow().index(), subnet);
    }
    return up(host, device);
  }

  private static void delay(Rtnetlink rack, int port, Subnet subnet) {
    try {
      rack.execute(Netem.delay(port, subnet.latency()));
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      throw new LabException(
          "subnet "
              + subnet.name()
              + " has a latency, but this kernel has no netem to hold packets back; load it on the"
              + " host with: modprobe sch_netem, or leave the latency out");
    }
  }

  private static int up(Namespace host, String device) {
    try (Rtnetlink inside = Rtnetlink.open(host)) {
      Link link = inside.link(device).orElseThrow();
      inside.execute(Links.up(link.index()));
      return link.index();
    }
  }

  private static void assign(Namespace host, int device, InterfaceAddress address) {
    try (Rtnetlink inside = Rtnetlink.open(host)) {
      inside.execute(LinkAddress.replace(device, address));
    }
  }

  private static void defaultRoute(Namespace host, int device, IpAddress gateway) {
    Cidr all = gateway.isV4() ? Cidr.ALL_V4 : Cidr.ALL_V6;
    try (Rtnetlink inside = Rtnetlink.open(host)) {
      inside.execute(Route.via(all, gateway, device, false, Route.RTPROT_BOOT).replace());
    }
  }

  /**
   * The outside knows the routers and the nodes' subnets, but no pod: what comes from a pod
   * unmasqueraded is not answered.
   */
  private void addOutside() {
    Namespace outside = host(LabConfig.OUTSIDE);
    try (Rtnetlink world = Rtnetlink.open(outside)) {
      for (Router router : config.routers().stream().filter(Router::outside).toList()) {
        int number = config.routers().indexOf(router);
        var pair =
            new LinkKind.VethPair(
                LabConfig.OUTSIDE, mac(0x2_0000 + number), config.mtu(), namespace(router.name()));
        String name = "r" + number;
        world.execute(
            Links.create(
                Links.Spec.of(name, pair)
                    .mac(mac(0x3_0000 + number))
                    .mtu(config.mtu())
                    .upAtOnce()));
        int device = world.link(name).orElseThrow().index();
        Namespace inside = namespace(router.name()).orElseThrow();
        int routerDevice = up(inside, LabConfig.OUTSIDE);
        for (Cidr cidr : List.of(LabConfig.OUTSIDE_V4, LabConfig.OUTSIDE_V6)) {
          IpAddress own = cidr.address().plus(2L + 2L * number);
          IpAddress gateway = cidr.address().plus(1L + 2L * number);
          int length = number == 0 ? cidr.length() : cidr.family().bits() - 1;
          assign(outside, device, new InterfaceAddress(own, length));
          assign(inside, routerDevice, new InterfaceAddress(gateway, length));
          for (String name2 : router.subnets()) {
            config
                .subnet(name2)
                .flatMap(subnet -> subnet.cidr(cidr.family()))
                .ifPresent(to ->
                    world.execute(
                        Route.via(to, gateway, device, false, Route.RTPROT_BOOT).replace()));
          }
        }
      }
    }
  }

  /** The address of the outside that the first router with an outside leads to. */
  static IpAddress outsideAddress(Cidr cidr) {
    return cidr.address().plus(2);
  }

  Optional<Namespace> namespace(String name) {
    return Optional.ofNullable(namespaces.get(name));
  }

  List<String> names() {
    return List.copyOf(namespaces.keySet());
  }

  @Override
  public void close() {
    namespaces.values().forEach(Namespace::close);
    switches.close();
  }
}
