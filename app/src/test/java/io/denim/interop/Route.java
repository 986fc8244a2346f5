package io.denim.interop;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.List;

/** A route that a neighbour announces of its own. */
record Route(Cidr prefix, boolean rich) {
  /** What a rich route has, besides MED 5 and LOCAL_PREF 200. */
  static final List<String> COMMUNITIES = List.of("64512:7", "65001:666");

  static final List<String> LARGE = List.of("64512:1:2", "4200000001:4294967295:0");

  /** All that a rich route has, in BIRD's words. */
  static final String BIRD_RICH =
      "bgp_path.prepend(4200000001); bgp_path.prepend(65001); bgp_med = 5;"
          + " bgp_local_pref = 200; bgp_community.add((64512,7));"
          + " bgp_community.add((65001,666)); bgp_large_community.add((64512,1,2));"
          + " bgp_large_community.add((4200000001,4294967295,0));";

  static Route plain(String prefix) {
    return new Route(Cidr.parse(prefix), false);
  }

  static Route rich(String prefix) {
    return new Route(Cidr.parse(prefix), true);
  }

  boolean isV4() {
    return prefix.address().isV4();
  }

  String bird() {
    return "route " + prefix + " blackhole" + (rich ? " { " + BIRD_RICH + " };" : ";");
  }

  String frr() {
    return "  network " + prefix + " route-map " + (rich ? "rich" : "plain") + (isV4() ? 4 : 6);
  }

  /** What gobgp is told. */
  String[] gobgp(IpAddress nextHop) {
    String attributes =
        rich
            ? " aspath 65001,4200000001 med 5 local-pref 200 community "
                + String.join(",", COMMUNITIES)
                + " large-community "
                + String.join(",", LARGE)
            : "";
    return ("global rib add "
            + prefix
            + " nexthop "
            + nextHop
            + attributes
            + " -a "
            + (isV4() ? "ipv4" : "ipv6"))
        .split(" ");
  }
}
