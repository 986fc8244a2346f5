package io.denim.lab;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a lab consists of. Right by construction: see {@code LabRules} for what is checked.
 *
 * @param name names the lab among those of the machine
 * @param netConf flannel's net-conf.json, as the agents find it in their store
 * @param mtu of all links between nodes and routers, 576 to 9000, with IPv6 at least 1280
 * @param subnets the networks of hosts, at least one, not overlapping
 * @param routers what joins subnets; the first router of a subnet is its nodes' default gateway
 * @param nodes 1 to 200
 * @param agents how the nodes' agents run
 * @param ipMasq whether the agents masquerade what leaves the pod network (flanneld's --ip-masq)
 * @param store where the nodes' network is kept
 * @param agentFlags flags of Denim's agents that are processes, beside those of every lab
 */
public record LabConfig(
    String name,
    String netConf,
    int mtu,
    List<Subnet> subnets,
    List<Router> routers,
    List<Node> nodes,
    AgentMode agents,
    boolean ipMasq,
    LabStore store,
    List<String> agentFlags) {

  /** The IPv4 network beyond a router with an outside (RFC 5737, TEST-NET-3). */
  public static final Cidr OUTSIDE_V4 = Cidr.parse("203.0.113.0/24");

  /** The IPv6 network beyond a router with an outside (of RFC 3849's documentation prefix). */
  public static final Cidr OUTSIDE_V6 = Cidr.parse("2001:db8:ff::/64");

  /** The name of the host beyond the routers that have an outside. */
  public static final String OUTSIDE = "outside";

  /** The name of the host of etcd and Kubernetes' control plane, where a lab has one. */
  public static final String CONTROL_PLANE = "cp";

  /** What kind of host that is. */
  public static final String CONTROL_PLANE_KIND = "control-plane";

  /**
   * A network of hosts: one broadcast domain.
   *
   * @param name a DNS label of at most 12 characters
   * @param cidr4 its IPv4 addresses
   * @param cidr6 its IPv6 addresses
   * @param latency what each packet is held back on its way through, 0 to 10 s
   */
  public record Subnet(String name, Optional<Cidr> cidr4, Optional<Cidr> cidr6, Duration latency) {
    /** The addresses of this family. */
    public Optional<Cidr> cidr(Family family) {
      return family == Family.IPV4 ? cidr4 : cidr6;
    }
  }

  /**
   * What forwards between subnets.
   *
   * @param name a DNS label of at most 12 characters
   * @param subnets the names of the subnets it has an interface in
   * @param outside whether it also leads to {@link #OUTSIDE}
   */
  public record Router(String name, List<String> subnets, boolean outside) {
    /** Keeps a copy of the list. */
    public Router {
      subnets = List.copyOf(subnets);
    }
  }

  /**
   * A host with an agent.
   *
   * @param name a DNS label of at most 12 characters
   * @param subnet the name of the subnet it is in
   * @param pods the names of its pods, unlike those of all other pods, nodes and routers
   * @param agent what makes its part of the network
   */
  public record Node(String name, String subnet, List<String> pods, AgentKind agent) {
    /** Keeps a copy of the list. */
    public Node {
      pods = List.copyOf(pods);
    }
  }

  /**
   * Checks everything.
   *
   * @throws LabConfigException with all that is wrong
   */
  public LabConfig {
    subnets = List.copyOf(subnets);
    routers = List.copyOf(routers);
    nodes = List.copyOf(nodes);
    agentFlags = List.copyOf(agentFlags);
    List<LabProblem> problems =
        LabRules.problems(name, netConf, mtu, subnets, routers, nodes, agents, store);
    if (!problems.isEmpty()) {
      throw new LabConfigException("lab " + name, problems);
    }
  }

  /** The lab of {@code denim demo}: what an empty file gives. */
  public static LabConfig demo() {
    return LabYaml.parse("demo", "name: demo");
  }

  /**
   * Begins a lab with this many nodes, n1, n2 and so on, in the first subnet, the second and so on,
   * each subnet getting the same number, or one less in the later ones.
   */
  public static LabBuilder nodes(int count) {
    return new LabBuilder(count);
  }

  /** The same lab under another name, so that two of it can be up. */
  public LabConfig named(String other) {
    return new LabConfig(
        other, netConf, mtu, subnets, routers, nodes, agents, ipMasq, store, agentFlags);
  }

  /** The programs of {@link Peers} that this lab runs. */
  List<String> programs() {
    List<String> needed =
        new ArrayList<>(
            switch (store) {
              case LabStore.Embedded _ -> List.of();
              case LabStore.Etcd _ -> List.of("etcd");
              case LabStore.Kubernetes kubernetes -> kubernetes.programs();
            });
    if (nodes.stream().anyMatch(node -> node.agent() == AgentKind.FLANNELD)) {
      needed.add("flanneld");
      needed.addAll(ReferencePlugins.programs());
    }
    return needed;
  }

  /** The subnet of this name. */
  public Optional<Subnet> subnet(String subnetName) {
    return subnets.stream().filter(each -> each.name().equals(subnetName)).findFirst();
  }

  /** The node of this name. */
  public Optional<Node> node(String nodeName) {
    return nodes.stream().filter(each -> each.name().equals(nodeName)).findFirst();
  }

  /** The node that has a pod of this name. */
  public Optional<Node> nodeOfPod(String pod) {
    return nodes.stream().filter(each -> each.pods().contains(pod)).findFirst();
  }

  /** The routers of a subnet, the default gateway of its nodes first. */
  public List<Router> routersOf(String subnetName) {
    return routers.stream().filter(each -> each.subnets().contains(subnetName)).toList();
  }

  /**
   * The address of a node, with the length of its subnet; empty when its subnet has none of this
   * family. The first node of a subnet has the eleventh address; in a subnet of fewer than 64
   * addresses, the one after those of the routers.
   */
  public Optional<InterfaceAddress> addressOf(Node node, Family family) {
    List<Node> neighbours =
        nodes.stream().filter(each -> each.subnet().equals(node.subnet())).toList();
    int index = neighbours.indexOf(node);
    return subnet(node.subnet())
        .flatMap(subnet -> subnet.cidr(family))
        .map(cidr -> host(cidr, firstNode(cidr, hostsBeforeNodes(subnet(node.subnet()))) + index));
  }

  /** How many hosts of a subnet are no nodes: routers, and in the first the control plane. */
  private int hostsBeforeNodes(Optional<Subnet> subnet) {
    int routersHere = subnet.map(each -> routersOf(each.name()).size()).orElse(0);
    return routersHere + (subnet.filter(this::isOfControlPlane).isPresent() ? 1 : 0);
  }

  private boolean isOfControlPlane(Subnet subnet) {
    return store.hasControlPlane() && subnet.equals(subnets.getFirst());
  }

  /**
   * The address of the control plane's host, in the first subnet: the one before the first node's.
   * Empty when the lab has no such host or the subnet no addresses of this family.
   */
  public Optional<InterfaceAddress> controlPlaneAddress(Family family) {
    return Optional.of(subnets.getFirst())
        .filter(this::isOfControlPlane)
        .flatMap(subnet -> subnet.cidr(family))
        .map(cidr ->
            host(cidr, firstNode(cidr, hostsBeforeNodes(Optional.of(subnets.getFirst()))) - 1));
  }

  /** The first of these addresses, by which the control plane is reached. */
  public InterfaceAddress controlPlaneAddress() {
    return controlPlaneAddress(Family.IPV4)
        .or(() -> controlPlaneAddress(Family.IPV6))
        .orElseThrow(() -> new IllegalStateException("this lab has no control plane"));
  }

  /** What a host is: {@code node}, {@code router}, {@code outside} or {@code control-plane}. */
  String kindOf(String host) {
    return node(host).isPresent()
        ? "node"
        : switch (host) {
          case OUTSIDE -> OUTSIDE;
          case CONTROL_PLANE -> CONTROL_PLANE_KIND;
          default -> "router";
        };
  }

  /** All addresses of a host. */
  List<IpAddress> addressesOf(String host) {
    return switch (kindOf(host)) {
      case OUTSIDE ->
          List.of(Underlay.outsideAddress(OUTSIDE_V4), Underlay.outsideAddress(OUTSIDE_V6));
      case CONTROL_PLANE_KIND -> addresses(this::controlPlaneAddress);
      case "node" -> addresses(family -> addressOf(node(host).orElseThrow(), family));
      default -> addressesOfRouter(host);
    };
  }

  private static List<IpAddress> addresses(Function<Family, Optional<InterfaceAddress>> ofFamily) {
    return Arrays.stream(Family.values())
        .flatMap(family -> ofFamily.apply(family).stream())
        .map(InterfaceAddress::address)
        .toList();
  }

  private List<IpAddress> addressesOfRouter(String host) {
    List<IpAddress> addresses = new ArrayList<>();
    for (Router router : routers.stream().filter(each -> each.name().equals(host)).toList()) {
      for (Subnet subnet : subnets) {
        addresses.addAll(addresses(family -> addressOf(router, subnet, family)));
      }
    }
    return addresses;
  }

  /**
   * The address of a router in one of its subnets: the first, the second and so on. Empty when it
   * is not in that subnet or the subnet has no addresses of this family.
   */
  public Optional<InterfaceAddress> addressOf(Router router, Subnet subnet, Family family) {
    int index = routersOf(subnet.name()).indexOf(router);
    return index < 0 ? Optional.empty() : subnet.cidr(family).map(cidr -> host(cidr, 1 + index));
  }

  /** Which address of a subnet its first node has, counted from the subnet's own. */
  static int firstNode(Cidr cidr, int others) {
    return cidr.family().bits() - cidr.length() < 6 ? others + 1 : Math.max(11, others + 1);
  }

  private static InterfaceAddress host(Cidr cidr, int index) {
    return new InterfaceAddress(cidr.address().plus(index), cidr.length());
  }
}
