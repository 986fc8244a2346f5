package io.denim.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.nft.Nftables;
import io.denim.linux.nft.TableState;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.state.PodPorts;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemainsIT {
  private final Namespace node = Namespace.create();
  private final Rtnetlink kernel = Rtnetlink.open(node);
  private final Nftables nftables = Nftables.open(node);
  private final Remains remains = Remains.open(node);

  @BeforeEach
  void anAgentAndOthersWereHere() {
    int eth0 = device("eth0", new LinkKind.Bridge(), 0, 0);
    kernel.execute(
        io.denim.linux.netlink.LinkAddress.replace(
            eth0, io.denim.net.InterfaceAddress.parse("10.1.0.1/24")));
    int tunnel =
        device(
            "flannel.1",
            new LinkKind.Vxlan(
                1, Optional.of(IpAddress.parse("10.1.0.1")), eth0, 8472, false, false),
            0,
            0);
    int cni0 = device("cni0", new LinkKind.Bridge(), 0, 0);
    for (int i = 1; i <= 3; i++) {
      device(
          "veth" + i,
          new LinkKind.VethPair("p" + i, MacAddress.local(i), 1400, Optional.empty()),
          cni0,
          i == 3 ? PodPorts.ELSEWHERE : PodPorts.GROUP);
    }
    device("bwp1", new LinkKind.Ifb(), 0, PodPorts.LIMITER);
    device("bwp0", new LinkKind.Ifb(), 0, 0);
    IpAddress peer = IpAddress.parse("10.244.2.0");
    kernel.execute(
        new Nexthop(
                peer.low32(),
                Family.IPV4,
                Optional.of(peer),
                tunnel,
                true,
                List.of(),
                Ownership.ROUTE_PROTOCOL)
            .replace());
    kernel.execute(
        Route.via(Cidr.parse("10.244.2.0/24"), peer, tunnel, true, Ownership.ROUTE_PROTOCOL)
            .withNexthop(peer.low32())
            .replace());
    kernel.execute(
        Route.blackhole(Cidr.parse("10.244.1.0/24"), Ownership.ROUTE_PROTOCOL).replace());
    kernel.execute(
        Route.via(
                Cidr.parse("10.99.0.0/16"),
                IpAddress.parse("10.1.0.2"),
                eth0,
                false,
                Route.RTPROT_BOOT)
            .replace());
    for (String table : List.of("denim", "denim_pods", "other")) {
      nftables.create(new TableState(TableState.Family.INET, table, List.of(), List.of()));
    }
    nftables.create(new TableState(TableState.Family.BRIDGE, "denim_pods", List.of(), List.of()));
  }

  private int device(String name, LinkKind kind, int master, int group) {
    kernel.execute(
        Links.create(
            Links.Spec.of(name, kind)
                .mac(MacAddress.local(name.hashCode()))
                .master(master)
                .group(group)
                .upAtOnce()));
    return kernel.link(name).orElseThrow().index();
  }

  @AfterEach
  void gone() {
    remains.close();
    nftables.close();
    kernel.close();
    node.close();
  }

  @Test
  void allThatAgentsMadeIsListedInTheOrderInWhichItIsToGo() {
    assertThat(remains.list())
        .extracting(Remains.Remain::describe)
        .containsExactly(
            "2 routes of protocol 68",
            "1 nexthops of protocol 68",
            "4 devices of pods",
            "vxlan flannel.1",
            "bridge cni0",
            "table inet denim",
            "table inet denim_pods",
            "table bridge denim_pods");
  }

  @Test
  void itGoesAndWhatIsOfOthersStays() {
    for (Remains.Remain each : remains.list()) {
      assertThat(remains.remove(each)).as(each.describe()).isEmpty();
    }
    assertThat(remains.list()).isEmpty();
    assertThat(kernel.links())
        .extracting(Link::name)
        .containsExactlyInAnyOrder("lo", "eth0", "bwp0");
    assertThat(kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN))
        .extracting(route -> route.destination().toString())
        .containsExactlyInAnyOrder("10.1.0.0/24", "10.99.0.0/16");
    assertThat(nftables.read(TableState.Family.INET, "other")).isPresent();
  }

  @Test
  void whatIsGoneAlreadyIsNoFailure() {
    List<Remains.Remain> all = remains.list();
    all.forEach(remains::remove);
    for (Remains.Remain each : all) {
      assertThat(remains.remove(each)).as(each.describe()).isEmpty();
    }
  }
}
