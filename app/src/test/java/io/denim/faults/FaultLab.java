package io.denim.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentException;
import io.denim.agent.AgentStatus;
import io.denim.lab.AgentMode;
import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.ProcessStarter;
import io.denim.lab.Traffic;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * Two nodes with a pod each whose agents are processes with the store that their flags name.
 * Between {@link #begin} and {@link #end} the pods send to each other in both directions. A third
 * node is only a record that the test writes: its VTEP has one hardware address before a fault and
 * another one after it.
 */
final class FaultLab implements AutoCloseable {
  static final List<String> NODES = List.of("n1", "n2");

  /** Of a cluster on etcd; the third node's subnet is beyond those that the two others may take. */
  static final String CONFIG =
      """
      {"Network": "10.244.0.0/16", "SubnetMax": "10.244.249.0", "Backend": {"Type": "vxlan"}}\
      """;

  private static final int PER_SECOND = 500;
  private static final int QUIET_LINES = 60;
  private static final Duration NOTICED = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofSeconds(60);

  /** A node that could not publish itself tries again after a minute at the latest. */
  private static final Duration RECOVERED = Duration.ofSeconds(90);

  /** Said for minutes after a store has lost its data, since nobody knows what it had. */
  private static final String KEPT = "in case the store has lost its data";

  private static final IpAddress VTEP = IpAddress.parse("10.244.250.0");
  private static final MacAddress BEFORE = MacAddress.local(0xfe01);
  private static final MacAddress AFTER = MacAddress.local(0xfe02);

  private final Lab lab;
  private final Path directory;
  private final Consumer<MacAddress> peer;
  private final List<Traffic> traffic = new ArrayList<>();
  private final Map<String, Integer> lines = new TreeMap<>();

  /**
   * Starts it.
   *
   * @param peer writes the record of the third node, of subnet 10.244.250.0/24, with this hardware
   *     address of its VTEP
   */
  FaultLab(Path directory, ProcessStarter programs, Consumer<MacAddress> peer, String... flags) {
    this.directory = directory;
    this.peer = peer;
    LabConfig config =
        LabConfig.nodes(NODES.size())
            .subnets("10.1.0.0/24")
            .flannel("vxlan")
            .agents(AgentMode.PROCESSES)
            .agentFlags(flags)
            .build();
    lab = Lab.start(config, directory, programs, _ -> {});
  }

  /** The third node's record as flanneld writes it in etcd. */
  static String lease(MacAddress vtep) {
    return "{\"PublicIP\":\"10.1.0.77\",\"PublicIPv6\":null,\"BackendType\":\"vxlan\","
        + "\"BackendData\":{\"VNI\":1,\"VtepMAC\":\""
        + vtep
        + "\"}}";
  }

  /** A fault lasts. */
  @SuppressWarnings("ThreadSleep") // nothing is waited for
  static void last(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Begins the traffic where all is well. */
  void begin() {
    // Of a test that has failed.
    traffic.forEach(Traffic::close);
    traffic.clear();
    writePeer();
    awaitWell();
    awaitNeighbour(BEFORE);
    NODES.forEach(node -> lines.put(node, log(node).size()));
    traffic.add(lab.traffic("n1-p1", "n2-p1", PER_SECOND));
    traffic.add(lab.traffic("n2-p1", "n1-p1", PER_SECOND));
  }

  /**
   * After a fault everything is well and a change arrives; of the traffic nothing may be missing,
   * nor may logs have been flooded.
   */
  void end() {
    awaitWell();
    changePeer();
    awaitPeerChanged();
    List<Integer> sent = traffic.stream().map(Traffic::sent).toList();
    List<Integer> lost = traffic.stream().map(Traffic::stop).toList();
    traffic.clear();
    assertThat(lost).as("lost of %s packets", sent).containsOnly(0);
    assertThat(sent).allMatch(count -> count > PER_SECOND / 10);
    for (String node : NODES) {
      List<String> all = log(node);
      assertThat(all.subList(lines.getOrDefault(node, 0), all.size()))
          .as("log of %s", node)
          .hasSizeLessThan(QUIET_LINES);
    }
  }

  private List<String> log(String node) {
    try {
      return Files.readAllLines(directory.resolve(node + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConditionFactory await(Duration patience, String what) {
    return Awaitility.await(what)
        .atMost(patience)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptionsInstanceOf(AgentException.class);
  }

  /** Waits until every node says that its store does not answer, in words. */
  void awaitUnreachable() {
    awaitUnreachable(" ");
  }

  /** Waits until every node says that its store does not answer, in words that contain this. */
  void awaitUnreachable(String part) {
    for (String node : NODES) {
      await(NOTICED, node + " tells")
          .untilAsserted(() -> {
            assertThat(lab.status(node).store().reachable()).isFalse();
            assertThat(lab.status(node).store().reason()).contains(part);
            assertThat(lab.status(node).ready()).isTrue();
          });
    }
  }

  /** Waits until every node tells a problem that contains this. */
  void awaitProblem(String part) {
    for (String node : NODES) {
      await(NOTICED, node + " tells")
          .untilAsserted(() ->
              assertThat(lab.status(node).problems())
                  .anySatisfy(problem -> assertThat(problem).contains(part)));
    }
  }

  /** Waits until every node has nothing to complain about but what the store has lost. */
  void awaitWell() {
    for (String node : NODES) {
      await(RECOVERED, node + " is well")
          .untilAsserted(() -> {
            AgentStatus status = lab.status(node);
            assertThat(status.problems()).allMatch(problem -> problem.contains(KEPT));
            assertThat(status.store().reachable()).as(status.store().reason()).isTrue();
            assertThat(status.ready()).isTrue();
          });
    }
  }

  /** Writes the third node's record as it is before a fault. */
  void writePeer() {
    peer.accept(BEFORE);
  }

  /** The third node has another VTEP. */
  void changePeer() {
    peer.accept(AFTER);
  }

  /** Waits until every node sends what is for the third one to its other VTEP. */
  void awaitPeerChanged() {
    awaitNeighbour(AFTER);
  }

  /** A node still has the way to the third one that it had before the fault. */
  void assertPeerIsKept(String node) {
    assertThat(neighbour(node)).contains(BEFORE);
  }

  private void awaitNeighbour(MacAddress mac) {
    for (String node : NODES) {
      await(SOON, node + " knows " + mac)
          .untilAsserted(() -> assertThat(neighbour(node)).contains(mac));
    }
  }

  private Optional<MacAddress> neighbour(String node) {
    Namespace namespace = lab.namespace(node);
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      int device = kernel.link("flannel.1").orElseThrow().index();
      return kernel.neighbours(device).stream()
          .filter(each -> each.address().equals(VTEP))
          .findFirst()
          .flatMap(each -> each.mac());
    }
  }

  /** A new pod on each node can be attached, reaches the other node, and is detached again. */
  void attachAnother() {
    for (String node : NODES) {
      String other = node.equals("n1") ? "n2-p1" : "n1-p1";
      lab.addPod(node, "another");
      try {
        assertThat(lab.ping("another", other)).as("from " + node).isPresent();
      } finally {
        lab.removePod("another");
      }
    }
  }

  /** Kills an agent as kill -9 does, and starts it again. */
  void restart(String node) {
    restartUnready(node);
    lab.awaitReady(node);
  }

  /** The same of one that cannot be ready for now. */
  void restartUnready(String node) {
    lab.killAgent(node);
    lab.startAgent(node);
  }

  AgentStatus status(String node) {
    return lab.status(node);
  }

  /** The subnets of the nodes. */
  Map<String, List<String>> subnets() {
    Map<String, List<String>> all = new TreeMap<>();
    NODES.forEach(node -> all.put(node, lab.status(node).subnets()));
    return all;
  }

  @Override
  public void close() {
    traffic.forEach(Traffic::close);
    lab.close();
  }
}
