package io.denim.cni;

import io.denim.model.Json;
import io.denim.net.Family;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes results of every version, with the keys of the Go library: an empty {@code dns} is left
 * out from 1.0.0 on, and written before.
 */
final class ResultWriter {
  private ResultWriter() {}

  static String write(CniResult result, CniVersion version) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("cniVersion", version.text());
    if (version.atLeast(CniVersion.V0_3_0)) {
      lists(root, result, version);
    } else {
      families(root, result, version);
    }
    if (!result.dns().isEmpty() || !version.atLeast(CniVersion.V1_0_0)) {
      dns(root.putObject("dns"), result.dns());
    }
    return Json.mapper().writeValueAsString(root);
  }

  private static void lists(ObjectNode root, CniResult result, CniVersion version) {
    if (!result.interfaces().isEmpty()) {
      ArrayNode interfaces = root.putArray("interfaces");
      result.interfaces().forEach(each -> iface(interfaces.addObject(), each, version));
    }
    if (!result.ips().isEmpty()) {
      ArrayNode ips = root.putArray("ips");
      result.ips().forEach(each -> ip(ips.addObject(), each, version));
    }
    if (!result.routes().isEmpty()) {
      ArrayNode routes = root.putArray("routes");
      result.routes().forEach(each -> route(routes.addObject(), each, version));
    }
  }

  private static void iface(ObjectNode out, CniResult.Interface iface, CniVersion version) {
    out.put("name", iface.name());
    text(out, "mac", iface.mac());
    boolean extended = version.atLeast(CniVersion.V1_1_0);
    if (extended && iface.mtu() > 0) {
      out.put("mtu", iface.mtu());
    }
    text(out, "sandbox", iface.sandbox());
    if (extended) {
      text(out, "socketPath", iface.socketPath());
      text(out, "pciID", iface.pciId());
    }
  }

  private static void ip(ObjectNode out, CniResult.Ip ip, CniVersion version) {
    if (!version.atLeast(CniVersion.V1_0_0)) {
      out.put("version", ip.address().address().isV4() ? "4" : "6");
    }
    number(out, "interface", ip.interfaceIndex());
    out.put("address", ip.address().toString());
    ip.gateway().ifPresent(gateway -> out.put("gateway", gateway.toString()));
  }

  private static void route(ObjectNode out, CniResult.Route route, CniVersion version) {
    out.put("dst", route.dst().toString());
    route.gateway().ifPresent(gateway -> out.put("gw", gateway.toString()));
    if (version.atLeast(CniVersion.V1_1_0)) {
      numbers(out, route);
    }
  }

  /** The numbers of a route, as far as it has them. */
  static void numbers(ObjectNode out, CniResult.Route route) {
    number(out, "mtu", route.mtu());
    number(out, "advmss", route.advmss());
    number(out, "priority", route.priority());
    number(out, "table", route.table());
    number(out, "scope", route.scope());
  }

  private static void families(ObjectNode root, CniResult result, CniVersion version) {
    if (result.ips().isEmpty()) {
      throw new CniException(
          CniException.Code.INCOMPATIBLE_VERSION,
          "a result without an address cannot be said in cniVersion " + version.text(),
          "write 0.3.0 or later, or configure ipam");
    }
    for (Family family : Family.values()) {
      Optional<CniResult.Ip> first =
          result.ips().stream().filter(ip -> ip.address().address().family() == family).findFirst();
      first.ifPresent(ip -> family(root, family, ip, result.routes(), version));
    }
  }

  private static void family(
      ObjectNode root,
      Family family,
      CniResult.Ip ip,
      List<CniResult.Route> routes,
      CniVersion version) {
    ObjectNode out =
        root.putObject(
            switch (family) {
              case IPV4 -> "ip4";
              case IPV6 -> "ip6";
            });
    out.put("ip", ip.address().toString());
    ip.gateway().ifPresent(gateway -> out.put("gateway", gateway.toString()));
    List<CniResult.Route> own =
        routes.stream().filter(route -> route.dst().family() == family).toList();
    if (!own.isEmpty()) {
      ArrayNode list = out.putArray("routes");
      own.forEach(route -> route(list.addObject(), route, version));
    }
  }

  private static void dns(ObjectNode out, Dns dns) {
    texts(out, "nameservers", dns.nameservers());
    text(out, "domain", dns.domain());
    texts(out, "search", dns.search());
    texts(out, "options", dns.options());
  }

  private static void texts(ObjectNode out, String key, List<String> texts) {
    if (!texts.isEmpty()) {
      ArrayNode list = out.putArray(key);
      texts.forEach(list::add);
    }
  }

  private static void text(ObjectNode out, String key, String text) {
    if (!text.isEmpty()) {
      out.put(key, text);
    }
  }

  private static void number(ObjectNode out, String key, OptionalInt number) {
    number.ifPresent(present -> out.put(key, present));
  }
}
