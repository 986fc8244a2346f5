package io.denim.lab;

import io.denim.lab.LabConfig.Node;
import io.denim.lab.LabConfig.Router;
import io.denim.lab.LabConfig.Subnet;
import io.denim.model.ConfigProblem;
import io.denim.model.FlannelConfig;
import io.denim.model.InvalidConfigException;
import io.denim.model.Spelling;
import io.denim.model.SubnetOrigin;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What makes a lab's configuration right as a whole, one method a subject. The limits are those of
 * one machine; the length of names comes from device names being made of them (at most 15
 * characters, IFNAMSIZ of linux/if.h).
 */
final class LabRules {
  static final int MAX_NODES = 200;
  static final int MAX_PODS = 50;
  static final int MAX_SUBNETS = 50;
  static final int MAX_ROUTERS = 50;
  static final int MIN_HOST_BITS = 3;
  static final int MIN_MTU = 576;
  static final int MIN_MTU_IPV6 = 1280;
  static final int MAX_MTU = 9000;
  static final Duration MAX_LATENCY = Duration.ofSeconds(10);

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?");
  private static final Pattern POD = Pattern.compile("[a-z0-9]([-a-z0-9]{0,15}[a-z0-9])?");

  private final List<LabProblem> problems = new ArrayList<>();

  private final LabStore store;

  private LabRules(LabStore store) {
    this.store = store;
  }

  /** All that is wrong, in the order of the file; empty when nothing is. */
  static List<LabProblem> problems(
      String name,
      String netConf,
      int mtu,
      List<Subnet> subnets,
      List<Router> routers,
      List<Node> nodes,
      AgentMode agents,
      LabStore store) {
    var rules = new LabRules(store);
    rules.label("name", name);
    Optional<FlannelConfig> config = rules.netConf(netConf);
    boolean v6 = config.map(FlannelConfig::enableIpv6).orElse(false);
    rules.mtu(mtu, v6 || subnets.stream().anyMatch(each -> each.cidr6().isPresent()));
    rules.subnets(subnets, config);
    rules.routers(subnets, routers);
    rules.nodes(subnets, nodes);
    rules.distinct(routers, nodes);
    config.ifPresent(conf -> rules.families(conf, subnets, nodes));
    rules.room(subnets, routers, nodes);
    rules.agents(nodes, agents);
    return rules.problems;
  }

  private void add(String path, String message, String allowed) {
    problems.add(new LabProblem(path, message, allowed));
  }

  private void label(String path, String name) {
    if (!LABEL.matcher(name).matches()) {
      add(
          path,
          "\"" + name + "\" is no name",
          "1 to 12 lower-case letters, digits and hyphens, a hyphen neither first nor last");
    }
  }

  /** What can run where. */
  private void agents(List<Node> nodes, AgentMode agents) {
    if (store.hasControlPlane() && agents != AgentMode.MACHINES) {
      add("agents", agents + " cannot use the lab's store", "machines");
    }
    if (!store.hasControlPlane()) {
      nodes.stream()
          .filter(node -> node.agent() == AgentKind.FLANNELD)
          .forEach(node ->
              add(
                  "nodes." + node.name() + ".agent",
                  "flanneld cannot use Denim's embedded store",
                  "denim, or store: etcd for the lab"));
    }
  }

  private Optional<FlannelConfig> netConf(String netConf) {
    try {
      SubnetOrigin origin =
          store instanceof LabStore.Kubernetes ? SubnetOrigin.POD_CIDR : SubnetOrigin.LEASES;
      return Optional.of(FlannelConfig.parse(netConf, origin));
    } catch (InvalidConfigException e) {
      for (ConfigProblem each : e.problems()) {
        add("config." + each.field(), (each.value() + " " + each.advice()).strip(), "");
      }
      return Optional.empty();
    }
  }

  private void mtu(int mtu, boolean v6) {
    int least = v6 ? MIN_MTU_IPV6 : MIN_MTU;
    if (mtu < least || mtu > MAX_MTU) {
      add(
          "mtu",
          mtu + " is out of range",
          least + " to " + MAX_MTU + (v6 ? " (IPv6 needs 1280, RFC 8200)" : ""));
    }
  }

  private void subnets(List<Subnet> subnets, Optional<FlannelConfig> config) {
    count("subnets", subnets.size(), MAX_SUBNETS);
    Map<String, Cidr> seen = new HashMap<>();
    config
        .flatMap(FlannelConfig::ipv4)
        .ifPresent(pods -> seen.put("the pods' Network", pods.network()));
    config
        .flatMap(FlannelConfig::ipv6)
        .ifPresent(pods -> seen.put("the pods' IPv6Network", pods.network()));
    if (store instanceof LabStore.Kubernetes) {
      seen.put("the services", ControlPlane.SERVICES_V4);
      seen.put("the IPv6 services", ControlPlane.SERVICES_V6);
    }
    seen.put("the outside", LabConfig.OUTSIDE_V4);
    seen.put("the IPv6 outside", LabConfig.OUTSIDE_V6);
    Set<String> names = new HashSet<>();
    for (Subnet subnet : subnets) {
      String path = "subnets." + subnet.name();
      label(path, subnet.name());
      if (!names.add(subnet.name())) {
        add(path, "there are two subnets of this name", "names that differ");
      }
      if (subnet.cidr4().isEmpty() && subnet.cidr6().isEmpty()) {
        add(path, "has no addresses", "cidr, cidr6 or both");
      }
      subnet.cidr4().ifPresent(cidr -> prefix(path + ".cidr", cidr, Family.IPV4, 8, seen));
      subnet.cidr6().ifPresent(cidr -> prefix(path + ".cidr6", cidr, Family.IPV6, 16, seen));
      if (subnet.latency().isNegative() || subnet.latency().compareTo(MAX_LATENCY) > 0) {
        add(path + ".latency", subnet.latency().toMillis() + "ms is out of range", "0 to 10s");
      }
    }
  }

  private void prefix(String path, Cidr cidr, Family family, int shortest, Map<String, Cidr> seen) {
    if (cidr.family() != family) {
      add(path, cidr + " is " + cidr.family(), family + " (the other one is the other key's)");
      return;
    }
    int longest = family.bits() - MIN_HOST_BITS;
    if (cidr.length() < shortest || cidr.length() > longest) {
      add(path, cidr + " has an unfit length", "/" + shortest + " to /" + longest);
    }
    seen.entrySet().stream()
        .filter(each -> each.getValue().overlaps(cidr))
        .sorted(Map.Entry.comparingByKey())
        .forEach(each ->
            add(
                path,
                cidr + " overlaps " + each.getKey() + ", " + each.getValue(),
                "addresses of its own"));
    seen.put(path, cidr);
  }

  private void routers(List<Subnet> subnets, List<Router> routers) {
    if (routers.size() > MAX_ROUTERS) {
      add("routers", routers.size() + " are too many", "0 to " + MAX_ROUTERS);
    }
    List<String> known = subnets.stream().map(Subnet::name).toList();
    for (Router router : routers) {
      String path = "routers." + router.name();
      label(path, router.name());
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < router.subnets().size(); i++) {
        String at = path + ".subnets[" + i + "]";
        String subnet = router.subnets().get(i);
        knownSubnet(at, subnet, known);
        if (!seen.add(subnet)) {
          add(at, subnet + " is named twice", "each subnet once");
        }
      }
      if (router.subnets().isEmpty()) {
        add(path + ".subnets", "is empty", "subnets of this lab: " + String.join(", ", known));
      } else if (router.subnets().size() == 1 && !router.outside()) {
        add(path + ".subnets", "joins nothing", "a second subnet, or outside: true");
      }
    }
  }

  private void knownSubnet(String path, String name, List<String> known) {
    if (!known.contains(name)) {
      add(
          path,
          "\"" + name + "\" is no subnet of this lab" + Spelling.hint(name, known),
          String.join(", ", known));
    }
  }

  private void nodes(List<Subnet> subnets, List<Node> nodes) {
    count("nodes", nodes.size(), MAX_NODES);
    List<String> known = subnets.stream().map(Subnet::name).toList();
    for (Node node : nodes) {
      String path = "nodes." + node.name();
      label(path, node.name());
      knownSubnet(path + ".subnet", node.subnet(), known);
      if (node.pods().size() > MAX_PODS) {
        add(path + ".pods", node.pods().size() + " are too many", "0 to " + MAX_PODS);
      }
      // Pods that were only counted are named after their node: its bad name is not theirs.
      if (LABEL.matcher(node.name()).matches()) {
        pods(path, node.pods());
      }
    }
  }

  private void pods(String path, List<String> pods) {
    for (int i = 0; i < pods.size(); i++) {
      if (!POD.matcher(pods.get(i)).matches()) {
        add(
            path + ".pods[" + i + "]",
            "\"" + pods.get(i) + "\" is no name",
            "1 to 17 lower-case letters, digits and hyphens, a hyphen neither first nor last");
      }
    }
  }

  private void count(String path, int count, int most) {
    if (count < 1 || count > most) {
      add(path, count + (count < 1 ? " are too few" : " are too many"), "1 to " + most);
    }
  }

  /** What {@code denim lab exec} takes must mean one thing. */
  private void distinct(List<Router> routers, List<Node> nodes) {
    Map<String, String> holders = new HashMap<>();
    holders.put(LabConfig.OUTSIDE, "the host beyond the routers");
    if (store.hasControlPlane()) {
      holders.put(LabConfig.CONTROL_PLANE, "the host of the control plane");
    }
    routers.forEach(router -> claim(holders, "routers." + router.name(), router.name()));
    nodes.forEach(node -> claim(holders, "nodes." + node.name(), node.name()));
    for (Node node : nodes) {
      for (int i = 0; i < node.pods().size(); i++) {
        claim(holders, "nodes." + node.name() + ".pods[" + i + "]", node.pods().get(i));
      }
    }
  }

  private void claim(Map<String, String> holders, String path, String name) {
    Optional<String> holder = Optional.ofNullable(holders.putIfAbsent(name, path));
    holder.ifPresent(
        other -> add(path, "the name " + name + " is also that of " + other, "names that differ"));
  }

  private void families(FlannelConfig config, List<Subnet> subnets, List<Node> nodes) {
    Set<String> inhabited = new HashSet<>(nodes.stream().map(Node::subnet).toList());
    for (Subnet subnet : subnets) {
      String path = "subnets." + subnet.name();
      if (inhabited.contains(subnet.name())) {
        if (config.enableIpv4() && subnet.cidr4().isEmpty()) {
          add(path, "has no cidr, and pods use IPv4", "cidr, or EnableIPv4: false in config");
        }
        if (config.enableIpv6() && subnet.cidr6().isEmpty()) {
          add(path, "has no cidr6, and pods use IPv6", "cidr6, or no EnableIPv6 in config");
        }
      }
    }
  }

  private void room(List<Subnet> subnets, List<Router> routers, List<Node> nodes) {
    for (Subnet subnet : subnets) {
      String name = subnet.name();
      int routersHere = (int) routers.stream().filter(r -> r.subnets().contains(name)).count();
      boolean cp = store.hasControlPlane() && subnet.equals(subnets.getFirst());
      int others = routersHere + (cp ? 1 : 0);
      int nodesHere = (int) nodes.stream().filter(n -> n.subnet().equals(name)).count();
      for (Family family : Family.values()) {
        subnet
            .cidr(family)
            .filter(cidr -> hostBits(cidr) < 16 && hostBits(cidr) >= MIN_HOST_BITS)
            .ifPresent(cidr -> room(subnet, cidr, others, nodesHere));
      }
    }
  }

  private static int hostBits(Cidr cidr) {
    return cidr.family().bits() - cidr.length();
  }

  private void room(Subnet subnet, Cidr cidr, int others, int nodes) {
    // The last address of an IPv4 subnet is its broadcast address; IPv6 loses one address by that.
    int last = (1 << hostBits(cidr)) - 2;
    int needed = LabConfig.firstNode(cidr, others) + nodes - 1;
    if (needed > last) {
      add(
          "subnets." + subnet.name() + (cidr.family() == Family.IPV4 ? ".cidr" : ".cidr6"),
          cidr + " has no room (nodes: " + nodes + ", other hosts: " + others + ")",
          "a shorter prefix");
    }
  }
}
