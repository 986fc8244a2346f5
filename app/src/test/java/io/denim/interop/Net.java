package io.denim.interop;

import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A bridge with Denim at it, and a wire to the namespace of each neighbour. */
final class Net implements AutoCloseable {
  /** Denim's number. */
  static final int DENIM = 1;

  private final Namespace denim = Namespace.create();
  private final Map<Integer, Namespace> neighbours = new HashMap<>();

  Net() {
    try (Rtnetlink kernel = Rtnetlink.open(denim)) {
      kernel.execute(
          Links.create(
              Links.Spec.of("br0", new LinkKind.Bridge()).mac(MacAddress.local(250)).mtu(1500)));
      up(kernel, denim, "br0", DENIM);
    }
  }

  static IpAddress v4(int node) {
    return IpAddress.parse("192.0.2." + node);
  }

  static IpAddress v6(int node) {
    return IpAddress.parse("2001:db8::" + node);
  }

  static IpAddress linkLocal(int node) {
    return IpAddress.parse("fe80::" + node);
  }

  Namespace denim() {
    return denim;
  }

  /** The namespace of a neighbour, 2 or more, with its wire. */
  Namespace neighbour(int node) {
    return neighbours.computeIfAbsent(node, this::attach);
  }

  private Namespace attach(int node) {
    Namespace far = Namespace.create();
    try (Rtnetlink here = Rtnetlink.open(denim);
        Rtnetlink there = Rtnetlink.open(far)) {
      String port = "port" + node;
      var pair = new LinkKind.VethPair("eth0", MacAddress.local(node), 1500, Optional.of(far));
      here.execute(
          Links.create(Links.Spec.of(port, pair).mac(MacAddress.local(100 + node)).mtu(1500)));
      int index = here.link(port).orElseThrow().index();
      here.execute(Links.master(index, here.link("br0").orElseThrow().index()));
      here.execute(Links.up(index));
      up(there, far, "eth0", node);
    }
    return far;
  }

  private static void up(Rtnetlink kernel, Namespace inside, String name, int node) {
    String conf = "net/ipv6/conf/" + name;
    Sysctl.of(inside).write(conf + "/accept_dad", "0");
    // It has the one link-local address that is given below.
    Sysctl.of(inside).write(conf + "/addr_gen_mode", "1");
    Link device = kernel.link(name).orElseThrow();
    kernel.execute(LinkAddress.replace(device.index(), new InterfaceAddress(v4(node), 24)));
    kernel.execute(LinkAddress.replace(device.index(), new InterfaceAddress(v6(node), 64)));
    kernel.execute(LinkAddress.replace(device.index(), new InterfaceAddress(linkLocal(node), 64)));
    kernel.execute(Links.up(device.index()));
    kernel.execute(Links.up(kernel.link("lo").orElseThrow().index()));
  }

  @Override
  public void close() {
    neighbours.values().forEach(Namespace::close);
    denim.close();
  }
}
