package io.denim.lab;

import io.denim.lab.LabConfig.Node;
import io.denim.lab.LabConfig.Router;
import io.denim.lab.LabConfig.Subnet;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes a {@link LabConfig} in a program: {@code LabConfig.nodes(3).subnets("10.1.0.0/24",
 * "10.2.0.0/24").flannel("vxlan", DIRECT_ROUTING).build()}. What is not said is as in {@link
 * LabYaml}, except that a node has one pod where it has two there. Each call replaces what an
 * earlier one said.
 */
public final class LabBuilder {
  private final int nodes;
  private final ObjectNode netConf = JsonMapper.shared().createObjectNode();
  private String name = "lab";
  private List<Cidr> cidrs = List.of();
  private List<Cidr> cidrs6 = List.of();
  private Optional<Integer> pods = Optional.empty();
  private int mtu = 1500;
  private Duration latency = Duration.ZERO;
  private Optional<List<Router>> routers = Optional.empty();
  private Optional<AgentMode> agents = Optional.empty();
  private LabStore store = new LabStore.Embedded();
  private AgentKind agent = AgentKind.DENIM;
  private final Map<String, AgentKind> agentOf = new HashMap<>();
  private Optional<List<String>> agentFlags = Optional.empty();
  private boolean ipMasq = true;

  LabBuilder(int nodes) {
    this.nodes = nodes;
    netConf.put("Network", "10.244.0.0/16");
    netConf.putObject("Backend").put("Type", "vxlan");
  }

  /** The lab's name. */
  public LabBuilder name(String text) {
    name = text;
    return this;
  }

  /** One subnet for each IPv4 CIDR, named a, b and so on. */
  public LabBuilder subnets(String... texts) {
    cidrs = IntStream.range(0, texts.length).mapToObj(i -> Cidr.strict(texts[i])).toList();
    return this;
  }

  /** The IPv6 CIDRs of the subnets in their order. */
  public LabBuilder subnets6(String... texts) {
    cidrs6 = IntStream.range(0, texts.length).mapToObj(i -> Cidr.strict(texts[i])).toList();
    return this;
  }

  /** flannel's Backend: its Type and its other keys. */
  public LabBuilder flannel(String type, FlannelOption... options) {
    ObjectNode backend = netConf.putObject("Backend").put("Type", type);
    for (FlannelOption option : options) {
      backend.putPOJO(option.key(), option.value());
    }
    return this;
  }

  /** A key of flannel's net-conf.json at its top, such as SubnetLen. */
  public LabBuilder netConf(String key, Object value) {
    netConf.putPOJO(key, value);
    return this;
  }

  /** IPv6 for pods beside IPv4. */
  public LabBuilder dualStack() {
    return netConf("EnableIPv6", true).netConf("IPv6Network", "fd00:10:244::/56");
  }

  /** IPv6 for pods and no IPv4. */
  public LabBuilder ipv6Only() {
    netConf.remove("Network");
    return dualStack().netConf("EnableIPv4", false);
  }

  /** The number of pods on each node, named after it: n1-p1, n1-p2 and so on. */
  public LabBuilder podsPerNode(int count) {
    pods = Optional.of(count);
    return this;
  }

  /** The MTU of the links between nodes and routers. */
  public LabBuilder mtu(int bytes) {
    mtu = bytes;
    return this;
  }

  /** What each packet is held back in each subnet. */
  public LabBuilder latency(Duration time) {
    latency = time;
    return this;
  }

  /** These routers and no others; without this call one, r1, joins all subnets. */
  public LabBuilder routers(Router... list) {
    routers = Optional.of(List.of(list));
    return this;
  }

  /** How the agents run. */
  public LabBuilder agents(AgentMode mode) {
    agents = Optional.of(mode);
    return this;
  }

  /**
   * Flags of agents of Denim that are processes. Without this call, agents on machines install the
   * CNI plugin at the usual places.
   */
  public LabBuilder agentFlags(String... flags) {
    agentFlags = Optional.of(List.of(flags));
    return this;
  }

  /** What makes the network of all nodes of which it is not said. */
  public LabBuilder agent(AgentKind kind) {
    agent = kind;
    return this;
  }

  /** What makes the network of one node. */
  public LabBuilder agent(String node, AgentKind kind) {
    agentOf.put(node, kind);
    return this;
  }

  /** Where the nodes' network is kept; etcd and Kubernetes need nodes that are machines. */
  public LabBuilder store(LabStore kind) {
    store = kind;
    return this;
  }

  /** Whether the agents masquerade. */
  public LabBuilder ipMasq(boolean on) {
    ipMasq = on;
    return this;
  }

  /** A whole Kubernetes. */
  public LabBuilder kubernetes() {
    return store(LabStore.Kubernetes.WHOLE);
  }

  /**
   * The configuration.
   *
   * @throws LabConfigException with all that is wrong
   */
  public LabConfig build() {
    // Through the text, so that values put as objects are JSON as the agents will read it.
    String conf = netConf.toString();
    JsonNode read = JsonMapper.shared().readTree(conf);
    int count = Math.max(cidrs.size(), cidrs6.size());
    List<Subnet> subnets = new ArrayList<>();
    for (int i = 1; i <= (count == 0 ? 1 : count); i++) {
      subnets.add(
          new Subnet(
              subnetName(i),
              i <= cidrs.size() ? Optional.of(cidrs.get(i - 1)) : cidr4(i, read),
              i <= cidrs6.size() ? Optional.of(cidrs6.get(i - 1)) : cidr6(i, read),
              latency));
    }
    List<String> names = subnets.stream().map(Subnet::name).toList();
    AgentMode mode = agents.orElse(modeOf(store));
    return new LabConfig(
        name,
        conf,
        mtu,
        subnets,
        routers.orElse(List.of(new Router("r1", names, true))),
        spread(nodes, names, pods.orElse(podsOf(store, 1)), this::agentOf),
        mode,
        ipMasq,
        store,
        agentFlags.orElse(mode.flags()));
  }

  private AgentKind agentOf(String node) {
    return agentOf.getOrDefault(node, agent);
  }

  /** How many pods of the lab's own a node has when it is not said: Kubernetes makes its pods. */
  static int podsOf(LabStore store, int otherwise) {
    return store instanceof LabStore.Kubernetes ? 0 : otherwise;
  }

  /** How agents run when it is not said. */
  static AgentMode modeOf(LabStore store) {
    return store.hasControlPlane() ? AgentMode.MACHINES : AgentMode.THREADS;
  }

  /** The default name of the subnet at this place, from 1 on: a to z, then s27 and so on. */
  static String subnetName(int place) {
    return place <= 26 ? String.valueOf((char) ('a' + place - 1)) : "s" + place;
  }

  /** The default IPv4 addresses of the subnet at this place, unless pods use IPv6 only. */
  static Optional<Cidr> cidr4(int place, JsonNode netConf) {
    return NetConfKeys.usesV4(netConf) || !NetConfKeys.usesV6(netConf)
        ? Optional.of(new Cidr(IpAddress.v4(0xc0a80000 | place << 8), 24))
        : Optional.empty();
  }

  /** The default IPv6 addresses of the subnet at this place, if pods use IPv6. */
  static Optional<Cidr> cidr6(int place, JsonNode netConf) {
    return NetConfKeys.usesV6(netConf)
        ? Optional.of(new Cidr(IpAddress.v6(0xfd0000da_00000000L | (long) place << 16, 0), 64))
        : Optional.empty();
  }

  /** Nodes n1 to ncount, in blocks over the subnets, so that the first are neighbours. */
  static List<Node> spread(
      int count, List<String> subnets, int pods, Function<String, AgentKind> agent) {
    List<Node> nodes = new ArrayList<>();
    if (subnets.isEmpty()) {
      return nodes;
    }
    for (int i = 0; i < count; i++) {
      String node = "n" + (i + 1);
      String subnet = subnets.get((int) ((long) i * subnets.size() / count));
      nodes.add(new Node(node, subnet, podNames(node, pods), agent.apply(node)));
    }
    return nodes;
  }

  /** The names of pods that were only counted. */
  static List<String> podNames(String node, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> node + "-p" + i).toList();
  }
}
