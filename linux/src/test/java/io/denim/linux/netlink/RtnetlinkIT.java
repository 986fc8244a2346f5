package io.denim.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RtnetlinkIT {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER_MAC = MacAddress.parse("02:00:00:00:00:02");
  private static final int DENIM = 68;

  private Namespace node;
  private Namespace pod;
  private Rtnetlink kernel;

  @BeforeEach
  void twoNamespaces() {
    node = Namespace.create();
    pod = Namespace.create();
    kernel = Rtnetlink.open(node);
  }

  @AfterEach
  void gone() {
    kernel.close();
    pod.close();
    node.close();
  }

  private int veth() {
    kernel.execute(
        Links.create(
            Links.Spec.of("veth0", new LinkKind.VethPair("eth0", PEER_MAC, 1400, Optional.of(pod)))
                .mac(MAC)
                .mtu(1400)
                .group(77)
                .upAtOnce()));
    return kernel.link("veth0").orElseThrow().index();
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  private int vethWithAddress() {
    int index = veth();
    try (Rtnetlink inside = Rtnetlink.open(pod)) {
      inside.execute(Links.up(inside.link("eth0").orElseThrow().index()));
    }
    kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("10.0.0.1/24")));
    kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("fd00::1/64")));
    return index;
  }

  @Test
  void aVethsPeerIsBornInItsNamespaceInOneMessage() {
    int index = veth();
    Link link = kernel.link(index).orElseThrow();
    assertThat(link.name()).isEqualTo("veth0");
    assertThat(link.kind()).isEqualTo(new LinkKind.Veth());
    assertThat(link.mac()).contains(MAC);
    assertThat(link.mtu()).isEqualTo(1400);
    assertThat(link.group()).isEqualTo(77);
    kernel.execute(Links.alias(index, "denim:test"));
    assertThat(kernel.link(index).orElseThrow().alias()).isEqualTo("denim:test");
    assertThat(link.up()).isTrue();
    try (Rtnetlink inside = Rtnetlink.open(pod)) {
      Link peer = inside.link("eth0").orElseThrow();
      assertThat(peer.mac()).contains(PEER_MAC);
      assertThat(peer.mtu()).isEqualTo(1400);
      assertThat(peer.up()).isFalse();
    }
  }

  @Test
  void vxlanBridgeAndMacvlanAreReadBackAsTheyWereMade() {
    int lower = vethWithAddress();
    var vxlan = new LinkKind.Vxlan(7, Optional.of(ip("10.0.0.1")), lower, 8472, false, false);
    kernel.execute(Links.create(Links.Spec.of("flannel.7", vxlan).mac(MAC).mtu(1350)));
    kernel.execute(Links.create(Links.Spec.of("br0", new LinkKind.Bridge()).mac(MAC)));
    var macvlan = new LinkKind.Macvlan(LinkKind.MacvlanMode.BRIDGE);
    kernel.execute(Links.create(Links.Spec.of("mv0", macvlan).lower(lower)));
    assertThat(kernel.link("flannel.7").orElseThrow().kind()).isEqualTo(vxlan);
    assertThat(kernel.link("br0").orElseThrow().kind()).isEqualTo(new LinkKind.Bridge());
    assertThat(kernel.link("mv0").orElseThrow().kind()).isEqualTo(macvlan);
    assertThat(kernel.link("mv0").orElseThrow().lower()).isEqualTo(lower);
  }

  @Test
  void aVxlanDeviceChangesLearningAndLocalInPlaceAndRefusesAnotherVni() {
    int lower = vethWithAddress();
    var vxlan = new LinkKind.Vxlan(7, Optional.of(ip("10.0.0.1")), lower, 8472, false, false);
    kernel.execute(Links.create(Links.Spec.of("flannel.7", vxlan)));
    int index = kernel.link("flannel.7").orElseThrow().index();
    var changed = new LinkKind.Vxlan(7, Optional.of(ip("10.0.0.9")), lower, 8472, true, false);
    kernel.execute(Links.vxlan(index, changed));
    assertThat(kernel.link(index).orElseThrow().kind()).isEqualTo(changed);
    var other = new LinkKind.Vxlan(8, Optional.of(ip("10.0.0.9")), lower, 8472, true, false);
    assertThatThrownBy(() -> kernel.execute(Links.vxlan(index, other)))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("EOPNOTSUPP \"Cannot change VNI\"");
  }

  @Test
  void aRefusalNamesTheRequestTheKernelsWordsAndTheAttribute() {
    assertThatThrownBy(() ->
            kernel.execute(Links.create(Links.Spec.of("x", new LinkKind.Other("no-such-kind")))))
        .hasMessageContaining("cannot create no-such-kind x: EOPNOTSUPP \"Unknown device type\"")
        .hasMessageContaining("modprobe");
    assertThatThrownBy(() ->
            kernel.execute(Links.create(Links.Spec.of("a-name-of-16-chr", new LinkKind.Bridge()))))
        .hasMessageContaining("ERANGE")
        .hasMessageContaining("at attribute 3");
  }

  @Test
  void theHairpinOfABridgePortIsSet() {
    int port = veth();
    kernel.execute(Links.create(Links.Spec.of("br0", new LinkKind.Bridge())));
    kernel.execute(Links.master(port, kernel.link("br0").orElseThrow().index()));
    kernel.execute(Links.hairpin(port, true));
    assertThat(kernel.link(port).orElseThrow().hairpin()).isTrue();
  }

  @Test
  void aGroupOfLinksIsDeletedAtOnce() {
    kernel.execute(Links.group(veth(), 0xde41));
    kernel.execute(Links.deleteGroup(0xde41));
    assertThat(kernel.link("veth0")).isEmpty();
    assertThatThrownBy(() -> kernel.execute(Links.deleteGroup(0xde41)))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
  }

  @Test
  void anIpv6AddressIsUsableAtOnce() {
    int index = vethWithAddress();
    assertThat(kernel.addresses())
        .filteredOn(a -> a.ifindex() == index && a.address().address().equals(ip("fd00::1")))
        .singleElement()
        .matches(a -> (a.flags() & LinkAddress.IFA_F_TENTATIVE) == 0);
  }

  @Test
  void routesOfBothFamiliesAreReplacedAndReadBack() {
    int index = vethWithAddress();
    Route v4 =
        Route.via(Cidr.parse("10.9.0.0/16"), ip("10.0.0.7"), index, false, DENIM).withMtu(1300);
    Route onlink = Route.via(Cidr.parse("10.8.0.0/16"), ip("10.77.0.7"), index, true, DENIM);
    Route v6 = Route.via(Cidr.parse("fd09::/64"), ip("fd00::7"), index, false, DENIM);
    Route hole = Route.blackhole(Cidr.parse("10.7.0.0/24"), DENIM);
    assertThat(
            kernel.executeAll(
                List.of(
                    v4.replace(), onlink.replace(), v6.replace(), hole.replace(), v4.replace())))
        .isEmpty();
    assertThat(kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN)).contains(v4, onlink, hole);
    assertThat(kernel.routes(Family.IPV6, Route.RT_TABLE_MAIN)).contains(v6);
    assertThat(kernel.lookup(ip("10.9.1.1")).orElseThrow().hops().getFirst().gateway())
        .contains(ip("10.0.0.7"));
    kernel.execute(v4.delete());
    assertThatThrownBy(() -> kernel.execute(v4.delete())).hasMessageContaining("ESRCH");
  }

  @Test
  void aMultipathRouteAndANexthopObjectAreReadBack() {
    int index = vethWithAddress();
    Route ecmp =
        Route.onLink(Cidr.parse("10.6.0.0/16"), index, DENIM)
            .withHops(
                List.of(
                    new Route.Hop(Optional.of(ip("10.0.0.7")), index, false, 1),
                    new Route.Hop(Optional.of(ip("10.0.0.8")), index, false, 3)));
    Route spread =
        new Route(
            ecmp.destination(), ecmp.hops(), ecmp.type(), 254, DENIM, 0, 0, 0, Optional.empty(), 0);
    Nexthop hop =
        new Nexthop(9, Family.IPV4, Optional.of(ip("10.0.0.7")), index, false, List.of(), DENIM);
    Nexthop group =
        new Nexthop(
            10, Family.IPV4, Optional.empty(), 0, false, List.of(new Nexthop.Member(9, 1)), DENIM);
    Route by = Route.blackhole(Cidr.parse("10.5.0.0/16"), DENIM);
    Route byNexthop =
        new Route(
            by.destination(),
            List.of(),
            Route.Type.UNICAST,
            254,
            DENIM,
            0,
            0,
            0,
            Optional.empty(),
            9);
    assertThat(
            kernel.executeAll(
                List.of(spread.replace(), hop.replace(), group.replace(), byNexthop.replace())))
        .isEmpty();
    assertThat(kernel.routes(Family.IPV4, 254)).contains(spread);
    assertThat(kernel.routes(Family.IPV4, 254)).anyMatch(r -> r.nexthopId() == 9);
    assertThat(kernel.nexthops()).contains(hop).anyMatch(n -> n.group().equals(group.group()));
    kernel.execute(Nexthop.delete(10));
  }

  @Test
  void neighboursAndForwardingEntriesAreReplaced() {
    int lower = vethWithAddress();
    var vxlan = new LinkKind.Vxlan(7, Optional.of(ip("10.0.0.1")), lower, 8472, false, false);
    kernel.execute(Links.create(Links.Spec.of("flannel.7", vxlan).upAtOnce()));
    int index = kernel.link("flannel.7").orElseThrow().index();
    kernel.execute(Neighbour.replace(index, ip("10.244.2.0"), MAC));
    kernel.execute(Neighbour.replace(index, ip("10.244.2.0"), PEER_MAC));
    kernel.execute(FdbEntry.replace(index, PEER_MAC, ip("10.0.0.2")));
    kernel.execute(FdbEntry.replace(index, PEER_MAC, ip("10.0.0.3")));
    assertThat(kernel.neighbours(index))
        .filteredOn(Neighbour::permanent)
        .extracting(Neighbour::mac)
        .containsExactly(Optional.of(PEER_MAC));
    assertThat(kernel.fdb(index))
        .extracting(FdbEntry::remote)
        .containsExactly(Optional.of(ip("10.0.0.3")));
    kernel.execute(FdbEntry.delete(index, PEER_MAC, ip("10.0.0.3")));
    kernel.execute(Neighbour.delete(index, ip("10.244.2.0")));
    assertThat(kernel.fdb(index)).isEmpty();
  }

  @Test
  void rulesAreAddedOnceAndDeleted() {
    Rule rule =
        new Rule(
            Family.IPV4,
            1000,
            Optional.of(Cidr.parse("10.0.0.0/8")),
            Optional.empty(),
            0x10,
            0xff,
            1234,
            DENIM);
    kernel.execute(rule.create());
    assertThat(kernel.rules(Family.IPV4)).contains(rule);
    assertThatThrownBy(() -> kernel.execute(rule.create())).hasMessageContaining("EEXIST");
    kernel.execute(rule.delete());
    assertThat(kernel.rules(Family.IPV4)).doesNotContain(rule);
  }

  @Test
  void manyRequestsGoInFewSendsAndTheRefusedOnesAreTold() {
    int index = vethWithAddress();
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      Cidr destination = Cidr.of(IpAddress.v4(0x0b000000 + (i << 8)), 24);
      IpAddress gateway = i % 1000 == 500 ? ip("99.9.9.9") : ip("10.0.0.7");
      requests.add(Route.via(destination, gateway, index, false, DENIM).replace());
    }
    var failures = kernel.executeAll(requests);
    assertThat(failures)
        .extracting(NetlinkSocket.Failure::index)
        .containsExactly(500, 1500, 2500, 3500, 4500);
    assertThat(failures.getFirst().error()).hasMessageContaining("Nexthop has invalid gateway");
    assertThat(kernel.routes(Family.IPV4, 254))
        .filteredOn(r -> r.protocol() == DENIM)
        .hasSize(4_995);
  }

  @Test
  void aNewLinkIsHeardWithItsIndex() throws Exception {
    var heard = new LinkedBlockingQueue<NetlinkMonitor.Change>();
    try (NetlinkMonitor monitor = new NetlinkMonitor()) {
      monitor.subscribe(node, Set.of(NetlinkMonitor.Topic.LINK), heard::add);
      int index = vethWithAddress();
      assertThat(heard.poll(5, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              NetlinkMonitor.Change.LinkChanged.class,
              change -> {
                assertThat(change.ifindex()).isEqualTo(index);
                assertThat(change.group()).hasValue(77);
                assertThat(change.deleted()).isFalse();
              });
    }
  }

  @Test
  void aNewRouteIsHeardWithItsSender() throws Exception {
    // Else the kernel may make the route of a link-local address meanwhile.
    Sysctl.of(node).write("net/ipv6/conf/default/addr_gen_mode", "1");
    int index = vethWithAddress();
    var heard = new LinkedBlockingQueue<NetlinkMonitor.Change>();
    try (NetlinkMonitor monitor = new NetlinkMonitor()) {
      monitor.subscribe(node, Set.of(NetlinkMonitor.Topic.ROUTE), heard::add);
      kernel.execute(Route.onLink(Cidr.parse("10.3.0.0/24"), index, DENIM).replace());
      assertThat(heard.poll(5, TimeUnit.SECONDS))
          .isEqualTo(
              new NetlinkMonitor.Change.Changed(
                  NetlinkMonitor.Topic.ROUTE, kernel.portId(), index));
    }
  }

  @Test
  void newsOfATunnelAreHeardThoughNotAllOfThemWithTheirSender() throws Exception {
    kernel.execute(
        Links.create(
            Links.Spec.of(
                "flannel.9",
                new LinkKind.Vxlan(
                    9, Optional.of(IpAddress.parse("192.0.2.9")), 0, 8472, false, false))));
    int index = kernel.link("flannel.9").orElseThrow().index();
    IpAddress remote = IpAddress.parse("192.0.2.1");
    var heard = new LinkedBlockingQueue<NetlinkMonitor.Change>();
    try (NetlinkMonitor monitor = new NetlinkMonitor()) {
      monitor.subscribe(node, Set.of(NetlinkMonitor.Topic.NEIGHBOUR), heard::add);
      kernel.execute(FdbEntry.replace(index, MacAddress.local(5), remote));
      kernel.execute(FdbEntry.delete(index, MacAddress.local(5), remote));
      for (boolean deleted : new boolean[] {false, true}) {
        assertThat(heard.poll(5, TimeUnit.SECONDS))
            .isEqualTo(
                new NetlinkMonitor.Change.ForwardingChanged(
                    0, index, MacAddress.local(5), Optional.of(remote), deleted));
      }
      kernel.execute(Neighbour.replace(index, remote, MacAddress.local(5)));
      assertThat(heard.poll(5, TimeUnit.SECONDS))
          .isEqualTo(
              new NetlinkMonitor.Change.NeighbourChanged(
                  kernel.portId(), index, remote, Optional.of(MacAddress.local(5)), false));
      kernel.execute(Neighbour.delete(index, remote));
      // First it fails, in the name of who deletes it; then it is gone, in nobody's.
      assertThat(heard.poll(5, TimeUnit.SECONDS))
          .isEqualTo(
              new NetlinkMonitor.Change.NeighbourChanged(
                  kernel.portId(), index, remote, Optional.empty(), false));
      assertThat(heard.poll(5, TimeUnit.SECONDS))
          .isEqualTo(
              new NetlinkMonitor.Change.NeighbourChanged(0, index, remote, Optional.empty(), true));
    }
  }

  @Test
  void lostNotificationsAreToldAsAnOverrun() throws Exception {
    int index = vethWithAddress();
    var heard = new LinkedBlockingQueue<NetlinkMonitor.Change>();
    try (NetlinkMonitor monitor = new NetlinkMonitor()) {
      var slow = new java.util.concurrent.CountDownLatch(1);
      monitor.subscribe(
          node,
          Set.of(NetlinkMonitor.Topic.ROUTE),
          change -> {
            try {
              slow.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            heard.add(change);
          },
          2048);
      List<Request> requests = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        Cidr destination = Cidr.of(IpAddress.v4(0x0b000000 + (i << 8)), 24);
        requests.add(Route.via(destination, ip("10.0.0.7"), index, false, DENIM).replace());
      }
      assertThat(kernel.executeAll(requests)).isEmpty();
      slow.countDown();
      org.awaitility.Awaitility.await()
          .untilAsserted(() ->
              assertThat(heard)
                  .contains(new NetlinkMonitor.Change.Overrun(Set.of(NetlinkMonitor.Topic.ROUTE))));
    }
  }

  @Test
  void aSysctlIsSetInItsNamespaceOnly() {
    Sysctl inside = Sysctl.of(node);
    assertThat(inside.write("net/ipv4/ip_forward", "1")).isTrue();
    assertThat(inside.read("net/ipv4/ip_forward")).contains("1");
    assertThat(Sysctl.of(pod).read("net/ipv4/ip_forward")).contains("0");
    assertThat(inside.read("net/ipv4/no_such")).isEmpty();
    assertThat(inside.write("net/ipv4/no_such", "1")).isFalse();
  }

  @Test
  void aNamespaceClosedTwiceLeavesTheNextOwnerOfItsNumberAlone() {
    Namespace first = Namespace.create();
    first.close();
    try (Namespace second = Namespace.create()) {
      first.close();
      assertThat(second.<Long>call(second::inode)).isEqualTo(second.inode());
    }
  }

  @Test
  void anEndedSubscriptionHearsNothingMoreAndOthersGoOn() throws Exception {
    var ended = new LinkedBlockingQueue<NetlinkMonitor.Change>();
    var heard = new LinkedBlockingQueue<NetlinkMonitor.Change>();
    try (NetlinkMonitor monitor = new NetlinkMonitor()) {
      Set<NetlinkMonitor.Topic> topics = Set.of(NetlinkMonitor.Topic.LINK);
      var first = monitor.subscribe(node, topics, ended::add);
      monitor.subscribe(node, topics, heard::add);
      first.forEach(NetlinkMonitor.Subscription::close);
      vethWithAddress();
      assertThat(heard.poll(5, TimeUnit.SECONDS)).isNotNull();
      assertThat(ended).isEmpty();
    }
  }

  @Test
  void aHundredNamespacesHaveTheirOwnSockets() {
    List<Namespace> namespaces = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      namespaces.add(Namespace.create());
    }
    for (Namespace namespace : namespaces) {
      try (Rtnetlink inside = Rtnetlink.open(namespace)) {
        assertThat(inside.links()).extracting(Link::name).contains("lo");
      }
      namespace.close();
    }
  }

  @Test
  void aDumpThatChangesInterruptIsWholeAllTheSame() throws Exception {
    int index = vethWithAddress();
    List<Request> standing = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      Cidr destination = Cidr.of(IpAddress.v4(0x0b000000 + (i << 8)), 24);
      standing.add(Route.via(destination, ip("10.0.0.7"), index, false, DENIM).replace());
    }
    assertThat(kernel.executeAll(standing)).isEmpty();
    var stop = new java.util.concurrent.atomic.AtomicBoolean();
    Thread restless =
        Thread.ofPlatform()
            .start(() -> {
              try (Rtnetlink other = Rtnetlink.open(node)) {
                Route route = Route.onLink(Cidr.parse("12.0.0.0/24"), index, DENIM);
                while (!stop.get()) {
                  other.executeAll(List.of(route.replace(), route.delete()));
                }
              }
            });
    try {
      for (int i = 0; i < 20; i++) {
        assertThat(kernel.routes(Family.IPV4, 254))
            .filteredOn(route -> Cidr.parse("11.0.0.0/8").contains(route.destination()))
            .hasSize(3_000);
      }
    } finally {
      stop.set(true);
      restless.join();
    }
  }
}
