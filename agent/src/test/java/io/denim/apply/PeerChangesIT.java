package io.denim.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.apply.Observed.Part;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Desired;
import io.denim.plan.PathPlanner;
import io.denim.plan.PathTable;
import io.denim.plan.PeerObjects;
import io.denim.plan.PeerPath;
import io.denim.plan.Planner;
import io.denim.state.LocalNode;
import io.denim.state.LocalNode.RuleOptions;
import io.denim.state.Peer;
import io.denim.state.Snapshot;
import io.denim.state.Underlay;
import io.denim.state.Underlay.UnderlayRoute;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changing the objects of some peers alone leaves the kernel as changing all would have. */
class PeerChangesIT {
  private static final String VXLAN = "{\"Type\":\"vxlan\"}";
  private static final String DIRECT_ROUTING = "{\"Type\":\"vxlan\",\"DirectRouting\":true}";
  private static final String HOST_GW = "{\"Type\":\"host-gw\"}";
  private static final int STEPS = 60;

  private final Namespace node = Namespace.create();
  private final Rtnetlink rtnetlink = Rtnetlink.open(node);
  private final LinuxKernel kernel = new LinuxKernel(node, Sysctl.of(node));
  private final Reconciler reconciler = new Reconciler(kernel);
  private final Map<String, Peer> peers = new TreeMap<>();
  private Optional<PathTable> table = Optional.empty();

  @BeforeEach
  void aNodeOnALink() {
    Sysctl.of(node).write("net/ipv6/conf/default/accept_dad", "0");
    rtnetlink.execute(
        Links.create(
            Links.Spec.of(
                    "eth0",
                    new LinkKind.VethPair("far", MacAddress.local(8), 1500, Optional.empty()))
                .mac(MacAddress.local(7))
                .mtu(1500)
                .upAtOnce()));
    rtnetlink.execute(Links.up(index("far")));
    int eth0 = index("eth0");
    rtnetlink.execute(LinkAddress.replace(eth0, InterfaceAddress.parse("192.168.1.1/24")));
    rtnetlink.execute(LinkAddress.replace(eth0, InterfaceAddress.parse("fd00:1::1/64")));
    for (String gateway : List.of("192.168.1.254", "fd00:1::254")) {
      IpAddress address = IpAddress.parse(gateway);
      Cidr all = address.isV4() ? Cidr.ALL_V4 : Cidr.ALL_V6;
      rtnetlink.execute(Route.via(all, address, eth0, false, Route.RTPROT_BOOT).replace());
    }
  }

  @AfterEach
  void close() {
    kernel.close();
    rtnetlink.close();
    node.close();
  }

  private int index(String device) {
    return rtnetlink.link(device).orElseThrow().index();
  }

  private Snapshot snapshot(String backend) {
    return new Snapshot(
        FlannelConfig.parse(
            "{\"Network\":\"10.244.0.0/16\",\"EnableIPv6\":true,\"IPv6Network\":\"fd00:10:244::/48\",\"Backend\":"
                + backend
                + "}"),
        new LocalNode(
            "n0",
            Map.of(
                Family.IPV4,
                new LocalNode.Stack(
                    Cidr.parse("10.244.1.0/24"),
                    IpAddress.parse("192.168.1.1"),
                    MacAddress.local(1)),
                Family.IPV6,
                new LocalNode.Stack(
                    Cidr.parse("fd00:10:244:1::/64"),
                    IpAddress.parse("fd00:1::1"),
                    MacAddress.local(2))),
            MacAddress.local(9),
            new RuleOptions(true, true, true, false)),
        new Underlay(
            "eth0",
            1500,
            List.of(IpAddress.parse("192.168.1.1"), IpAddress.parse("fd00:1::1")),
            List.of(
                new UnderlayRoute(Cidr.parse("192.168.1.0/24"), Optional.empty(), "eth0", 0),
                new UnderlayRoute(Cidr.parse("fd00:1::/64"), Optional.empty(), "eth0", 256),
                new UnderlayRoute(
                    Cidr.ALL_V4, Optional.of(IpAddress.parse("192.168.1.254")), "eth0", 0),
                new UnderlayRoute(
                    Cidr.ALL_V6, Optional.of(IpAddress.parse("fd00:1::254")), "eth0", 1024))),
        new ArrayList<>(peers.values()));
  }

  /** A peer whose link, host part, VTEP and subnet length are chosen by these numbers. */
  private static Peer peer(int number, int link, int host, int mac, boolean tiny) {
    IpAddress v4 = IpAddress.parse("192.168." + link + "." + host);
    IpAddress v6 = IpAddress.parse("fd00:" + link + "::" + host);
    return new Peer(
        "n" + number,
        Optional.of(Cidr.parse("10.244." + (10 + number) + (tiny ? ".0/25" : ".0/24"))),
        Optional.of(Cidr.parse("fd00:10:244:" + (10 + number) + "::/64")),
        new FlannelLease(v4, Optional.of(v6), "vxlan", vtep(2 * mac), vtep(2 * mac + 1)));
  }

  private static Optional<BackendData> vtep(int number) {
    return Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MacAddress.local(100 + number)));
  }

  private void put(Peer peer) {
    peers.put(peer.name(), peer);
  }

  private Desired desired(Snapshot snapshot) {
    return Planner.plan(snapshot, PathPlanner.paths(snapshot));
  }

  private void whole(String backend) {
    Snapshot now = snapshot(backend);
    List<PeerPath> paths = PathPlanner.paths(now);
    reconciler.hint(EnumSet.allOf(Part.class));
    assertThat(reconciler.reconcile(Planner.plan(now, paths)).failed()).isEmpty();
    table = Optional.of(new PathTable(now, paths));
  }

  /** Empty when the table gives up. */
  private Optional<Reconciler.Outcome> change(String backend) {
    return table
        .orElseThrow()
        .moveTo(snapshot(backend))
        .flatMap(change ->
            reconciler.change(PeerObjects.of(change.before()), PeerObjects.of(change.after())));
  }

  private List<String> leftToDo(String backend) {
    reconciler.hint(EnumSet.allOf(Part.class));
    return reconciler.preview(desired(snapshot(backend))).stream().map(Step::describe).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {VXLAN, DIRECT_ROUTING, HOST_GW})
  void afterAnyChangesOfPeersAWholeRunFindsNothingToDo(String backend) {
    Random random = new Random(backend.length());
    whole(backend);
    int alone = 0;
    for (int i = 0; i < STEPS; i++) {
      for (int more = random.nextInt(3); more >= 0; more--) {
        int number = random.nextInt(6);
        if (random.nextInt(4) == 0) {
          peers.remove("n" + number);
        } else {
          // Now and then two have one VTEP, and the table gives up.
          int mac = random.nextInt(8) == 0 ? random.nextInt(5) : 10 * number + random.nextInt(9);
          int host = 10 * (number + 1) + random.nextInt(9);
          put(peer(number, 1 + random.nextInt(2), host, mac, random.nextInt(6) == 0));
        }
      }
      Optional<Reconciler.Outcome> outcome = change(backend);
      if (outcome.isPresent()) {
        alone++;
        assertThat(outcome.get().failed()).isEmpty();
        assertThat(leftToDo(backend)).as("step %d", i).isEmpty();
      } else {
        whole(backend);
      }
    }
    assertThat(alone).isGreaterThan(STEPS / 3);
    peers.clear();
    change(backend)
        .ifPresentOrElse(done -> assertThat(done.failed()).isEmpty(), () -> whole(backend));
    assertThat(leftToDo(backend)).isEmpty();
    assertThat(rtnetlink.nexthops()).isEmpty();
    assertThat(podRoutes()).isNotEmpty().allMatch(route -> route.protocol() == Route.RTPROT_KERNEL);
  }

  private List<Route> podRoutes() {
    List<Route> routes = new ArrayList<>();
    for (Family family : Family.values()) {
      for (Route route : rtnetlink.routes(family, Route.RT_TABLE_MAIN)) {
        if (Cidr.parse("10.244.0.0/16").contains(route.destination())
            || Cidr.parse("fd00:10:244::/48").contains(route.destination())) {
          routes.add(route);
        }
      }
    }
    return routes;
  }

  /** Puts flanneld's route in the place of Denim's: made by hand, without a nexthop object. */
  private void asFlanneldMadeIt(Cidr destination) {
    IpAddress gateway = destination.address();
    int tunnel = index(gateway.isV4() ? "flannel.1" : "flannel-v6.1");
    rtnetlink.execute(Route.via(destination, gateway, tunnel, true, Route.RTPROT_BOOT).replace());
  }

  private List<Route> to(Cidr destination) {
    return podRoutes().stream().filter(r -> r.destination().equals(destination)).toList();
  }

  @Test
  void aRouteOfFlanneldsInThePlaceOfDenimsStaysAndGoesWithItsPeer() {
    Peer two = peer(2, 2, 20, 2, false);
    put(two);
    put(peer(3, 2, 30, 3, false));
    whole(VXLAN);
    two.subnetV4().ifPresent(this::asFlanneldMadeIt);
    two.subnetV6().ifPresent(this::asFlanneldMadeIt);
    assertThat(leftToDo(VXLAN)).noneMatch(step -> step.contains("route"));

    // Another VTEP: the route leads the same way.
    put(peer(2, 2, 20, 8, false));
    assertThat(change(VXLAN).orElseThrow().failed()).isEmpty();
    assertThat(to(two.subnetV4().orElseThrow()))
        .singleElement()
        .extracting(Route::protocol)
        .isEqualTo(Route.RTPROT_BOOT);

    // It goes: what was to be deleted is not there, so a whole run is needed, and deletes it.
    peers.remove("n2");
    assertThat(change(VXLAN).orElseThrow().failed()).isNotEmpty();
    whole(VXLAN);
    assertThat(to(two.subnetV4().orElseThrow())).isEmpty();
    assertThat(to(two.subnetV6().orElseThrow())).isEmpty();
    assertThat(leftToDo(VXLAN)).isEmpty();
  }

  @Test
  void aRouteOfFlanneldsIsReplacedInOneMessageWhenTheWayChanges() {
    Peer far = peer(2, 2, 20, 2, false);
    put(far);
    whole(DIRECT_ROUTING);
    far.subnetV4().ifPresent(this::asFlanneldMadeIt);
    far.subnetV6().ifPresent(this::asFlanneldMadeIt);
    put(peer(2, 1, 20, 2, false));
    Reconciler.Outcome outcome = change(DIRECT_ROUTING).orElseThrow();
    assertThat(outcome.failed()).isEmpty();
    assertThat(outcome.done())
        .extracting(Step::describe)
        .filteredOn(step -> step.contains(" route "))
        .hasSize(2)
        .allMatch(step -> step.startsWith("replace"));
    assertThat(to(far.subnetV4().orElseThrow()))
        .singleElement()
        .extracting(Route::protocol)
        .isEqualTo(Ownership.ROUTE_PROTOCOL);
    assertThat(leftToDo(DIRECT_ROUTING)).isEmpty();
  }

  @Test
  void aRouteOfOthersAroundThePodNetworkDoesNotKeepAPeersOut() {
    // The kernel refuses a gateway on the tunnel when its table leads to it by another link.
    rtnetlink.execute(
        Route.via(
                Cidr.parse("fd00::/16"),
                IpAddress.parse("fd00:1::254"),
                index("eth0"),
                false,
                Route.RTPROT_BOOT)
            .replace());
    put(peer(2, 2, 20, 2, false));
    whole(VXLAN);
    assertThat(leftToDo(VXLAN)).isEmpty();
    put(peer(3, 2, 30, 3, false));
    if (!change(VXLAN).orElseThrow().failed().isEmpty()) {
      whole(VXLAN);
    }
    assertThat(leftToDo(VXLAN)).isEmpty();
    assertThat(to(Cidr.parse("fd00:10:244:13::/64"))).hasSize(1);
  }

  @Test
  void whatAnotherHasDeletedMeanwhileMakesAWholeRunNecessary() {
    Peer two = peer(2, 2, 20, 2, false);
    put(two);
    whole(VXLAN);
    rtnetlink.execute(Nexthop.delete(two.subnetV4().orElseThrow().address().low32()));
    peers.clear();
    assertThat(change(VXLAN).orElseThrow().failed()).isNotEmpty();
    whole(VXLAN);
    assertThat(leftToDo(VXLAN)).isEmpty();
  }

  @Test
  void withoutItsDeviceNothingIsTried() {
    put(peer(2, 2, 20, 2, false));
    Snapshot now = snapshot(VXLAN);
    reconciler.observe(Desired.NOTHING);
    assertThat(reconciler.change(PeerObjects.of(List.of()), PeerObjects.of(PathPlanner.paths(now))))
        .isEmpty();
  }
}
