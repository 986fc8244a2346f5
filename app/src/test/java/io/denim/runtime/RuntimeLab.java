package io.denim.runtime;

import io.denim.lab.AgentMode;
import io.denim.lab.Lab;
import io.denim.lab.LabBuilder;
import io.denim.lab.LabConfig;
import io.denim.lab.Machine;
import io.denim.lab.Peers;
import io.denim.lab.TestPrograms;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A lab whose nodes are machines with runtimes. */
final class RuntimeLab implements AutoCloseable {
  /** The network that Denim's conflist and kube-flannel's are of. */
  static final String NETWORK = "cbr0";

  private final Lab lab;
  private final Map<String, Map<RuntimeKind, ContainerRuntime>> runtimes = new LinkedHashMap<>();

  private RuntimeLab(Lab lab) {
    this.lab = lab;
  }

  /** Agents that install the plugin and its configuration. */
  static RuntimeLab start(Path directory) {
    return start(directory, twoNodes());
  }

  /** Agents with these flags and no others. */
  static RuntimeLab start(Path directory, String... flags) {
    return start(directory, twoNodes().agentFlags(flags));
  }

  /** As the builder says. */
  static RuntimeLab start(Path directory, LabBuilder builder) {
    LabConfig config = builder.build();
    return new RuntimeLab(Lab.start(config, directory, TestPrograms.find(), line -> {}));
  }

  /** Two nodes in one subnet and a router with an outside; IPv4 and IPv6. */
  static LabBuilder twoNodes() {
    return LabConfig.nodes(2)
        .subnets("10.1.0.0/24")
        .subnets6("fd01::/64")
        .podsPerNode(0)
        .dualStack()
        .flannel("vxlan")
        .agents(AgentMode.MACHINES);
  }

  Lab lab() {
    return lab;
  }

  Peers peers() {
    return TestPrograms.find().peers();
  }

  Machine node(String name) {
    return lab.machine(name);
  }

  /** A runtime on a node; the first use starts it. */
  ContainerRuntime runtime(RuntimeKind kind, String node) {
    return runtimes
        .computeIfAbsent(node, _ -> new EnumMap<>(RuntimeKind.class))
        .computeIfAbsent(kind, _ -> kind.start(node(node), peers(), NETWORK));
  }

  /** A containerd on a node; the first use starts it. */
  Containerd containerd(RuntimeKind kind, String node) {
    return (Containerd) runtime(kind, node);
  }

  @Override
  public void close() {
    lab.close();
  }
}
