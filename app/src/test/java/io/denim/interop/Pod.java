package io.denim.interop;

import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A namespace behind a neighbour, which forwards what comes and goes. */
final class Pod implements AutoCloseable {
  private final int node;
  private final Namespace at;
  private final Namespace inside = Namespace.create();

  /** At this node, in whose namespace the other end of its wire is. */
  Pod(int node, Namespace at) {
    this.node = node;
    this.at = at;
    var pair = new LinkKind.VethPair("eth0", MacAddress.local(node), 1500, Optional.of(inside));
    Sysctl.of(at).write("net/ipv4/ip_forward", "1");
    Sysctl.of(at).write("net/ipv6/conf/all/forwarding", "1");
    try (Rtnetlink there = Rtnetlink.open(at);
        Rtnetlink here = Rtnetlink.open(inside)) {
      there.execute(
          Links.create(Links.Spec.of("pod", pair).mac(MacAddress.local(100 + node)).mtu(1500)));
      up(there, at, "pod", 2);
      int own = up(here, inside, "eth0", 1);
      for (Family family : Family.values()) {
        Cidr all = family == Family.IPV4 ? Cidr.ALL_V4 : Cidr.ALL_V6;
        IpAddress gateway = address(node, family, 2);
        here.execute(Route.via(all, gateway, own, false, Route.RTPROT_BOOT).create());
      }
    }
  }

  private int up(Rtnetlink kernel, Namespace in, String name, int number) {
    Sysctl.of(in).write("net/ipv6/conf/" + name + "/accept_dad", "0");
    int index = kernel.link(name).orElseThrow().index();
    for (Family family : Family.values()) {
      int length = subnet(node, family).length();
      InterfaceAddress address = new InterfaceAddress(address(node, family, number), length);
      kernel.execute(LinkAddress.replace(index, address));
    }
    kernel.execute(Links.up(index));
    return index;
  }

  /** Where the pods of a node are. */
  static Cidr subnet(int node, Family family) {
    return Cidr.parse(
        family == Family.IPV4 ? "10.1." + node + ".0/24" : "2001:db8:1:" + node + "::/64");
  }

  private static IpAddress address(int node, Family family, int number) {
    return IpAddress.parse(
        family == Family.IPV4
            ? "10.1." + node + "." + number
            : "2001:db8:1:" + node + "::" + number);
  }

  IpAddress address(Family family) {
    return address(node, family, 1);
  }

  /** The routes to another pod that are in its router's kernel. */
  List<Route> waysTo(Pod other) {
    try (Rtnetlink kernel = Rtnetlink.open(at)) {
      return Stream.of(Family.values())
          .flatMap(family -> kernel.routes(family, Route.RT_TABLE_MAIN).stream())
          .filter(
              route -> route.destination().equals(subnet(other.node, route.destination().family())))
          .toList();
    }
  }

  Namespace inside() {
    return inside;
  }

  @Override
  public void close() {
    inside.close();
  }
}
