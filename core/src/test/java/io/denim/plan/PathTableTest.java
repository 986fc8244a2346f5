package io.denim.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.PathTable.Change;
import io.denim.state.LocalNode;
import io.denim.state.LocalNode.RuleOptions;
import io.denim.state.Peer;
import io.denim.state.Snapshot;
import io.denim.state.Underlay;
import io.denim.state.Underlay.UnderlayRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The table gives the same as planning everything anew, or says that it cannot. */
class PathTableTest {
  private static final Cidr OWN_V4 = Cidr.parse("10.244.1.0/24");
  private static final Cidr OWN_V6 = Cidr.parse("fd00:10:244:1::/64");

  /** Peers of one round; each is put in the place of the one of its name, or takes it away. */
  record Step(List<Optional<Peer>> peers, List<String> names) {}

  private static Snapshot node(String backend) {
    return new Snapshot(
        FlannelConfig.parse(
            "{\"Network\":\"10.244.0.0/16\",\"EnableIPv6\":true,\"IPv6Network\":\"fd00:10:244::/48\",\"Backend\":"
                + backend
                + "}"),
        new LocalNode(
            "n0",
            Map.of(
                Family.IPV4,
                new LocalNode.Stack(OWN_V4, IpAddress.parse("192.168.1.1"), MacAddress.local(1)),
                Family.IPV6,
                new LocalNode.Stack(OWN_V6, IpAddress.parse("fd00:1::1"), MacAddress.local(2))),
            MacAddress.local(9),
            new RuleOptions(true, true, true, false)),
        new Underlay(
            "eth0",
            1500,
            List.of(IpAddress.parse("192.168.1.1"), IpAddress.parse("fd00:1::1")),
            List.of(
                new UnderlayRoute(Cidr.parse("192.168.1.0/24"), Optional.empty(), "eth0", 0),
                new UnderlayRoute(Cidr.parse("fd00:1::/64"), Optional.empty(), "eth0", 0),
                new UnderlayRoute(
                    Cidr.ALL_V4, Optional.of(IpAddress.parse("192.168.1.254")), "eth0", 0),
                new UnderlayRoute(
                    Cidr.ALL_V6, Optional.of(IpAddress.parse("fd00:1::254")), "eth0", 0))),
        List.of());
  }

  @Provide
  Arbitrary<Snapshot> nodes() {
    return Arbitraries.of(
            "{\"Type\":\"vxlan\"}",
            "{\"Type\":\"vxlan\",\"DirectRouting\":true}",
            "{\"Type\":\"host-gw\"}",
            "{\"Type\":\"alloc\"}")
        .map(PathTableTest::node);
  }

  /** Of everything so few that they meet: with the own node, and with each other. */
  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Optional<Cidr>> v4 =
        Arbitraries.of(
                "10.244.1.128/25",
                "10.244.2.0/24",
                "10.244.2.0/25",
                "10.244.2.128/25",
                "10.244.3.0/24",
                "10.244.4.0/24",
                "10.99.0.0/24")
            .map(Cidr::parse)
            .optional(0.9);
    Arbitrary<Optional<Cidr>> v6 =
        Arbitraries.of("fd00:10:244:2::/64", "fd00:10:244:3::/64", "fd00:99::/64")
            .map(Cidr::parse)
            .optional(0.6);
    Arbitrary<IpAddress> addresses =
        Arbitraries.of(
                "0.0.0.0",
                "192.168.1.1",
                "192.168.1.2",
                "192.168.1.3",
                "192.168.2.2",
                "192.168.2.3")
            .map(IpAddress::parse);
    Arbitrary<Optional<IpAddress>> addresses6 =
        Arbitraries.of("fd00:1::1", "fd00:1::2", "fd00:2::2").map(IpAddress::parse).optional(0.7);
    Arbitrary<FlannelLease> leases =
        Combinators.combine(
                addresses, addresses6, Arbitraries.of("vxlan", "host-gw"), data(), data())
            .as((address, address6, type, data, data6) ->
                type.equals("vxlan")
                    ? new FlannelLease(address, address6, type, data, data6)
                    : new FlannelLease(
                        address, address6, type, Optional.empty(), Optional.empty()));
    Arbitrary<String> names = Arbitraries.of("n1", "n2", "n3", "n4", "n5", "n6");
    Arbitrary<Peer> peers = Combinators.combine(names, v4, v6, leases).as(Peer::new);
    return Combinators.combine(
            peers.optional(0.8).list().ofMinSize(1).ofMaxSize(3), names.list().ofSize(3))
        .as(Step::new)
        .list()
        .ofMaxSize(25);
  }

  private static Arbitrary<Optional<BackendData>> data() {
    return Combinators.combine(Arbitraries.of(1, 1, 1, 2), Arbitraries.integers().between(1, 7))
        .as((vni, mac) ->
            (BackendData) new BackendData.Vxlan(OptionalInt.of(vni), MacAddress.local(mac)))
        .optional(0.9);
  }

  @Property(tries = 500)
  void whatItSaysAddsUpToPlanningEverythingAnew(
      @ForAll("nodes") Snapshot empty, @ForAll("steps") List<Step> steps) {
    Walk walk = new Walk(empty);
    Map<String, Peer> peers = new TreeMap<>();
    for (Step step : steps) {
      for (int i = 0; i < step.peers().size(); i++) {
        step.peers()
            .get(i)
            .ifPresentOrElse(peer -> peers.put(peer.name(), peer), removal(peers, step, i));
      }
      walk.to(peers);
    }
  }

  private static Runnable removal(Map<String, Peer> peers, Step step, int i) {
    return () -> peers.remove(step.names().get(i));
  }

  /** Goes along with a table, and makes a new one where it gives up. */
  private static final class Walk {
    private final Snapshot empty;
    private PathTable table;
    private List<PeerPath> paths = new ArrayList<>();
    private int surrenders;

    Walk(Snapshot empty) {
      this.empty = empty;
      table = new PathTable(empty, List.of());
    }

    void to(Map<String, Peer> peers) {
      Snapshot next = empty.withPeers(new ArrayList<>(peers.values()));
      List<PeerPath> planned = PathPlanner.paths(next);
      Optional<Change> change = table.moveTo(next);
      if (change.isEmpty()) {
        surrenders++;
        table = new PathTable(next, planned);
        paths = new ArrayList<>(planned);
        return;
      }
      for (PeerPath path : change.get().before()) {
        assertThat(paths.remove(path)).as("%s was there", path).isTrue();
      }
      paths.addAll(change.get().after());
      assertThat(paths).containsExactlyInAnyOrderElementsOf(planned);
    }
  }

  /** One plain change of one peer; each peer has subnets, addresses and VTEPs of its own. */
  record Plain(int peer, int address, int mac, boolean gone) {
    Peer made() {
      IpAddress v4 = IpAddress.parse("192.168." + (1 + peer) + "." + (2 + address));
      IpAddress v6 = IpAddress.parse("fd00:" + (1 + peer) + "::" + (2 + address));
      return new Peer(
          "n" + peer,
          Optional.of(Cidr.parse("10.244." + (10 + peer) + ".0/24")),
          Optional.of(Cidr.parse("fd00:10:244:" + (10 + peer) + "::/64")),
          new FlannelLease(v4, Optional.of(v6), "vxlan", vtep(mac), vtep(mac + 1)));
    }

    private Optional<BackendData> vtep(int number) {
      return Optional.of(
          new BackendData.Vxlan(OptionalInt.of(1), MacAddress.local(100 * (peer + 1) + number)));
    }
  }

  @Provide
  Arbitrary<List<Plain>> plainChanges() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 30),
            Arbitraries.integers().between(0, 90),
            Arbitraries.of(false, false, false, true))
        .as(Plain::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 300)
  void itDoesNotGiveUpForPlainChangesOfOnePeer(
      @ForAll("nodes") Snapshot empty, @ForAll("plainChanges") List<Plain> changes) {
    Walk walk = new Walk(empty);
    Map<String, Peer> peers = new TreeMap<>();
    for (Plain change : changes) {
      if (change.gone()) {
        peers.remove("n" + change.peer());
      } else {
        peers.put("n" + change.peer(), change.made());
      }
      walk.to(peers);
    }
    assertThat(walk.surrenders).isZero();
  }

  @Test
  void itGivesUpWhenMostPeersHaveChanged() {
    Map<String, Peer> peers = new TreeMap<>();
    for (int i = 0; i < 100; i++) {
      Peer peer = new Plain(i, 1, 1, false).made();
      peers.put(peer.name(), peer);
    }
    Snapshot empty = node("{\"Type\":\"vxlan\"}");
    PathTable table = new PathTable(empty, List.of());
    assertThat(table.moveTo(empty.withPeers(new ArrayList<>(peers.values())))).isEmpty();
  }

  @Test
  void whatHasNotChangedIsNotNamed() {
    Peer one = new Plain(1, 1, 1, false).made();
    Peer other = new Plain(2, 1, 1, false).made();
    Snapshot empty = node("{\"Type\":\"vxlan\"}");
    Snapshot both = empty.withPeers(List.of(one, other));
    PathTable table = new PathTable(both, PathPlanner.paths(both));
    Peer moved = new Plain(2, 1, 50, false).made();
    Change change = table.moveTo(empty.withPeers(List.of(one, moved))).orElseThrow();
    assertThat(change.before()).extracting(PeerPath::peer).containsExactly("n2", "n2");
    assertThat(change.after()).extracting(PeerPath::peer).containsExactly("n2", "n2");
    assertThat(change.after()).doesNotContainAnyElementsOf(change.before());
  }
}
