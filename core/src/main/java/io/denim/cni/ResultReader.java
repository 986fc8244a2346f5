package io.denim.cni;

import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads results of every version. */
final class ResultReader {
  private static final int ANY = Integer.MAX_VALUE;
  private static final String ADDRESS = "an address with a length, such as 10.244.1.7/24";
  private static final String GATEWAY = "an address such as 10.244.1.1";
  private static final String DESTINATION = "a prefix such as 0.0.0.0/0";

  private ResultReader() {}

  static CniResult read(Keys keys, CniVersion otherwise) {
    CniVersion version = keys.text("cniVersion").map(CniVersion::parse).orElse(otherwise);
    Dns dns = keys.object("dns").map(Dns::read).orElse(Dns.NONE);
    if (!version.atLeast(CniVersion.V0_3_0)) {
      List<CniResult.Ip> ips = new ArrayList<>();
      List<CniResult.Route> routes = new ArrayList<>();
      for (String key : List.of("ip4", "ip6")) {
        keys.value(key)
            .ifPresent(value -> {
              ips.add(ip(value, "ip"));
              value.object().list("routes").forEach(route -> routes.add(route(route)));
            });
      }
      return new CniResult(List.of(), ips, routes, dns);
    }
    return new CniResult(
        keys.list("interfaces").stream().map(ResultReader::iface).toList(),
        keys.list("ips").stream().map(value -> ip(value, "address")).toList(),
        keys.list("routes").stream().map(ResultReader::route).toList(),
        dns);
  }

  private static CniResult.Interface iface(Value value) {
    Keys keys = value.object();
    return new CniResult.Interface(
        keys.text("name").orElse(""),
        keys.text("mac").orElse(""),
        keys.whole("mtu", 0, ANY).orElse(0),
        keys.text("sandbox").orElse(""),
        keys.text("socketPath").orElse(""),
        keys.text("pciID").orElse(""));
  }

  private static CniResult.Ip ip(Value value, String addressKey) {
    Keys keys = value.object();
    InterfaceAddress address =
        keys.parsed(addressKey, InterfaceAddress::tryParse, ADDRESS)
            .orElseThrow(() -> value.wrong(addressKey + " is missing; allowed is " + ADDRESS));
    return new CniResult.Ip(
        keys.whole("interface", Integer.MIN_VALUE, ANY), address, gateway(keys, "gateway"));
  }

  private static Optional<IpAddress> gateway(Keys keys, String key) {
    return keys.parsed(key, IpAddress::tryParse, GATEWAY);
  }

  /** Reads a route of a result or of {@code ipam.routes}. */
  static CniResult.Route route(Value value) {
    Keys keys = value.object();
    Cidr dst =
        keys.parsed("dst", Cidr::tryParse, DESTINATION)
            .orElseThrow(() -> value.wrong("dst is missing; allowed is " + DESTINATION));
    return new CniResult.Route(
        dst,
        gateway(keys, "gw"),
        keys.whole("mtu", 0, ANY),
        keys.whole("advmss", 0, ANY),
        keys.whole("priority", 0, ANY),
        keys.whole("table", 0, ANY),
        keys.whole("scope", 0, 255));
  }
}
