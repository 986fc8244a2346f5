package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentOptions.InterfaceOptions;
import io.denim.cni.CniResult;
import io.denim.cni.CniVersion;
import io.denim.ipam.FlannelLayout;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.NetlinkMonitor;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.packet.IcmpEcho;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.network.LeasedMembership;
import io.denim.network.Membership;
import io.denim.store.Entry;
import io.denim.store.FaultyStore;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/**
 * Nodes n1, n2 and so on, on one wire (10.1.0.1 and so on), whose agents share a store that can be
 * made to fail, for each of them alone or for all.
 */
final class TestCluster implements AutoCloseable {
  static final String VXLAN = "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"}}";

  private static final String POD =
      "{\"cniVersion\": \"1.1.0\", \"name\": \"cbr0\", \"type\": \"denim-cni\"}";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final NetlinkMonitor monitor = new NetlinkMonitor();
  private final Namespace wire = Namespace.create();
  private final Map<String, Node> nodes = new TreeMap<>();
  private final List<Namespace> pods = new ArrayList<>();
  private MemoryStore memory = new MemoryStore(InstantSource.system());

  /** A node, with or without a running agent. */
  static final class Node {
    final String name;
    final Namespace namespace = Namespace.create();
    final FaultyStore store;
    final Path folder;
    Optional<Agent> agent = Optional.empty();

    Node(String name, FaultyStore store, Path folder) {
      this.name = name;
      this.store = store;
      this.folder = folder;
    }

    AgentStatus status() {
      return agent.orElseThrow().status();
    }

    void stop() {
      agent.ifPresent(Agent::close);
      agent = Optional.empty();
    }

    Path memory() {
      return folder.resolve("network.json");
    }
  }

  /** A pod's network. */
  record Pod(Namespace namespace, IpAddress address) {}

  TestCluster(Path directory, int count) {
    try (Rtnetlink rack = Rtnetlink.open(wire)) {
      rack.execute(Links.create(Links.Spec.of("sw", new LinkKind.Bridge()).upAtOnce()));
      int bridge = rack.link("sw").orElseThrow().index();
      for (int i = 1; i <= count; i++) {
        Node node = new Node("n" + i, new FaultyStore(memory), directory.resolve("n" + i));
        nodes.put(node.name, node);
        rack.execute(
            Links.create(
                Links.Spec.of(
                        "p" + i,
                        new LinkKind.VethPair(
                            "eth0", MacAddress.local(i), 1500, Optional.of(node.namespace)))
                    .mac(MacAddress.local(1000 + i))
                    .mtu(1500)
                    .master(bridge)
                    .upAtOnce()));
        plug(node.namespace, "10.1.0." + i + "/24");
      }
    }
  }

  private static void plug(Namespace node, String address) {
    try (Rtnetlink inside = Rtnetlink.open(node)) {
      inside.execute(Links.up(inside.link("lo").orElseThrow().index()));
      int eth0 = inside.link("eth0").orElseThrow().index();
      inside.execute(Links.up(eth0));
      inside.execute(LinkAddress.replace(eth0, InterfaceAddress.parse(address)));
      inside.execute(
          Route.via(Cidr.ALL_V4, IpAddress.parse("10.1.0.254"), eth0, false, Route.RTPROT_BOOT)
              .replace());
    }
  }

  Node node(String name) {
    return Optional.ofNullable(nodes.get(name)).orElseThrow();
  }

  /** The store as it is, behind all that is made to fail. */
  MemoryStore store() {
    return memory;
  }

  /** Writes into the store. */
  void put(Key key, String value) {
    Optional<Entry> present = memory.get(key);
    if (present.isPresent()) {
      memory.replace(key, value, present.get().revision(), Lifetime.permanent());
    } else {
      memory.create(key, value, Lifetime.permanent());
    }
  }

  void configure(String netConf) {
    put(FlannelLayout.CONFIG, netConf);
  }

  /** The store is restarted without its data. */
  void loseData() {
    memory = new MemoryStore(InstantSource.system());
    nodes.values().forEach(node -> node.store.replace(memory));
  }

  static UnaryOperator<Membership> asItIs() {
    return UnaryOperator.identity();
  }

  void start(String name) {
    start(name, InterfaceOptions.BY_DEFAULT_ROUTE, asItIs());
  }

  void start(String name, InterfaceOptions interfaces, UnaryOperator<Membership> around) {
    Node node = node(name);
    AgentOptions usual = AgentOptions.of(name, node.folder);
    AgentOptions options =
        new AgentOptions(
            name,
            interfaces,
            usual.subnetFile(),
            usual.dataDir(),
            usual.socket(),
            usual.cniSocket(),
            usual.attachments(),
            usual.contained(),
            usual.rules(),
            usual.renewMargin(),
            usual.resync());
    Membership membership =
        new LeasedMembership(
            name,
            node.store,
            options.renewMargin(),
            InstantSource.system(),
            new Random(name.hashCode()));
    node.agent =
        Optional.of(
            Agent.start(
                options,
                node.namespace,
                around.apply(membership),
                monitor,
                InstantSource.system(),
                new Random(name.hashCode())));
  }

  void awaitReady(String name) {
    node(name).agent.orElseThrow().awaitReady(PATIENCE);
  }

  /** Starts all agents and waits until each knows all others. */
  void startAll() {
    configure(VXLAN);
    nodes.keySet().forEach(this::start);
    nodes.keySet().forEach(this::awaitReady);
    for (Node node : nodes.values()) {
      soon(() -> {
        if (node.status().paths().size() < nodes.size() - 1) {
          throw new AssertionError(node.name + " does not know all others: " + node.status());
        }
      });
    }
  }

  /** Waits until a node has written down all that it knows. */
  void awaitMemory(String name) {
    Path file = node(name).memory();
    // What a node writes down first may be without those that came after it.
    List<String> others = nodes.keySet().stream().filter(other -> !other.equals(name)).toList();
    soon(() -> {
      assertThat(file).isRegularFile();
      assertThat(others).allSatisfy(other -> assertThat(file).content().contains(other));
    });
  }

  Pod pod(String name, String pod) {
    Namespace namespace = Namespace.create();
    pods.add(namespace);
    CniClient.Answer answer =
        new CniClient(node(name).folder.resolve("cni.sock"))
            .call(
                Map.of(
                    "CNI_COMMAND",
                    "ADD",
                    "CNI_CONTAINERID",
                    pod,
                    "CNI_IFNAME",
                    "eth0",
                    "CNI_NETNS",
                    namespace.path().toString()),
                POD,
                Optional.of(namespace));
    if (answer.exitCode() != 0) {
      throw new AssertionError(answer.out());
    }
    CniResult result = CniResult.parse(answer.out(), CniVersion.V1_1_0);
    return new Pod(namespace, result.ips().getFirst().address().address());
  }

  static boolean reaches(Pod from, Pod to) {
    try (IcmpEcho echo = IcmpEcho.open(from.namespace(), Family.IPV4)) {
      return echo.ping(to.address(), Duration.ofSeconds(2)).isPresent();
    }
  }

  static void soon(Runnable assertion) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(assertion::run);
  }

  @Override
  public void close() {
    nodes
        .values()
        .forEach(node -> {
          node.stop();
          node.store.close();
          node.namespace.close();
        });
    pods.forEach(Namespace::close);
    monitor.close();
    wire.close();
    memory.close();
  }
}
