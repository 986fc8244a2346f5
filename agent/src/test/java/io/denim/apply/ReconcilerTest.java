package io.denim.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.apply.Observed.Part;
import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Neighbour;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Route;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Desired;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReconcilerTest {
  private static final MacAddress MAC = MacAddress.local(1);
  private static final MacAddress PEER = MacAddress.local(2);
  private static final InterfaceAddress OWN = InterfaceAddress.parse("10.244.1.0/32");

  private static final Desired WANTED =
      new Desired(
          List.of(Cidr.parse("10.244.0.0/16")),
          "eth0",
          List.of(
              new Desired.VxlanDevice(
                  "flannel.1",
                  1450,
                  MAC,
                  List.of(OWN),
                  1,
                  8472,
                  IpAddress.parse("192.168.1.1"),
                  "eth0",
                  false,
                  false)),
          List.of(
              new Desired.RouteEntry(
                  Cidr.parse("10.244.2.0/24"), IpAddress.parse("10.244.2.0"), "flannel.1", true)),
          List.of(),
          List.of(new Desired.NeighbourEntry("flannel.1", IpAddress.parse("10.244.2.0"), PEER)),
          List.of(new Desired.ForwardingEntry("flannel.1", PEER, IpAddress.parse("192.168.1.2"))),
          Desired.Firewall.NONE,
          List.of(new Desired.SysctlRule.NotStrict("net/ipv4/conf/eth0/rp_filter")),
          true);

  private static Link link(int index, String name, LinkKind kind, MacAddress mac, boolean up) {
    return new Link(index, name, kind, Optional.of(mac), 1450, up, true, 0, 0, "", 0, false);
  }

  private static final Link EXTERNAL =
      link(2, "eth0", new LinkKind.Other(""), MacAddress.local(7), true);
  private static final Link TUNNEL =
      link(
          3,
          "flannel.1",
          new LinkKind.Vxlan(1, Optional.of(IpAddress.parse("192.168.1.1")), 2, 8472, false, false),
          MAC,
          true);

  private static Observed observed(List<Link> links, List<Route> routes) {
    return new Observed(
        links,
        List.of(new LinkAddress(3, OWN, 0, 0)),
        routes,
        List.of(),
        List.of(),
        List.of(),
        Optional.of(Rules.table(Desired.Firewall.NONE)),
        Map.of("net/ipv4/conf/eth0/rp_filter", "1"));
  }

  private static final String NEXTHOP = "replace nexthop 183763456 via 10.244.2.0 dev 3 onlink";

  private static List<String> words(List<Step> steps) {
    return steps.stream().map(Step::describe).toList();
  }

  @Test
  void aDeviceComesBeforeAllThatLivesOnIt() {
    assertThat(words(Difference.between(WANTED, observed(List.of(EXTERNAL), List.of()))))
        .containsExactly("create vxlan flannel.1", "set sysctl net/ipv4/conf/eth0/rp_filter to 2");
  }

  @Test
  void aRouteComesAfterTheNeighbourItNeedsAndBeforeWhatGoes() {
    Route stale =
        Route.via(
            Cidr.parse("10.244.9.0/24"), IpAddress.parse("10.244.9.0"), 3, true, Route.RTPROT_BOOT);
    assertThat(
            words(Difference.between(WANTED, observed(List.of(EXTERNAL, TUNNEL), List.of(stale)))))
        .containsExactly(
            "set sysctl net/ipv4/conf/eth0/rp_filter to 2",
            "replace neighbour 10.244.2.0 " + PEER + " on link 3",
            "replace forwarding entry " + PEER + " to 192.168.1.2 on link 3",
            NEXTHOP,
            "replace route 10.244.2.0/24 nhid 183763456 table 254 metric 0",
            "delete route 10.244.9.0/24 via 10.244.9.0 dev 3 onlink table 254 metric 0");
  }

  @Test
  void aRouteThatLeadsElsewhereIsReplacedAndNotDeleted() {
    Route elsewhere =
        Route.via(
            Cidr.parse("10.244.2.0/24"),
            IpAddress.parse("192.168.1.2"),
            2,
            false,
            Ownership.ROUTE_PROTOCOL);
    assertThat(
            words(
                Difference.between(
                    WANTED, observed(List.of(EXTERNAL, TUNNEL), List.of(elsewhere)))))
        .contains(NEXTHOP, "replace route 10.244.2.0/24 nhid 183763456 table 254 metric 0")
        .noneMatch(step -> step.startsWith("delete"));
  }

  @Test
  void foreignRoutesAreLeftAlone() {
    Route byHand =
        Route.via(Cidr.parse("10.244.9.0/24"), IpAddress.parse("192.168.1.9"), 2, false, 4);
    Route outside =
        Route.via(Cidr.parse("172.16.0.0/16"), IpAddress.parse("192.168.1.9"), 2, false, 3);
    assertThat(
            words(
                Difference.between(
                    WANTED, observed(List.of(EXTERNAL, TUNNEL), List.of(byHand, outside)))))
        .noneMatch(step -> step.startsWith("delete"));
  }

  @Test
  void anotherVniMakesTheDeviceAnewAndAnotherMtuChangesIt() {
    Link other =
        link(
            3,
            "flannel.1",
            new LinkKind.Vxlan(
                1, Optional.of(IpAddress.parse("192.168.1.1")), 2, 4789, false, false),
            MAC,
            true);
    assertThat(words(Difference.between(WANTED, observed(List.of(EXTERNAL, other), List.of()))))
        .startsWith("delete link 3", "create vxlan flannel.1");
    Link stranger = link(3, "flannel.1", TUNNEL.kind(), MacAddress.local(99), true);
    assertThat(words(Difference.between(WANTED, observed(List.of(EXTERNAL, stranger), List.of()))))
        .startsWith("set address " + MAC + " of link 3");
  }

  @Test
  void theNexthopsOfAnotherNetworkOnThisHostAreLeftAlone() {
    Observed bare = observed(List.of(EXTERNAL, TUNNEL), List.of());
    Observed both =
        new Observed(
            bare.links(),
            bare.addresses(),
            bare.routes(),
            List.of(nexthop("10.244.9.0"), nexthop("10.99.9.0")),
            bare.neighbours(),
            bare.forwarding(),
            bare.table(),
            bare.sysctls());
    assertThat(words(Difference.between(WANTED, both)))
        .contains("delete nexthop " + IpAddress.parse("10.244.9.0").low32())
        .doesNotContain("delete nexthop " + IpAddress.parse("10.99.9.0").low32());
  }

  @Test
  void theWaysToOthersStayWhereNotAllPeersAreKnown() {
    Observed bare = observed(List.of(EXTERNAL, TUNNEL), List.of());
    IpAddress other = IpAddress.parse("10.244.9.0");
    MacAddress mac = MacAddress.local(9);
    Observed more =
        new Observed(
            bare.links(),
            bare.addresses(),
            List.of(
                Route.via(Cidr.parse("10.244.9.0/24"), other, 3, true, Ownership.ROUTE_PROTOCOL)),
            List.of(nexthop("10.244.9.0")),
            List.of(new Neighbour(3, other, Optional.of(mac), Neighbour.NUD_PERMANENT)),
            List.of(
                new FdbEntry(
                    3, mac, Optional.of(IpAddress.parse("192.168.1.9")), Neighbour.NUD_PERMANENT)),
            bare.table(),
            bare.sysctls());
    assertThat(words(Difference.between(WANTED, more)))
        .filteredOn(step -> step.startsWith("delete"))
        .hasSize(4);
    assertThat(words(Difference.between(WANTED.withUnknownPeers(), more)))
        .noneMatch(step -> step.startsWith("delete"))
        .anyMatch(step -> step.startsWith("replace route 10.244.2.0/24"));
  }

  private static Nexthop nexthop(String gateway) {
    IpAddress address = IpAddress.parse(gateway);
    return new Nexthop(
        address.low32(),
        io.denim.net.Family.IPV4,
        Optional.of(address),
        3,
        true,
        List.of(),
        Ownership.ROUTE_PROTOCOL);
  }

  @Test
  void aBlackholeIsMadeUnlessAnotherRouteHoldsThePrefix() {
    Cidr own = Cidr.parse("10.244.1.0/24");
    Desired wanted =
        new Desired(
            WANTED.networks(),
            "eth0",
            List.of(),
            List.of(),
            List.of(own),
            List.of(),
            List.of(),
            Desired.Firewall.NONE,
            List.of(),
            true);
    assertThat(words(Difference.between(wanted, observed(List.of(EXTERNAL), List.of()))))
        .containsExactly("replace route 10.244.1.0/24 blackhole table 254 metric 0");
    Route connected = Route.onLink(own, 2, Route.RTPROT_KERNEL);
    assertThat(Difference.between(wanted, observed(List.of(EXTERNAL), List.of(connected))))
        .isEmpty();
    Route made = Route.blackhole(own, Ownership.ROUTE_PROTOCOL);
    assertThat(Difference.between(wanted, observed(List.of(EXTERNAL), List.of(made)))).isEmpty();
  }

  /** Refuses the first steps and then is as desired. */
  private static final class Stubborn implements Kernel {
    private final List<List<String>> asked = new ArrayList<>();
    private int refusals = 1;

    @Override
    public Observed read(Set<Part> parts, Observed before, Desired desired) {
      return observed(List.of(EXTERNAL, TUNNEL), List.of());
    }

    @Override
    public List<Failed> apply(List<Step> steps) {
      asked.add(words(steps));
      return refusals-- > 0
          ? steps.stream().map(step -> new Failed(step, "refused")).toList()
          : List.of();
    }
  }

  @Test
  void whatIsRefusedIsToldAndAskedAgainInTheNextRun() {
    Stubborn kernel = new Stubborn();
    Reconciler reconciler = new Reconciler(kernel);
    assertThat(reconciler.reconcile(WANTED).failed()).isNotEmpty();
    assertThat(kernel.asked).hasSize(1);
    reconciler.reconcile(WANTED);
    assertThat(kernel.asked.get(1)).isEqualTo(kernel.asked.get(0));
  }

  @Test
  void aPreviewChangesNothing() {
    Stubborn kernel = new Stubborn();
    assertThat(new Reconciler(kernel).preview(WANTED)).isNotEmpty();
    assertThat(kernel.asked).isEmpty();
  }
}
