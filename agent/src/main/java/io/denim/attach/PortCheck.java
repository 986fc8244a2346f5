package io.denim.attach;

import io.denim.attach.Attachment.Address;
import io.denim.attach.Attachment.Port;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.state.PodPorts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares a container's interface with its record. Changes nothing. */
final class PortCheck {
  private final Rtnetlink node;
  private final Attachment.Key key;
  private final Port port;
  private final List<String> altered = new ArrayList<>();

  PortCheck(Rtnetlink node, Attachment.Key key, Port port) {
    this.node = node;
    this.key = key;
    this.port = port;
  }

  /** What is not as it was made, in words. What others have added is no concern. */
  List<String> altered(Namespace container) {
    host();
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      inside
          .link(key.ifname())
          .ifPresentOrElse(
              link -> inside(inside, link),
              () -> altered.add("the container has no interface " + key.ifname()));
    }
    return List.copyOf(altered);
  }

  private void host() {
    Optional<Link> bridge = node.link(port.bridge());
    if (bridge.isEmpty()) {
      altered.add("the bridge " + port.bridge() + " is not there");
    }
    Optional<Link> host = node.link(port.hostDevice());
    if (host.isEmpty() || host.get().group() == PodPorts.DYING) {
      altered.add("the node's device " + port.hostDevice() + " is not there");
      return;
    }
    Link link = host.get();
    if (bridge.isPresent() && link.master() != bridge.get().index()) {
      altered.add(port.hostDevice() + " is no port of the bridge " + port.bridge());
    }
    if (!link.up()) {
      altered.add(port.hostDevice() + " is down");
    }
    if (link.hairpin() != port.hairpin()) {
      altered.add(port.hostDevice() + " has hairpin " + link.hairpin());
    }
    if (link.isolated() != port.isolated()) {
      altered.add(port.hostDevice() + " has port isolation " + link.isolated());
    }
  }

  private void inside(Rtnetlink inside, Link link) {
    if (!link.mac().equals(Optional.of(port.mac()))) {
      altered.add(
          key.ifname()
              + " has the hardware address "
              + link.mac().map(Object::toString).orElse("none")
              + " instead of "
              + port.mac());
    }
    if (link.mtu() != port.mtu()) {
      altered.add(key.ifname() + " has MTU " + link.mtu() + " instead of " + port.mtu());
    }
    if (port.up() && !link.up()) {
      altered.add(key.ifname() + " is down");
    }
    List<LinkAddress> addresses = inside.addresses();
    for (Address address : port.addresses()) {
      boolean there =
          addresses.stream()
              .anyMatch(each ->
                  each.ifindex() == link.index() && each.address().equals(address.address()));
      if (!there) {
        altered.add(key.ifname() + " lacks the address " + address.address());
      }
    }
    if (port.up()) {
      routes(inside, link);
    }
  }

  private void routes(Rtnetlink inside, Link link) {
    Map<String, List<Route>> tables = new HashMap<>();
    for (PodRoute route : port.routes()) {
      Route wanted = Wiring.route(route, link.index());
      Family family = route.destination().family();
      boolean there =
          tables
              .computeIfAbsent(
                  family + " " + wanted.table(), _ -> inside.routes(family, wanted.table()))
              .stream()
              .anyMatch(each ->
                  each.destination().equals(wanted.destination())
                      && each.hops().equals(wanted.hops())
                      && each.metric() == wanted.metric());
      if (!there) {
        altered.add(
            "the container lacks the route to "
                + route.destination()
                + route.gateway().map(gateway -> " via " + gateway).orElse(""));
      }
    }
  }
}
