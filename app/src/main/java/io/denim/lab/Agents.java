package io.denim.lab;

import io.denim.agent.Agent;
import io.denim.agent.AgentOptions;
import io.denim.lab.LabConfig.Node;
import io.denim.linux.netlink.NetlinkMonitor;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.network.LeasedMembership;
import io.denim.state.LocalNode.RuleOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The agents of a lab's nodes: which runs as what, and starting and ending them. */
final class Agents implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(90);
  private static final Path RUN = Path.of("/run/denim");

  private final LabConfig config;
  private final Path directory;
  private final ProcessStarter starter;
  private final Backing backing;
  private final Function<String, Namespace> namespaces;
  private final Map<String, Machine> machines;
  private final NetlinkMonitor monitor = new NetlinkMonitor();
  private final Map<String, AgentKind> kinds = new LinkedHashMap<>();
  private final Map<String, NodeAgent> running = new LinkedHashMap<>();

  /**
   * None yet.
   *
   * @param directory the lab's folder
   * @param machines those of the nodes that have one, by name
   */
  Agents(
      LabConfig config,
      Path directory,
      ProcessStarter starter,
      Backing backing,
      Function<String, Namespace> namespaces,
      Map<String, Machine> machines) {
    this.config = config;
    this.directory = directory;
    this.starter = starter;
    this.backing = backing;
    this.namespaces = namespaces;
    this.machines = machines;
    config.nodes().forEach(node -> kinds.put(node.name(), node.agent()));
  }

  /** Starts them all, and waits until each is ready and knows all others. */
  void startAll() {
    List<String> nodes = config.nodes().stream().map(Node::name).toList();
    nodes.forEach(this::start);
    nodes.forEach(this::awaitReady);
    nodes.forEach(this::awaitPeers);
  }

  /** Starts the agent of a node as the kind that it has. */
  void start(String node) {
    AgentKind kind = kind(node);
    running.put(
        node,
        switch (config.agents()) {
          case THREADS -> inThread(node);
          case PROCESSES -> inProcess(node);
          case MACHINES ->
              switch (kind) {
                case DENIM -> onMachine(node);
                case FLANNELD -> flanneld(node);
              };
        });
  }

  /** The kind of agent that a node has. */
  AgentKind kind(String node) {
    return Optional.ofNullable(kinds.get(node))
        .orElseThrow(() -> new LabException("there is no node " + node + "; " + kinds.keySet()));
  }

  /** Decides what the agent of a node is from its next start on. */
  void become(String node, AgentKind kind) {
    if (config.agents() != AgentMode.MACHINES) {
      throw new LabException("nodes change their agents only in labs with agents: machines");
    }
    kind(node);
    kinds.put(node, kind);
  }

  private NodeAgent inThread(String node) {
    Path folder = folder(node);
    AgentOptions defaults = AgentOptions.of(node, folder);
    AgentOptions options =
        new AgentOptions(
            node,
            defaults.interfaces(),
            defaults.subnetFile(),
            defaults.dataDir(),
            defaults.socket(),
            defaults.cniSocket(),
            defaults.attachments(),
            defaults.contained(),
            new RuleOptions(config.ipMasq(), true, true, false),
            defaults.renewMargin(),
            defaults.resync());
    if (!(backing instanceof EmbeddedBacking embedded)) {
      throw new LabException("agents are threads only with the embedded store");
    }
    Agent agent =
        Agent.start(
            options,
            namespaces.apply(node),
            new LeasedMembership(
                node,
                embedded.store(),
                options.renewMargin(),
                InstantSource.system(),
                RandomGenerator.getDefault()),
            monitor,
            InstantSource.system(),
            RandomGenerator.getDefault());
    return new NodeAgent.InThread(agent, folder);
  }

  private Path folder(String node) {
    return directory.resolve("nodes").resolve(node);
  }

  private NodeAgent inProcess(String node) {
    Path folder = folder(node);
    Path log = directory.resolve(node + ".log");
    List<String> command =
        command(
            Stream.of(
                starter.agent(),
                List.of(
                    "--netns=" + namespaces.apply(node).path(),
                    "--node-name=" + node,
                    "--data-dir=" + folder,
                    "--subnet-file=" + folder.resolve("subnet.env"),
                    "--socket=" + folder.resolve(NodeAgent.SOCKET),
                    "--cni-socket=" + folder.resolve(NodeAgent.CNI_SOCKET),
                    "--cni-data-dir=" + folder.resolve("networks"),
                    masquerade()),
                backing.flags(AgentKind.DENIM, node),
                config.agentFlags()));
    Process process = starter.start(Launch.of(command).loggingTo(log));
    return new NodeAgent.InProcess(process, folder, log);
  }

  /** All files are where they are on a real node. */
  private NodeAgent onMachine(String node) {
    Machine machine = machine(node);
    Path log = machine.folder().resolve("denim.log");
    List<String> command =
        command(
            Stream.of(
                starter.agent(),
                List.of("--node-name=" + node, masquerade()),
                backing.flags(AgentKind.DENIM, node),
                config.agentFlags()));
    Process process = machine.spawn(log, backing.environment(node), command);
    return new NodeAgent.InProcess(process, machine.at(RUN.toString()), log);
  }

  private NodeAgent flanneld(String node) {
    List<String> flags =
        command(Stream.of(List.of(masquerade()), backing.flags(AgentKind.FLANNELD, node)));
    return Flanneld.start(
        machine(node), namespaces.apply(node), starter.peers(), flags, backing.environment(node));
  }

  private String masquerade() {
    return "--ip-masq=" + config.ipMasq();
  }

  private static List<String> command(Stream<List<String>> parts) {
    return parts.flatMap(List::stream).toList();
  }

  private Machine machine(String node) {
    return Optional.ofNullable(machines.get(node))
        .orElseThrow(() -> new LabException("node " + node + " is no machine"));
  }

  /** Stops the agent of a node. */
  void stop(String node) {
    agent(node).close();
    running.remove(node);
  }

  /** Kills the agent of a node, which must be a process. */
  void kill(String node) {
    agent(node).kill();
    running.remove(node);
  }

  void awaitReady(String node) {
    agent(node).awaitReady(READY);
  }

  /** An agent is ready before it knows those that have started after it. */
  void awaitPeers(String node) {
    NodeAgent agent = agent(node);
    List<Cidr> others = new ArrayList<>();
    running.keySet().stream()
        .filter(other -> !other.equals(node) && expects(node, other))
        .forEach(other -> others.addAll(agent(other).subnets()));
    if (!Waiting.until(READY, () -> agent.known().containsAll(others))) {
      throw new LabException(
          "node "
              + node
              + " does not know all others: it knows "
              + agent.known()
              + " of "
              + others);
    }
  }

  /** flanneld has no word for a node that host-gw cannot reach; there is only no route. */
  private boolean expects(String node, String other) {
    boolean linked = subnetOf(node).equals(subnetOf(other));
    return kind(node) == AgentKind.DENIM || linked || !backing.configuration().contains("host-gw");
  }

  private String subnetOf(String node) {
    return config.node(node).orElseThrow().subnet();
  }

  /** The running agent of a node. */
  NodeAgent agent(String node) {
    return Optional.ofNullable(running.get(node))
        .orElseThrow(() -> new LabException("node " + node + " has no running agent"));
  }

  @Override
  public void close() {
    running.values().forEach(NodeAgent::close);
    monitor.close();
  }
}
