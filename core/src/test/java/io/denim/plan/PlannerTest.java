package io.denim.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Desired.FirewallRule;
import io.denim.state.LocalNode;
import io.denim.state.LocalNode.RuleOptions;
import io.denim.state.Peer;
import io.denim.state.Snapshot;
import io.denim.state.Underlay;
import io.denim.state.Underlay.UnderlayRoute;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final MacAddress OWN = MacAddress.local(1);

  private static Snapshot node(String backend, Peer... peers) {
    return new Snapshot(
        FlannelConfig.parse("{\"Network\":\"10.244.0.0/16\",\"Backend\":" + backend + "}"),
        new LocalNode(
            "n1",
            Map.of(
                Family.IPV4,
                new LocalNode.Stack(
                    Cidr.parse("10.244.1.0/24"), IpAddress.parse("192.168.1.1"), OWN)),
            MacAddress.local(9),
            new RuleOptions(true, true, true, false)),
        new Underlay(
            "eth0",
            1500,
            List.of(IpAddress.parse("192.168.1.1")),
            List.of(
                new UnderlayRoute(Cidr.parse("192.168.1.0/24"), Optional.empty(), "eth0", 0),
                new UnderlayRoute(
                    Cidr.ALL_V4, Optional.of(IpAddress.parse("192.168.1.254")), "eth0", 0))),
        List.of(peers));
  }

  private static Peer vxlan(String name, String subnet, String address, int mac, int vni) {
    return new Peer(
        name,
        Optional.of(Cidr.parse(subnet)),
        Optional.empty(),
        new FlannelLease(
            IpAddress.parse(address),
            Optional.empty(),
            "vxlan",
            Optional.of(new BackendData.Vxlan(OptionalInt.of(vni), MacAddress.local(mac))),
            Optional.empty()));
  }

  private static Peer hostGw(String name, String subnet, String address) {
    return new Peer(
        name,
        Optional.of(Cidr.parse(subnet)),
        Optional.empty(),
        new FlannelLease(
            IpAddress.parse(address),
            Optional.empty(),
            "host-gw",
            Optional.empty(),
            Optional.empty()));
  }

  private static List<String> chosen(Snapshot snapshot) {
    return PathPlanner.paths(snapshot).stream()
        .map(path -> path.peer() + " " + path.path().kind() + ": " + path.reason())
        .toList();
  }

  private static final Peer NEAR = vxlan("n2", "10.244.2.0/24", "192.168.1.2", 2, 1);
  private static final Peer FAR = vxlan("n3", "10.244.3.0/24", "192.168.2.3", 3, 1);

  @Test
  void vxlanGoesToEveryNodeInTheTunnel() {
    assertThat(chosen(node("{\"Type\":\"vxlan\"}", NEAR, FAR)))
        .containsExactly("n2 vxlan: vxlan to every node", "n3 vxlan: vxlan to every node");
  }

  @Test
  void withDirectRoutingANodeOfAnotherSubnetIsReachedByVxlan() {
    assertThat(chosen(node("{\"Type\":\"vxlan\",\"DirectRouting\":true}", NEAR, FAR)))
        .containsExactly(
            "n2 direct: DirectRouting: 192.168.1.2 is on the link",
            "n3 vxlan: DirectRouting: 192.168.2.3 is in another subnet");
  }

  @Test
  void hostGwToAnotherSubnetIsUnreachableWithAReason() {
    assertThat(chosen(node("{\"Type\":\"host-gw\"}", NEAR, FAR)))
        .containsExactly(
            "n2 direct: host-gw: 192.168.1.2 is on the link",
            "n3 unreachable: 192.168.2.3 is in another subnet, and host-gw needs all nodes on one link; use"
                + " vxlan with DirectRouting");
  }

  @Test
  void whatAPeerPublishesWronglyMakesOnlyThatPeerUnreachable() {
    assertThat(
            chosen(
                node(
                    "{\"Type\":\"vxlan\"}",
                    NEAR,
                    vxlan("overlap", "10.244.1.128/25", "192.168.2.4", 4, 1),
                    vxlan("outside", "10.9.0.0/24", "192.168.2.5", 5, 1),
                    vxlan("double", "10.244.6.0/24", "192.168.1.1", 6, 1),
                    vxlan("vni", "10.244.7.0/24", "192.168.2.7", 7, 42),
                    vxlan("twin", "10.244.8.0/24", "192.168.2.8", 2, 1),
                    hostGw("gw-near", "10.244.9.0/24", "192.168.1.9"),
                    hostGw("gw-far", "10.244.10.0/24", "192.168.2.10"))))
        .contains(
            "n2 vxlan: vxlan to every node",
            "overlap unreachable: its subnet overlaps this node's own 10.244.1.0/24",
            "outside unreachable: its subnet is outside the configured network",
            "double unreachable: it publishes this node's own address 192.168.1.1; give one of the two another"
                + " --public-ip or --iface",
            "vni unreachable: its VNI is 42, this node's is 1",
            "twin unreachable: it publishes the VTEP address "
                + MacAddress.local(2)
                + ", which n2 has already",
            "gw-near direct: it receives no vxlan (its backend is \"host-gw\"), but 192.168.1.9 is on the link",
            "gw-far unreachable: it receives no vxlan (its backend is \"host-gw\") and 192.168.2.10 is in another"
                + " subnet");
  }

  @Test
  void oneSubnetLeadsToOnePeerOnlyWhoComesFirstByNameAmongThoseThatCanBeReached() {
    assertThat(
            chosen(
                node(
                    "{\"Type\":\"vxlan\"}",
                    vxlan("a-elsewhere", "10.244.2.0/24", "192.168.2.4", 4, 42),
                    vxlan("b", "10.244.2.0/24", "192.168.2.5", 5, 1),
                    vxlan("c", "10.244.2.0/24", "192.168.2.6", 6, 1),
                    vxlan("d", "10.244.2.0/25", "192.168.2.7", 7, 1),
                    vxlan("e", "10.244.2.128/25", "192.168.2.8", 8, 1))))
        .containsExactlyInAnyOrder(
            "a-elsewhere unreachable: its VNI is 42, this node's is 1",
            "b vxlan: vxlan to every node",
            "c unreachable: its subnet is b's already",
            "d unreachable: its subnet begins like b's 10.244.2.0/24",
            "e vxlan: vxlan to every node");
  }

  @Test
  void oneHardwareAddressMayBeInTheTunnelsOfBothFamilies() {
    Peer twin =
        new Peer(
            "n2",
            Optional.of(Cidr.parse("10.244.2.0/24")),
            Optional.of(Cidr.parse("fd00:10:244:2::/64")),
            new FlannelLease(
                IpAddress.parse("192.168.2.2"),
                Optional.of(IpAddress.parse("fd00:2::2")),
                "vxlan",
                Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MacAddress.local(2))),
                Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MacAddress.local(2)))));
    Snapshot v4 = node("{\"Type\":\"vxlan\"}");
    LocalNode local = v4.local();
    Snapshot both =
        new Snapshot(
            FlannelConfig.parse(
                "{\"Network\":\"10.244.0.0/16\",\"EnableIPv6\":true,\"IPv6Network\":\"fd00:10:244::/48\",\"Backend\":{\"Type\":\"vxlan\"}}"),
            new LocalNode(
                local.name(),
                Map.of(
                    Family.IPV4,
                    local.stack(Family.IPV4).orElseThrow(),
                    Family.IPV6,
                    new LocalNode.Stack(
                        Cidr.parse("fd00:10:244:1::/64"),
                        IpAddress.parse("fd00:1::1"),
                        MacAddress.local(7))),
                local.bridgeMac(),
                local.rules()),
            v4.underlay(),
            List.of(twin));
    assertThat(chosen(both))
        .containsExactly("n2 vxlan: vxlan to every node", "n2 vxlan: vxlan to every node");
  }

  @Test
  void theOrderOfPeersDoesNotMatter() {
    List<Peer> peers =
        new ArrayList<>(
            List.of(
                NEAR,
                FAR,
                hostGw("n4", "10.244.4.0/24", "192.168.1.4"),
                vxlan("n5", "10.244.3.0/24", "192.168.2.5", 5, 1),
                vxlan("n6", "10.244.6.0/24", "192.168.2.6", 3, 1)));
    Snapshot one = node("{\"Type\":\"vxlan\"}").withPeers(peers);
    Collections.reverse(peers);
    Snapshot other = node("{\"Type\":\"vxlan\"}").withPeers(peers);
    assertThat(Planner.plan(one, PathPlanner.paths(one)))
        .isEqualTo(Planner.plan(other, PathPlanner.paths(other)));
  }

  @Test
  void aVxlanPathIsARouteANeighbourAndAForwardingEntry() {
    Snapshot snapshot =
        node(
            "{\"Type\":\"vxlan\",\"VNI\":7,\"Port\":4789}",
            vxlan("n3", "10.244.3.0/24", "192.168.2.3", 3, 7));
    Desired desired = Planner.plan(snapshot, PathPlanner.paths(snapshot));
    MacAddress vtep = MacAddress.local(3);
    assertThat(desired.routes())
        .containsExactly(
            new Desired.RouteEntry(
                Cidr.parse("10.244.3.0/24"), IpAddress.parse("10.244.3.0"), "flannel.7", true));
    assertThat(desired.neighbours())
        .containsExactly(
            new Desired.NeighbourEntry("flannel.7", IpAddress.parse("10.244.3.0"), vtep));
    assertThat(desired.forwarding())
        .containsExactly(
            new Desired.ForwardingEntry("flannel.7", vtep, IpAddress.parse("192.168.2.3")));
    assertThat(desired.devices())
        .extracting(d -> d.name() + " " + d.mtu() + " " + d.addresses())
        .containsExactly("flannel.7 1450 [10.244.1.0/32]", "cni0 1450 [10.244.1.1/24]");
  }

  @Test
  void theRulesAreFlannelsInTheirOrder() {
    Snapshot snapshot = node("{\"Type\":\"host-gw\"}");
    Desired desired = Planner.plan(snapshot, List.of());
    assertThat(desired.firewall().postrouting())
        .extracting(FirewallRule::comment)
        .containsExactly(
            "marked by kube-proxy",
            "own pod to a pod",
            "a pod to an own pod",
            "outside to an own pod",
            "a pod to the outside",
            "outside to a pod elsewhere");
    assertThat(desired.firewall().forward())
        .extracting(FirewallRule::comment)
        .containsExactly("from pods", "to pods");
  }

  @Test
  void withABlackholeRouteThereIsNoBridge() {
    Snapshot snapshot = node("{\"Type\":\"host-gw\"}");
    LocalNode local = snapshot.local();
    Snapshot blackhole =
        new Snapshot(
            snapshot.config(),
            new LocalNode(
                local.name(),
                local.stacks(),
                local.bridgeMac(),
                new RuleOptions(true, true, true, true)),
            snapshot.underlay(),
            List.of());
    Desired desired = Planner.plan(blackhole, List.of());
    assertThat(desired.devices()).isEmpty();
    assertThat(desired.blackholes()).containsExactly(Cidr.parse("10.244.1.0/24"));
  }
}
