package io.denim.runtime;

import io.denim.lab.AgentMode;
import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.linux.ns.Namespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A lab whose nodes are machines for runtimes, each with an agent as a process that finds and makes
 * everything at the usual paths of its node.
 */
final class RuntimeLab implements AutoCloseable {
  /** The network that Denim's conflist and kube-flannel's are of. */
  static final String NETWORK = "cbr0";

  /** What the lab says of where an agent's files are; on these nodes they are where they belong. */
  private static final List<String> ELSEWHERE =
      List.of("--netns=", "--data-dir=", "--subnet-file=", "--cni-socket=", "--cni-data-dir=");

  private final Path directory;
  private final List<String> flags;
  private final Peers peers = Peers.find();
  private final Map<String, RuntimeNode> nodes = new LinkedHashMap<>();
  private final Map<String, Map<RuntimeKind, ContainerRuntime>> runtimes = new LinkedHashMap<>();
  private final Optional<Lab> lab;

  private RuntimeLab(LabConfig config, Path directory, List<String> flags) {
    this.directory = directory;
    this.flags = flags;
    Optional<Lab> started = Optional.empty();
    try {
      started = Optional.of(Lab.start(config, directory.resolve("lab"), this::agent, line -> {}));
    } finally {
      lab = started;
      if (started.isEmpty()) {
        close();
      }
    }
  }

  /**
   * Two nodes in one subnet and a router with an outside; IPv4 and IPv6.
   *
   * @param flags of the agents, beside those of every lab
   */
  static RuntimeLab start(Path directory, String... flags) {
    LabConfig config =
        LabConfig.nodes(2)
            .subnets("10.1.0.0/24")
            .subnets6("fd01::/64")
            .podsPerNode(0)
            .dualStack()
            .flannel("vxlan")
            .agents(AgentMode.PROCESSES)
            .build();
    return new RuntimeLab(config, directory, List.of(flags));
  }

  private Process agent(List<String> words, Path log) {
    RuntimeNode node =
        nodes.computeIfAbsent(
            value(words, "--node-name="),
            name -> {
              try (Namespace inside = Namespace.open(Path.of(value(words, "--netns=")))) {
                return RuntimeNode.start(inside, directory.resolve(name));
              }
            });
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.denim.cli.Main",
                "agent"));
    words.stream()
        .filter(word -> ELSEWHERE.stream().noneMatch(word::startsWith))
        .forEach(command::add);
    command.addAll(flags);
    return node.spawn(log, Map.of(), command);
  }

  private static String value(List<String> words, String flag) {
    return words.stream()
        .filter(word -> word.startsWith(flag))
        .map(word -> word.substring(flag.length()))
        .findFirst()
        .orElseThrow();
  }

  Lab lab() {
    return lab.orElseThrow();
  }

  Peers peers() {
    return peers;
  }

  RuntimeNode node(String name) {
    return Optional.ofNullable(nodes.get(name)).orElseThrow();
  }

  /** A runtime on a node; the first use starts it. */
  ContainerRuntime runtime(RuntimeKind kind, String node) {
    return runtimes
        .computeIfAbsent(node, _ -> new EnumMap<>(RuntimeKind.class))
        .computeIfAbsent(kind, _ -> kind.start(node(node), peers, NETWORK));
  }

  /** A containerd on a node; the first use starts it. */
  Containerd containerd(RuntimeKind kind, String node) {
    return (Containerd) runtime(kind, node);
  }

  @Override
  public void close() {
    lab.ifPresent(Lab::close);
    nodes.values().forEach(RuntimeNode::close);
  }
}
