package io.denim.interop;

import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The configurations of {@link Neighbour}s. */
final class NeighbourText {
  private NeighbourText() {}

  /** For BIRD 2, and for BIRD 1.6, which has no channels. */
  static String bird(Neighbour of) {
    boolean old = of.kind == Kind.BIRD1;
    return """
    router id %s;
    protocol device {}
    protocol static static4 { %s %s }
    protocol static static6 { %s %s }
    """
            .formatted(
                of.id,
                old ? "" : "ipv4;",
                birdRoutes(of, Family.IPV4),
                old ? "" : "ipv6;",
                birdRoutes(of, Family.IPV6))
        + (of.forwards ? birdKernel(of) : "")
        + of.peers().stream().map(peer -> birdPeer(of, peer)).collect(Collectors.joining("\n"));
  }

  private static String birdKernel(Neighbour of) {
    String learned = "export where source = RTS_BGP;";
    return of.kind == Kind.BIRD1
        ? "protocol kernel { graceful restart on; " + learned + " }\n"
        : """
        protocol kernel { graceful restart on; ipv4 { %1$s }; }
        protocol kernel { graceful restart on; ipv6 { %1$s }; }
        """
            .formatted(learned);
  }

  private static String birdRoutes(Neighbour of, Family family) {
    return of.routes.stream()
        .filter(route -> route.prefix().family() == family && of.speaks(route.prefix()))
        .map(route -> of.kind == Kind.BIRD1 ? Route.plain(route.prefix().toString()) : route)
        .map(Route::bird)
        .collect(Collectors.joining("\n"));
  }

  private static String birdPeer(Neighbour of, IpAddress peer) {
    return """
    protocol bgp %s {
      local %s as %d;
      neighbor %s as %d;
      connect delay time 1;
      connect retry time 1;
      error wait time 1, 2;
      hold time %d;
      %s
      %s
    }
    """
        .formatted(
            peer.equals(of.denim()) ? "denim" : "another",
            of.own(),
            of.as,
            of.linkLocal ? peer + "%'eth0'" : peer,
            of.denimAs,
            of.hold,
            birdSession(of),
            birdChannels(of));
  }

  private static String birdChannels(Neighbour of) {
    String both = birdChannel(of);
    return of.kind == Kind.BIRD1
        ? both
        : "ipv4 { %s %s };\nipv6 { %s %s };"
            .formatted(both, birdNextHop4(of), both, birdNextHop6(of));
  }

  private static String birdNextHop4(Neighbour of) {
    if (of.extendedNextHop) {
      return "extended next hop on;";
    }
    return of.overV6 || of.linkLocal ? "next hop address " + Net.v4(of.node) + ";" : "";
  }

  private static String birdNextHop6(Neighbour of) {
    return of.overV6 || of.linkLocal ? "" : "next hop address " + Net.v6(of.node) + ";";
  }

  private static String birdSession(Neighbour of) {
    return of.birdSession
        + (of.password.isEmpty() ? "" : "password \"" + of.password + "\";")
        + (of.linkLocal || of.forwards ? "direct;" : "")
        + (of.ttlSecurity ? "direct; ttl security on;" : "")
        + (of.passive ? "passive on;" : "")
        + (of.denimIsClient ? "rr client;" : "")
        + of.role.map(role -> "local role " + role + ";").orElse("")
        + of.restart
            .map(time -> "graceful restart on; graceful restart time " + time + ";")
            .orElse("");
  }

  private static String birdChannel(Neighbour of) {
    return of.birdImport
        + (of.kind == Kind.BIRD1 ? bird1Export(of) : "\nexport all;")
        + of.birdChannel
        + (of.addPath ? "add paths on;" : "");
  }

  /** BIRD 1.6 begins the path of a static route anew before it comes to this filter. */
  private static String bird1Export(Neighbour of) {
    String own = of.as == of.denimAs ? "" : "bgp_path.prepend(" + of.as + ");";
    return of.routes.stream()
        .filter(route -> route.rich() && of.speaks(route.prefix()))
        .map(route ->
            "if net = %s then { bgp_path = +empty+; %s %s }"
                .formatted(route.prefix(), Route.BIRD_RICH, own))
        .collect(Collectors.joining("\n", "\nexport filter {\n", "\naccept; };"));
  }

  static String frr(Neighbour of) {
    return """
    router bgp %1$d
     bgp router-id %2$s
     no bgp default ipv4-unicast
     no bgp ebgp-requires-policy
     no bgp network import-check
     %3$s
    %4$s
     address-family ipv4 unicast
    %5$s
     exit-address-family
     address-family ipv6 unicast
    %6$s
     exit-address-family
    exit
    route-map plain4 permit 10
     set ip next-hop %7$s
    route-map plain6 permit 10
     set ipv6 next-hop global %8$s
    %9$s
     set ip next-hop %7$s
    %10$s
     set ipv6 next-hop global %8$s
    """
        .formatted(
            of.as,
            of.id,
            of.restart
                .map(time ->
                    "bgp graceful-restart\n bgp graceful-restart preserve-fw-state\n"
                        + " bgp graceful-restart restart-time "
                        + time)
                .orElse(""),
            of.peers().stream().map(peer -> frrPeer(of, peer)).collect(Collectors.joining()),
            frrFamily(of, Route::isV4, ""),
            // Without zebra it knows no addresses, and would take an IPv4-mapped one for its own.
            frrFamily(
                of,
                route -> !route.isV4(),
                of.as == of.denimAs || of.mappedNextHop ? "" : "route-map plain6 out\n"),
            Net.v4(of.node),
            Net.v6(of.node),
            frrRich(4),
            frrRich(6));
  }

  private static String frrPeer(Neighbour of, IpAddress peer) {
    return """
     neighbor %1$s remote-as %2$d
     neighbor %1$s timers connect 1
     neighbor %1$s timers %3$d %4$d
     neighbor %1$s advertisement-interval 0
     neighbor %1$s disable-connected-check
     neighbor %1$s update-source %5$s
    %6$s%7$s%8$s%9$s%10$s
    """
        .formatted(
            peer,
            of.denimAs,
            Math.max(1, of.hold / 3),
            of.hold,
            of.own(),
            of.passive ? " neighbor " + peer + " passive\n" : "",
            of.extendedNextHop ? " neighbor " + peer + " capability extended-nexthop\n" : "",
            of.role.map(role -> " neighbor " + peer + " local-role " + role + "\n").orElse(""),
            of.password.isEmpty() ? "" : " neighbor " + peer + " password " + of.password + "\n",
            of.ttlSecurity ? " neighbor " + peer + " ttl-security hops 1\n" : "");
  }

  private static String frrRich(int family) {
    return "route-map rich"
        + family
        + " permit 10\n set as-path prepend 65001 4200000001\n set metric 5\n"
        + " set local-preference 200\n set community "
        + String.join(" ", Route.COMMUNITIES)
        + "\n set large-community "
        + String.join(" ", Route.LARGE);
  }

  private static String frrFamily(Neighbour of, Predicate<Route> family, String more) {
    StringBuilder text = new StringBuilder();
    for (IpAddress peer : of.peers()) {
      String neighbour = "  neighbor " + peer + " ";
      text.append(neighbour).append("activate\n");
      if (!more.isEmpty()) {
        text.append(neighbour).append(more);
      }
      if (of.denimIsClient) {
        text.append(neighbour).append("route-reflector-client\n");
      }
      if (of.addPath) {
        text.append(neighbour).append("addpath-tx-all-paths\n");
      }
    }
    return text
        + of.routes.stream().filter(family).map(Route::frr).collect(Collectors.joining("\n"));
  }

  static String gobgp(Neighbour of) {
    return """
    [global.config]
    as = %d
    router-id = "%s"
    """
            .formatted(of.as, of.id)
        + of.peers().stream().map(peer -> gobgpPeer(of, peer)).collect(Collectors.joining());
  }

  private static String gobgpPeer(Neighbour of, IpAddress peer) {
    return """
    [[neighbors]]
    [neighbors.config]
    neighbor-address = "%s"
    peer-as = %d
    auth-password = "%s"
    [neighbors.ttl-security.config]
    enabled = %b
    ttl-min = 255
    [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
    hold-time = %d
    keepalive-interval = %d
    [neighbors.transport.config]
    passive-mode = %b
    local-address = "%s"
    [neighbors.route-reflector.config]
    route-reflector-client = %b
    route-reflector-cluster-id = "%s"
    [neighbors.graceful-restart.config]
    enabled = %b
    restart-time = %d
    notification-enabled = %b
    %s%s
    """
        .formatted(
            peer + (of.linkLocal ? "%eth0" : ""),
            of.denimAs,
            of.password,
            of.ttlSecurity,
            of.hold,
            Math.max(1, of.hold / 3),
            of.passive,
            of.own() + (of.linkLocal ? "%eth0" : ""),
            of.denimIsClient,
            of.id,
            of.restart.isPresent(),
            of.restart.orElse(1),
            of.restart.isPresent(),
            gobgpFamily(of, "ipv4-unicast"),
            gobgpFamily(of, "ipv6-unicast"));
  }

  private static String gobgpFamily(Neighbour of, String name) {
    return """
    [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
    afi-safi-name = "%s"
    [neighbors.afi-safis.mp-graceful-restart.config]
    enabled = %b
    [neighbors.afi-safis.add-paths.config]
    receive = %b
    send-max = %d
    """
        .formatted(name, of.restart.isPresent(), of.addPath, of.addPath ? 8 : 0);
  }
}
