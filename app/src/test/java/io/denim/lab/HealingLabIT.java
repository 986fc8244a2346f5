package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Neighbour;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.nft.Nftables;
import io.denim.linux.nft.TableState;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealingLabIT {
  /**
   * So few that a busy machine's test threads are not what loses packets: their sockets hold 250.
   */
  private static final int PER_SECOND = 200;

  @TempDir Path directory;

  private Optional<Lab> running = Optional.empty();

  private Lab start(LabConfig config) {
    Lab lab = Lab.start(config, directory, TestPrograms.find(), line -> {});
    running = Optional.of(lab);
    return lab;
  }

  @AfterEach
  void takeDown() {
    running.ifPresent(Lab::close);
  }

  private static LabBuilder vxlan() {
    return LabConfig.nodes(3)
        .subnets("10.1.0.0/24", "10.2.0.0/24")
        .flannel("vxlan", FlannelOption.DIRECT_ROUTING);
  }

  private static void soon(Runnable assertion) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(assertion::run);
  }

  private static Link link(Rtnetlink kernel, String name) {
    return kernel.link(name).orElseThrow();
  }

  private static List<Route> podRoutes(Rtnetlink kernel) {
    return kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN).stream()
        .filter(route -> Cidr.parse("10.244.0.0/16").contains(route.destination()))
        .toList();
  }

  @Test
  void whatSomebodyDeletesByHandIsBack() {
    Lab lab = start(vxlan().build());
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"));
        Nftables nft = Nftables.open(lab.namespace("n1"))) {
      Link tunnel = link(kernel, "flannel.1");
      List<Route> routes = podRoutes(kernel);
      List<FdbEntry> fdb = kernel.fdb(tunnel.index());
      Neighbour neighbour =
          kernel.neighbours(tunnel.index()).stream()
              .filter(Neighbour::permanent)
              .findFirst()
              .orElseThrow();
      var table = nft.read(TableState.Family.INET, "denim");

      for (Route route : routes) {
        kernel.execute(route.delete());
        soon(() -> assertThat(podRoutes(kernel)).as(route.toString()).hasSameSizeAs(routes));
      }
      kernel.execute(Neighbour.delete(tunnel.index(), neighbour.address()));
      soon(() -> assertThat(kernel.neighbours(tunnel.index())).contains(neighbour));
      kernel.execute(
          FdbEntry.delete(
              tunnel.index(), fdb.getFirst().mac(), fdb.getFirst().remote().orElseThrow()));
      soon(() -> assertThat(kernel.fdb(tunnel.index())).containsExactlyInAnyOrderElementsOf(fdb));
      nft.delete(TableState.Family.INET, "denim");
      soon(() -> assertThat(nft.read(TableState.Family.INET, "denim")).isEqualTo(table));
      for (String device : List.of("cni0", "flannel.1")) {
        int index = link(kernel, device).index();
        LinkAddress address =
            kernel.addresses().stream()
                .filter(a -> a.ifindex() == index && a.address().address().isV4())
                .findFirst()
                .orElseThrow();
        kernel.execute(LinkAddress.delete(index, address.address()));
        soon(() -> assertThat(kernel.addresses()).contains(address));
        kernel.execute(Links.down(index));
        soon(() -> assertThat(link(kernel, device).up()).isTrue());
        kernel.execute(Links.mac(index, MacAddress.local(77)));
        soon(() ->
            assertThat(link(kernel, device).mac()).isNotEqualTo(Optional.of(MacAddress.local(77))));
        kernel.execute(Links.mtu(index, 1300));
        soon(() -> assertThat(link(kernel, device).mtu()).isEqualTo(1450));
        kernel.execute(Links.delete(index));
        soon(() -> assertThat(kernel.link(device)).isPresent());
        soon(() -> assertThat(podRoutes(kernel)).hasSameSizeAs(routes));
      }
      soon(() -> assertThat(Reach.all(lab.state(), 1)).allMatch(Reach.Row::reached));
      assertThat(link(kernel, "flannel.1").mac()).isEqualTo(tunnel.mac());
    }
  }

  @Test
  void theUnderlaysDeviceMayFlap() {
    Lab lab = start(vxlan().build());
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      int external = link(kernel, "eth0").index();
      List<Route> routes = podRoutes(kernel);
      Route fallback =
          kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN).stream()
              .filter(route -> route.destination().equals(Cidr.ALL_V4))
              .findFirst()
              .orElseThrow();
      kernel.execute(Links.down(external));
      kernel.execute(Links.up(external));
      kernel.execute(fallback.replace());
      soon(() -> assertThat(podRoutes(kernel)).hasSameSizeAs(routes));
      soon(() -> assertThat(Reach.all(lab.state(), 1)).allMatch(Reach.Row::reached));
    }
  }

  @Test
  void nothingThatIsNotDenimsIsTouched() {
    Lab lab = start(vxlan().build());
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      int external = link(kernel, "eth0").index();
      Route inside =
          Route.via(
              Cidr.parse("10.244.255.0/28"), IpAddress.parse("10.1.0.99"), external, false, 4);
      Route outside =
          Route.via(Cidr.parse("172.16.0.0/16"), IpAddress.parse("10.1.0.99"), external, false, 3);
      kernel.execute(inside.replace());
      kernel.execute(outside.replace());
      kernel.execute(
          Links.create(
              Links.Spec.of(
                  "flannel.9",
                  new LinkKind.Vxlan(9, Optional.empty(), external, 9999, false, false))));
      lab.stopAgent("n1");
      lab.startAgent("n1");
      lab.awaitReady("n1");
      assertThat(kernel.routes(Family.IPV4, 254)).contains(inside, outside);
      assertThat(kernel.link("flannel.9")).isPresent();
    }
  }

  @Test
  void anAgentThatIsKilledAndStartedAgainLosesNoPacketAndChangesNothing() {
    Lab lab = start(vxlan().agents(AgentMode.PROCESSES).build());
    LabState state = lab.state();
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"));
        Traffic direct = Traffic.between(state, "n1-p1", "n2-p1", PER_SECOND);
        Traffic tunnel = Traffic.between(state, "n3-p1", "n1-p1", PER_SECOND)) {
      List<Link> links = kernel.links();
      List<Route> routes = podRoutes(kernel);
      for (int i = 0; i < 3; i++) {
        lab.killAgent("n1");
        lab.startAgent("n1");
        lab.awaitReady("n1");
      }
      assertThat(kernel.links())
          .extracting(Link::index)
          .isEqualTo(links.stream().map(Link::index).toList());
      assertThat(kernel.links())
          .extracting(Link::mac)
          .isEqualTo(links.stream().map(Link::mac).toList());
      assertThat(podRoutes(kernel)).isEqualTo(routes);
      assertThat(direct.sent()).isGreaterThan(PER_SECOND);
      assertThat(direct.stop()).isZero();
      assertThat(tunnel.stop()).isZero();
    }
  }

  @Test
  void whatFlanneldLeftIsTakenOverAsItIs() {
    Lab lab = start(vxlan().build());
    lab.stopAgent("n1");
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      // flanneld's routes look like those made by hand: protocol boot.
      for (Route route : podRoutes(kernel)) {
        if (route.protocol() == 68) {
          kernel.execute(
              new Route(
                      route.destination(),
                      route.hops(),
                      route.type(),
                      route.table(),
                      Route.RTPROT_BOOT,
                      route.scope(),
                      route.metric(),
                      0,
                      Optional.empty(),
                      0)
                  .replace());
        }
      }
      Link tunnel = link(kernel, "flannel.1");
      // The first subnet of a network is handed out to no node.
      Route stale =
          Route.via(
              Cidr.parse("10.244.0.0/24"),
              IpAddress.parse("10.244.0.0"),
              tunnel.index(),
              true,
              Route.RTPROT_BOOT);
      kernel.execute(stale.replace());
      kernel.execute(
          Neighbour.replace(tunnel.index(), IpAddress.parse("10.244.0.0"), MacAddress.local(5)));
      kernel.execute(
          FdbEntry.replace(tunnel.index(), MacAddress.local(5), IpAddress.parse("10.2.0.250")));
      List<Route> before = podRoutes(kernel).stream().filter(r -> !r.equals(stale)).toList();
      lab.startAgent("n1");
      lab.awaitReady("n1");
      assertThat(podRoutes(kernel)).isEqualTo(before);
      assertThat(kernel.neighbours(tunnel.index()))
          .noneMatch(n -> n.mac().equals(Optional.of(MacAddress.local(5))));
      assertThat(kernel.fdb(tunnel.index())).noneMatch(e -> e.mac().equals(MacAddress.local(5)));
      assertThat(link(kernel, "flannel.1").index()).isEqualTo(tunnel.index());
    }
  }

  @Test
  void oneNodeDirectAndTheOtherVxlanStillMeetWithStrictReversePathFiltering() {
    Lab lab = start(vxlan().build());
    for (String node : List.of("n1", "n2")) {
      Sysctl.of(lab.namespace(node)).write("net/ipv4/conf/all/rp_filter", "1");
      lab.stopAgent(node);
      lab.startAgent(node);
      lab.awaitReady(node);
    }
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      // n1 sends to n2 through the tunnel, n2 answers directly.
      lab.stopAgent("n1");
      var peer = lab.status("n2");
      Cidr subnet = Cidr.parse(peer.subnets().getFirst());
      int tunnel = link(kernel, "flannel.1").index();
      MacAddress vtep = tunnelMac(lab.namespace("n2"));
      kernel.execute(Neighbour.replace(tunnel, subnet.address(), vtep));
      kernel.execute(
          FdbEntry.replace(tunnel, vtep, IpAddress.parse(peer.publicAddresses().getFirst())));
      kernel.execute(Route.via(subnet, subnet.address(), tunnel, true, 68).replace());
      IpAddress target = lab.pod("n2-p1").address();
      assertThat(Reach.ping(lab.state(), "n1-p1", target, 3)).isPresent();
    }
  }

  private static MacAddress tunnelMac(Namespace namespace) {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      return link(kernel, "flannel.1").mac().orElseThrow();
    }
  }

  @Test
  void aPodThatIsDetachedGivesItsAddressBackAndItsVethGoes() {
    Lab lab = start(vxlan().build());
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      String host = lab.pod("n1-p1").hostDevice();
      assertThat(link(kernel, host).hairpin()).isTrue();
      InterfaceAddress before = lab.pod("n1-p1").addresses().getFirst();
      lab.removePod("n1-p1");
      soon(() -> assertThat(kernel.link(host)).isEmpty());
      assertThat(lab.addPod("n1", "again").addresses()).doesNotContain(before);
      assertThat(Reach.between(lab.state(), "again", "n3-p1", 3).reached()).isTrue();
    }
  }

  @Test
  void anExternalDeviceThatIsMadeAnewBringsTheTunnelBackWithAllInIt() {
    Lab lab = start(vxlan().build());
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      Link tunnel = link(kernel, "flannel.1");
      List<Route> routes = podRoutes(kernel);
      Link external = link(kernel, "eth0");
      Route fallback =
          kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN).stream()
              .filter(route -> route.destination().equals(Cidr.ALL_V4))
              .findFirst()
              .orElseThrow();
      InterfaceAddress address =
          kernel.addresses().stream()
              .filter(a -> a.ifindex() == external.index() && a.address().address().isV4())
              .findFirst()
              .orElseThrow()
              .address();
      // Another device takes its place: the kernel deletes the tunnel with the device below it.
      kernel.execute(Links.delete(external.index()));
      kernel.execute(
          Links.create(
              Links.Spec.of(
                      "eth0",
                      new LinkKind.VethPair("far", MacAddress.local(3), 1500, Optional.empty()))
                  .mac(MacAddress.local(4))
                  .mtu(1500)
                  .upAtOnce()));
      kernel.execute(Links.up(link(kernel, "far").index()));
      int index = link(kernel, "eth0").index();
      kernel.execute(LinkAddress.replace(index, address));
      kernel.execute(
          Route.via(
                  Cidr.ALL_V4, fallback.hops().getFirst().gateway().orElseThrow(), index, false, 3)
              .replace());
      soon(() -> assertThat(kernel.link("flannel.1")).isPresent());
      soon(() -> assertThat(podRoutes(kernel)).hasSameSizeAs(routes));
      soon(() ->
          assertThat(kernel.fdb(link(kernel, "flannel.1").index()))
              .filteredOn(FdbEntry::permanent)
              .isNotEmpty());
      assertThat(link(kernel, "flannel.1").mac()).isEqualTo(tunnel.mac());
    }
  }

  @Test
  void aNodeThatGetsAnotherSubnetGivesItsBridgeTheNewAddress() throws IOException {
    Lab lab = start(vxlan().podsPerNode(0).build());
    String before = lab.status("n1").subnets().getFirst();
    lab.stopAgent("n1");
    // Somebody deletes all that tells which subnet the node had, and the subnet is taken.
    for (String collection : List.of("subnets", "denim/nodes")) {
      for (var entry : lab.store().list(collection).entries()) {
        if (entry.value().contains("10.1.0.11")) {
          lab.store().delete(entry.key(), entry.revision());
        }
      }
    }
    lab.store()
        .create(
            new io.denim.store.Key("subnets", before.replace('/', '-')),
            "{\"PublicIP\":\"10.1.0.200\",\"PublicIPv6\":null,\"BackendType\":\"host-gw\"}",
            io.denim.store.Lifetime.permanent());
    lab.startAgent("n1");
    lab.awaitReady("n1");
    String after = lab.status("n1").subnets().getFirst();
    assertThat(after).isNotEqualTo(before);
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      int bridge = link(kernel, "cni0").index();
      Cidr subnet = Cidr.parse(after);
      assertThat(kernel.addresses())
          .filteredOn(a -> a.ifindex() == bridge && a.address().address().isV4())
          .extracting(LinkAddress::address)
          .containsExactly(new InterfaceAddress(subnet.address().plus(1), subnet.length()));
    }
  }

  @Test
  void anAgentThatEndsRemovesNothingAndOneThatBeginsLeavesTheRulesAsTheyAre() {
    Lab lab = start(vxlan().build());
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"));
        Nftables nft = Nftables.open(lab.namespace("n1"))) {
      var routes = podRoutes(kernel);
      var table = nft.read(TableState.Family.INET, "denim");
      lab.stopAgent("n1");
      assertThat(podRoutes(kernel)).isEqualTo(routes);
      assertThat(nft.read(TableState.Family.INET, "denim")).isEqualTo(table);
      assertThat(Reach.between(lab.state(), "n3-p1", "n1-p1", 3).reached()).isTrue();
      lab.startAgent("n1");
      lab.awaitReady("n1");
      assertThat(podRoutes(kernel)).isEqualTo(routes);
    }
  }

  @Test
  void aNodeThatChangesItsAddressKeepsItsSubnetAndThePeersFollow() {
    Lab lab = start(vxlan().build());
    var subnets = lab.status("n1").subnets();
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      int external = link(kernel, "eth0").index();
      Route fallback =
          kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN).stream()
              .filter(route -> route.destination().equals(Cidr.ALL_V4))
              .findFirst()
              .orElseThrow();
      kernel.execute(LinkAddress.delete(external, InterfaceAddress.parse("10.1.0.11/24")));
      kernel.execute(LinkAddress.replace(external, InterfaceAddress.parse("10.1.0.99/24")));
      kernel.execute(fallback.replace());
    }
    soon(() -> assertThat(lab.status("n1").publicAddresses()).containsExactly("10.1.0.99"));
    soon(() ->
        assertThat(lab.status("n3").paths())
            .anyMatch(path -> path.via().equals("10.1.0.99 dev flannel.1")));
    assertThat(lab.status("n1").subnets()).isEqualTo(subnets);
    soon(() -> assertThat(Reach.between(lab.state(), "n3-p1", "n1-p1", 1).reached()).isTrue());
    assertThat(Reach.between(lab.state(), "n1-p1", "n2-p1", 3).reached()).isTrue();
  }
}
