package io.denim.attach;

import io.denim.attach.Attachment.Address;
import io.denim.attach.Attachment.HostPort;
import io.denim.attach.Attachment.Port;
import io.denim.cni.CniResult;
import io.denim.cni.Dns;
import io.denim.cni.PortMapping;
import io.denim.linux.netlink.Link;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** What a plan comes to, before and after the addresses are known. Pure functions. */
final class Settlement {
  private Settlement() {}

  /** The port as far as it is known before anything is made. */
  static Port begun(Attachment.Key key, BridgePlan plan) {
    return new Port(
        plan.bridge(),
        Wiring.hostDevice(key),
        plan.mac().orElse(MacAddress.ZERO),
        plan.mtu(),
        plan.hairpin(),
        plan.isolated(),
        plan.up(),
        plan.masquerade(),
        plan.guarded(),
        plan.addressFolder().toString(),
        List.of(),
        List.of());
  }

  /** The port with its addresses. */
  static Port settled(Attachment.Key key, Port empty, BridgePlan plan, List<Address> assigned) {
    MacAddress mac =
        plan.mac()
            .orElseGet(() ->
                assigned.isEmpty()
                    ? Wiring.hostMac(key.toString())
                    : Wiring.containerMac(assigned.getFirst().address().address()));
    return empty.settled(mac, assigned, routes(plan, assigned));
  }

  /** The configured routes, and a default route a family unless one is configured. */
  private static List<PodRoute> routes(BridgePlan plan, List<Address> assigned) {
    List<PodRoute> routes = new ArrayList<>();
    Map<Boolean, IpAddress> gateways = new LinkedHashMap<>();
    assigned.forEach(each -> gateways.putIfAbsent(each.gateway().isV4(), each.gateway()));
    for (PodRoute route : plan.routes()) {
      Optional<IpAddress> gateway =
          route
              .gateway()
              .or(() -> Optional.ofNullable(gateways.get(route.destination().address().isV4())))
              .filter(_ -> route.scope() != io.denim.linux.netlink.Route.RT_SCOPE_LINK);
      routes.add(route.withGateway(gateway));
    }
    if (plan.defaultGateway()) {
      for (IpAddress gateway : gateways.values()) {
        Cidr all = gateway.isV4() ? Cidr.ALL_V4 : Cidr.ALL_V6;
        if (routes.stream().noneMatch(route -> route.destination().equals(all))) {
          routes.add(PodRoute.via(all, gateway));
        }
      }
    }
    return routes;
  }

  /** Each mapping leads to the first address of each family that its own address allows. */
  static List<HostPort> hostPorts(
      List<PortMapping> mappings, Stream<InterfaceAddress> of, boolean masquerade) {
    Map<Boolean, InterfaceAddress> first = new LinkedHashMap<>();
    of.forEach(ip -> first.putIfAbsent(ip.address().isV4(), ip));
    List<HostPort> ports = new ArrayList<>();
    for (PortMapping mapping : mappings) {
      for (InterfaceAddress to : first.values()) {
        if (mapping.hostIp().filter(ip -> ip.isV4() != to.address().isV4()).isEmpty()) {
          ports.add(
              new HostPort(
                  protocol(mapping.protocol()),
                  mapping.hostIp().filter(ip -> !ip.isAny()),
                  mapping.hostPort(),
                  to,
                  mapping.containerPort(),
                  masquerade));
        }
      }
    }
    return ports;
  }

  private static int protocol(PortMapping.Protocol protocol) {
    return switch (protocol) {
      case TCP -> 6;
      case UDP -> 17;
      case SCTP -> 132;
    };
  }

  /**
   * What an ADD answers.
   *
   * @param previous what the plugins before this one have made
   */
  static CniResult result(Attachment attachment, Link bridge, Dns dns, CniResult previous) {
    Port port = attachment.port().orElseThrow();
    List<CniResult.Interface> interfaces = new ArrayList<>(previous.interfaces());
    interfaces.add(
        new CniResult.Interface(
            port.bridge(), bridge.mac().map(Object::toString).orElse(""), bridge.mtu(), ""));
    interfaces.add(
        new CniResult.Interface(
            port.hostDevice(), Wiring.hostMac(port.hostDevice()).toString(), port.mtu(), ""));
    OptionalInt index = OptionalInt.of(interfaces.size());
    interfaces.add(
        new CniResult.Interface(
            attachment.key().ifname(), port.mac().toString(), port.mtu(), attachment.netns()));
    List<CniResult.Ip> ips = new ArrayList<>(previous.ips());
    port.addresses()
        .forEach(
            each -> ips.add(new CniResult.Ip(index, each.address(), Optional.of(each.gateway()))));
    List<CniResult.Route> routes = new ArrayList<>(previous.routes());
    port.routes().forEach(route -> routes.add(route.result()));
    return new CniResult(interfaces, ips, routes, dns.isEmpty() ? previous.dns() : dns);
  }
}
