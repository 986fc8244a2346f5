package io.denim.agent;

import static io.denim.agent.TestCluster.asItIs;
import static io.denim.agent.TestCluster.reaches;
import static io.denim.agent.TestCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentOptions.InterfaceOptions;
import io.denim.agent.TestCluster.Node;
import io.denim.agent.TestCluster.Pod;
import io.denim.ipam.FlannelLayout;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.network.NotYetException;
import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents whose store does not answer, has lost its data, or says no. */
class StoreFaultsIT {
  @TempDir Path directory;

  private Optional<TestCluster> running = Optional.empty();

  private TestCluster cluster(int nodes) {
    TestCluster cluster = new TestCluster(directory, nodes);
    running = Optional.of(cluster);
    return cluster;
  }

  @AfterEach
  void takeDown() {
    running.ifPresent(TestCluster::close);
  }

  private static void noProblems(Node node) {
    soon(() -> assertThat(node.status().problems()).isEmpty());
  }

  private static void problem(Node node, String... parts) {
    soon(() ->
        assertThat(node.status().problems())
            .anySatisfy(problem -> assertThat(problem).contains(parts)));
  }

  private static Key leaseOf(Node node) {
    return new Key(FlannelLayout.SUBNETS, node.status().subnets().getFirst().replace('/', '-'));
  }

  private static MacAddress tunnel(Node node) {
    try (Rtnetlink kernel = Rtnetlink.open(node.namespace)) {
      return kernel.link("flannel.1").flatMap(link -> link.mac()).orElseThrow();
    }
  }

  /** As a start of the machine does. */
  private static void loseKernelObjects(Node node) throws IOException {
    try (Rtnetlink kernel = Rtnetlink.open(node.namespace)) {
      for (String device : List.of("flannel.1", "cni0")) {
        kernel.execute(Links.delete(kernel.link(device).orElseThrow().index()));
      }
    }
    Files.delete(node.folder.resolve("subnet.env"));
  }

  @Test
  void anAgentThatStartsWhileTheStoreDoesNotAnswerGoesOnFromWhatItRemembers() throws IOException {
    TestCluster cluster = cluster(2);
    cluster.startAll();
    Node n1 = cluster.node("n1");
    Pod far = cluster.pod("n2", "far");
    List<String> subnets = n1.status().subnets();
    MacAddress mac = tunnel(n1);
    cluster.awaitMemory("n1");
    n1.stop();
    loseKernelObjects(n1);

    n1.store.goDown();
    cluster.start("n1");
    cluster.awaitReady("n1");
    assertThat(n1.status().subnets()).isEqualTo(subnets);
    assertThat(tunnel(n1)).isEqualTo(mac);
    assertThat(reaches(cluster.pod("n1", "new"), far)).isTrue();
    problem(n1, "the store does not answer");
    problem(n1, "goes on with what it knew");

    n1.store.comeBack();
    noProblems(n1);
    assertThat(n1.status().subnets()).isEqualTo(subnets);
    assertThat(n1.status().paths()).singleElement().extracting("peer").isEqualTo("n2");
    assertThat(reaches(cluster.pod("n1", "newer"), far)).isTrue();
  }

  @Test
  void anAgentWithoutMemoryWaitsForTheStoreAndSaysSo() {
    TestCluster cluster = cluster(1);
    cluster.configure(TestCluster.VXLAN);
    Node n1 = cluster.node("n1");
    n1.store.goDown();
    cluster.start("n1");
    problem(n1, "the store does not answer");
    assertThat(n1.status().ready()).isFalse();
    n1.store.comeBack();
    cluster.awaitReady("n1");
    noProblems(n1);
  }

  @Test
  void aStoreThatIsEmptyWhenAnAgentComesBackTakesNoPeersAlong() {
    TestCluster cluster = cluster(3);
    cluster.startAll();
    Node n1 = cluster.node("n1");
    List<String> subnets = n1.status().subnets();
    Pod own = cluster.pod("n1", "own");
    Pod onRunning = cluster.pod("n2", "running");
    Pod onStopped = cluster.pod("n3", "stopped");
    cluster.awaitMemory("n1");
    n1.stop();
    cluster.node("n3").stop();

    cluster.loseData();
    cluster.start("n1");
    cluster.awaitReady("n1");
    problem(n1, "there is no network configuration");
    assertThat(n1.status().subnets()).isEqualTo(subnets);
    assertThat(reaches(own, onRunning)).isTrue();
    assertThat(reaches(own, onStopped)).isTrue();
    assertThat(reaches(cluster.pod("n1", "new"), onStopped)).isTrue();

    cluster.configure(TestCluster.VXLAN);
    problem(n1, "this node's record was gone from the store");
    soon(() -> assertThat(cluster.store().get(leaseOf(n1))).isPresent());
    soon(() -> assertThat(n1.status().problems()).hasSize(1));
    assertThat(n1.status().subnets()).isEqualTo(subnets);
    assertThat(n1.status().paths()).extracting("peer").contains("n2", "n3");
    assertThat(reaches(own, onRunning)).isTrue();
    assertThat(reaches(own, onStopped)).isTrue();
  }

  @Test
  void agentsThatRunPutThemselvesBackIntoAStoreThatHasLostItsData() {
    TestCluster cluster = cluster(2);
    cluster.startAll();
    Node n1 = cluster.node("n1");
    Node n2 = cluster.node("n2");
    Pod a = cluster.pod("n1", "a");
    Pod b = cluster.pod("n2", "b");
    List<String> before = List.of(leaseOf(n1).name(), leaseOf(n2).name());
    cluster.loseData();
    soon(() ->
        assertThat(cluster.store().list(FlannelLayout.SUBNETS).entries())
            .extracting(entry -> entry.key().name())
            .containsExactlyInAnyOrderElementsOf(before));
    cluster.configure(TestCluster.VXLAN);
    noProblems(n1);
    noProblems(n2);
    assertThat(reaches(a, b)).isTrue();
    assertThat(n1.status().paths()).singleElement().extracting("peer").isEqualTo("n2");
  }

  @Test
  void aSubnetThatAnotherHasTakenIsToldWithWhatToDo() {
    TestCluster cluster = cluster(1);
    cluster.startAll();
    Node n1 = cluster.node("n1");
    Key lease = leaseOf(n1);
    n1.store.hold();
    Entry own = cluster.store().get(lease).orElseThrow();
    cluster.store().delete(lease, own.revision());
    cluster
        .store()
        .create(
            lease,
            "{\"PublicIP\":\"10.1.0.99\",\"PublicIPv6\":null,\"BackendType\":\"host-gw\"}",
            Lifetime.permanent());
    n1.store.release();
    problem(n1, "is held by 10.1.0.99 now", "Restart this node's agent");
    assertThat(n1.status().ready()).isTrue();
    assertThat(cluster.store().get(lease).orElseThrow().value()).contains("10.1.0.99");
  }

  @Test
  void aSubnetThatAnotherTookWhileTheStoreWasAwayIsGivenUpForANewOne() throws IOException {
    TestCluster cluster = cluster(1);
    cluster.startAll();
    Node n1 = cluster.node("n1");
    Key lease = leaseOf(n1);
    cluster.awaitMemory("n1");
    n1.stop();
    n1.store.goDown();
    cluster
        .store()
        .replace(
            lease,
            "{\"PublicIP\":\"10.1.0.99\",\"PublicIPv6\":null,\"BackendType\":\"host-gw\"}",
            cluster.store().get(lease).orElseThrow().revision(),
            Lifetime.permanent());
    cluster.start("n1");
    cluster.awaitReady("n1");
    assertThat(leaseOf(n1)).isEqualTo(lease);

    n1.store.comeBack();
    soon(() -> assertThat(leaseOf(n1)).isNotEqualTo(lease));
    soon(() -> assertThat(cluster.store().get(leaseOf(n1))).isPresent());
    String subnet = n1.status().subnets().getFirst();
    soon(() ->
        assertThat(n1.folder.resolve("subnet.env"))
            .content()
            .contains("FLANNEL_SUBNET=" + subnet.replace(".0/24", ".1/24")));
    Pod pod = cluster.pod("n1", "new");
    assertThat(Cidr.parse(subnet).contains(pod.address())).isTrue();
  }

  @Test
  void whoIsToldToWaitAsksAgain() {
    TestCluster cluster = cluster(1);
    cluster.configure(TestCluster.VXLAN);
    AtomicReference<TestMembership> membership = new AtomicReference<>();
    cluster.start(
        "n1",
        InterfaceOptions.BY_DEFAULT_ROUTE,
        behind -> {
          membership.set(
              new TestMembership(behind)
                  .refuse(new NotYetException("podCIDR is not there yet"))
                  .refuse(new NotYetException("podCIDR is not there yet"))
                  .refuse(new IllegalStateException("nobody thought of this"))
                  .refuse(new UnavailableException("restarting")));
          return membership.get();
        });
    cluster.awaitReady("n1");
    noProblems(cluster.node("n1"));
  }

  @Test
  void beingReadyIsAnnouncedUntilThatSucceeds() {
    TestCluster cluster = cluster(1);
    cluster.configure(TestCluster.VXLAN);
    AtomicReference<TestMembership> membership = new AtomicReference<>();
    cluster.start(
        "n1",
        InterfaceOptions.BY_DEFAULT_ROUTE,
        behind -> {
          membership.set(
              new TestMembership(behind)
                  .refuseAnnouncement(new UnavailableException("restarting")));
          return membership.get();
        });
    cluster.awaitReady("n1");
    soon(() -> assertThat(membership.get().announcements()).isEqualTo(2));
  }

  @Test
  void aConfigurationThatIsNotValidDoesNotKeepANodeDownThatRemembersAValidOne() {
    TestCluster cluster = cluster(2);
    cluster.startAll();
    Node n1 = cluster.node("n1");
    Pod far = cluster.pod("n2", "far");
    List<String> subnets = n1.status().subnets();
    cluster.awaitMemory("n1");
    n1.stop();
    cluster.configure("{\"Network\":\"10.244.0.0/99\"}");
    cluster.start("n1");
    cluster.awaitReady("n1");
    problem(n1, "not valid");
    assertThat(n1.status().subnets()).isEqualTo(subnets);
    assertThat(reaches(cluster.pod("n1", "new"), far)).isTrue();

    cluster.configure(TestCluster.VXLAN);
    noProblems(n1);
    assertThat(n1.status().subnets()).isEqualTo(subnets);
  }

  @Test
  void aDamagedSubnetEnvCostsNothingButAWarning() throws IOException {
    TestCluster cluster = cluster(1);
    cluster.startAll();
    Node n1 = cluster.node("n1");
    List<String> subnets = n1.status().subnets();
    n1.stop();
    Files.writeString(n1.folder.resolve("subnet.env"), "FLANNEL_SUBNET=rubbish\n");
    Files.writeString(n1.memory(), "rubbish");
    cluster.start("n1");
    cluster.awaitReady("n1");
    assertThat(n1.status().subnets()).isEqualTo(subnets);
  }

  @Test
  void anAddressThatAnAdministratorGivesWinsOverTheFlagAndIsFollowed() {
    TestCluster cluster = cluster(1);
    cluster.configure(TestCluster.VXLAN);
    Node n1 = cluster.node("n1");
    try (Rtnetlink kernel = Rtnetlink.open(n1.namespace)) {
      int eth0 = kernel.link("eth0").orElseThrow().index();
      for (int last : List.of(101, 102, 103)) {
        kernel.execute(LinkAddress.replace(eth0, InterfaceAddress.parse("10.1.0." + last + "/24")));
      }
    }
    AtomicReference<TestMembership> membership = new AtomicReference<>();
    InterfaceOptions told =
        new InterfaceOptions(
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.of(IpAddress.parse("10.1.0.101")),
            Optional.empty());
    cluster.start(
        "n1",
        told,
        behind -> {
          membership.set(new TestMembership(behind));
          membership.get().addresses(Map.of(Family.IPV4, IpAddress.parse("10.1.0.102")));
          return membership.get();
        });
    cluster.awaitReady("n1");
    assertThat(n1.status().publicAddresses()).containsExactly("10.1.0.102");
    assertThat(cluster.store().get(leaseOf(n1)).orElseThrow().value()).contains("10.1.0.102");

    membership.get().addresses(Map.of(Family.IPV4, IpAddress.parse("10.1.0.103")));
    soon(() ->
        assertThat(cluster.store().get(leaseOf(n1)).orElseThrow().value()).contains("10.1.0.103"));
    membership.get().addresses(Map.of());
    soon(() ->
        assertThat(cluster.store().get(leaseOf(n1)).orElseThrow().value()).contains("10.1.0.101"));
    assertThat(n1.status().problems()).isEmpty();
  }

  @Test
  void anAgentIsClosedInNoTimeWhileTheStoreDoesNotAnswer() {
    TestCluster cluster = cluster(1);
    Node n1 = cluster.node("n1");
    n1.store.goDown();
    cluster.start("n1", InterfaceOptions.BY_DEFAULT_ROUTE, asItIs());
    long before = System.nanoTime();
    n1.stop();
    assertThat(System.nanoTime() - before).isLessThan(3_000_000_000L);
  }
}
