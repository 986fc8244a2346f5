package io.denim.lab;

import io.denim.agent.Agent;
import io.denim.agent.AgentOptions;
import io.denim.agent.AgentStatus;
import io.denim.cni.CniResult;
import io.denim.ipam.FlannelLayout;
import io.denim.lab.LabConfig.Node;
import io.denim.linux.netlink.NetlinkMonitor;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.network.LeasedMembership;
import io.denim.state.LocalNode.RuleOptions;
import io.denim.store.EmbeddedStore;
import io.denim.store.Entry;
import io.denim.store.Lifetime;
import io.denim.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A running cluster of network namespaces in this JVM: routers, nodes with real agents, pods
 * attached by the code of the CNI plugin. Its namespaces are anonymous and end with the JVM, so
 * nothing is left behind however it ends.
 */
public final class Lab implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(5);

  private final LabConfig config;
  private final Path directory;
  private final Store store;
  private final NetlinkMonitor monitor = new NetlinkMonitor();
  private final Underlay underlay;
  private final AgentStarter starter;
  private final Map<String, NodeAgent> agents = new LinkedHashMap<>();
  private final Map<String, Pod> pods = new LinkedHashMap<>();

  private Lab(LabConfig config, Path directory, AgentStarter starter, Consumer<String> progress) {
    this.starter = starter;
    this.config = config;
    this.directory = directory;
    store = new EmbeddedStore(directory.resolve("store"), InstantSource.system());
    progress.accept(
        "network: "
            + config.subnets().size()
            + " subnets, "
            + config.routers().size()
            + " routers");
    underlay = buildUnderlay();
  }

  private Underlay buildUnderlay() {
    try {
      return new Underlay(config);
    } catch (RuntimeException e) {
      monitor.close();
      store.close();
      throw e;
    }
  }

  /** A pod of the lab. */
  public record Pod(String name, String node, Namespace namespace, CniResult attached) {
    /** Its addresses. */
    public List<InterfaceAddress> addresses() {
      return attached.ips().stream().map(CniResult.Ip::address).toList();
    }

    /** The node's end of its veth. */
    public String hostDevice() {
      return attached.interfaces().get(1).name();
    }

    /** Its address of this family. */
    public Optional<IpAddress> address(Family family) {
      return addresses().stream()
          .map(InterfaceAddress::address)
          .filter(address -> address.family() == family)
          .findFirst();
    }

    /** Its first address. */
    public IpAddress address() {
      return addresses().getFirst().address();
    }
  }

  /**
   * Starts a lab and waits until all agents are ready and all pods attached.
   *
   * @param directory the folder of the lab's store and of its nodes' files
   * @param progress told what is being done
   */
  public static Lab start(LabConfig config, Path directory, Consumer<String> progress) {
    return start(config, directory, AgentStarter.NONE, progress);
  }

  /** As above; {@code starter} starts agents that are processes. */
  public static Lab start(
      LabConfig config, Path directory, AgentStarter starter, Consumer<String> progress) {
    Lab lab = new Lab(config, directory, starter, progress);
    try {
      lab.run(progress);
      return lab;
    } catch (RuntimeException e) {
      lab.close();
      throw e;
    }
  }

  private void run(Consumer<String> progress) {
    configure(config.netConf());
    progress.accept("agents: " + config.nodes().size());
    config.nodes().forEach(node -> startAgent(node.name()));
    config.nodes().forEach(node -> awaitReady(node.name()));
    config.nodes().forEach(node -> awaitPeers(node.name()));
    int count = config.nodes().stream().mapToInt(node -> node.pods().size()).sum();
    progress.accept("pods: " + count);
    for (Node node : config.nodes()) {
      node.pods().forEach(pod -> addPod(node.name(), pod));
    }
  }

  /** An agent is ready before it knows those that have started after it. */
  private void awaitPeers(String node) {
    long end = System.nanoTime() + READY.toNanos();
    while (status(node).paths().stream().map(AgentStatus.PathStatus::peer).distinct().count()
        < config.nodes().size() - 1) {
      if (System.nanoTime() > end) {
        throw new LabException("node " + node + " does not know all others: " + status(node));
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /** Writes the network's configuration, which the agents take from the store. */
  public void configure(String netConf) {
    Optional<Entry> present = store.get(FlannelLayout.CONFIG);
    if (present.isEmpty()) {
      store.create(FlannelLayout.CONFIG, netConf, Lifetime.permanent());
    } else {
      store.replace(FlannelLayout.CONFIG, netConf, present.get().revision(), Lifetime.permanent());
    }
  }

  /** Changes flannel's backend to this type with its defaults, while the agents run. */
  public void change(String type) {
    String present = store.get(FlannelLayout.CONFIG).orElseThrow().value();
    JsonMapper mapper = JsonMapper.shared();
    if (!(mapper.readTree(present) instanceof ObjectNode netConf)) {
      throw new LabException("the network configuration is no JSON object: " + present);
    }
    netConf.putObject("Backend").put("Type", type);
    configure(netConf.toString());
  }

  /**
   * Starts the agent of a node, or starts it again after {@link #stopAgent} or {@link #killAgent}.
   */
  public void startAgent(String node) {
    Path folder = directory.resolve("nodes").resolve(node);
    agents.put(
        node,
        switch (config.agents()) {
          case THREADS -> new NodeAgent.InThread(inThread(node, folder), folder);
          case PROCESSES -> inProcess(node, folder);
        });
  }

  private Agent inThread(String node, Path folder) {
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
            new RuleOptions(config.ipMasq(), true, true, false),
            defaults.renewMargin(),
            defaults.resync());
    return Agent.start(
        options,
        namespace(node),
        new LeasedMembership(
            node,
            store,
            options.renewMargin(),
            InstantSource.system(),
            RandomGenerator.getDefault()),
        monitor,
        InstantSource.system(),
        RandomGenerator.getDefault());
  }

  private NodeAgent inProcess(String node, Path folder) {
    Path log = directory.resolve(node + ".log");
    Process process =
        starter.start(
            List.of(
                "--netns=" + namespace(node).path(),
                "--node-name=" + node,
                "--store-dir=" + directory.resolve("store"),
                "--data-dir=" + folder,
                "--subnet-file=" + folder.resolve("subnet.env"),
                "--socket=" + folder.resolve("agent.sock"),
                "--cni-socket=" + folder.resolve(NodeAgent.CNI_SOCKET),
                "--cni-data-dir=" + folder.resolve("networks"),
                "--ip-masq=" + config.ipMasq()),
            log);
    return new NodeAgent.InProcess(process, folder, log);
  }

  /** Stops the agent of a node; its pods keep their network. */
  public void stopAgent(String node) {
    agent(node).close();
    agents.remove(node);
  }

  /** Kills the agent of a node, which must be a process, as kill -9 does. */
  public void killAgent(String node) {
    agent(node).kill();
    agents.remove(node);
  }

  /** Stops the agent of a node, starts it again and waits until it is ready. */
  public void restartAgent(String node) {
    stopAgent(node);
    startAgent(node);
    awaitReady(node);
  }

  /** The shortest of three round trips between two members; empty when none was answered. */
  public Optional<Duration> ping(String from, String to) {
    return Reach.ping(state(), from, state().member(to).address(), 3);
  }

  /** Begins to send numbered packets from one pod to another and back. */
  public Traffic traffic(String from, String to, int perSecond) {
    return Traffic.between(state(), from, to, perSecond);
  }

  /** Waits until a node's agent is ready. */
  public void awaitReady(String node) {
    agent(node).awaitReady(READY);
  }

  /** Makes a pod on a node and attaches it. */
  public Pod addPod(String node, String name) {
    Namespace namespace = Namespace.create();
    CniResult attached = agent(node).plugin().add(name, namespace);
    Pod pod = new Pod(name, node, namespace, attached);
    pods.put(name, pod);
    return pod;
  }

  /** Detaches a pod and forgets it. */
  public void removePod(String name) {
    Pod pod = pod(name);
    agent(pod.node()).plugin().del(name);
    pod.namespace().close();
    pods.remove(name);
  }

  /** Where everything in the lab is, for this process and for others. */
  public LabState state() {
    List<LabState.Member> members = new ArrayList<>();
    for (String name : underlay.names()) {
      members.add(
          new LabState.Member(name, kind(name), "", path(namespace(name)), addressesOf(name)));
    }
    for (Pod pod : pods.values()) {
      members.add(
          new LabState.Member(
              pod.name(),
              "pod",
              pod.node(),
              path(pod.namespace()),
              pod.addresses().stream().map(a -> a.address().toString()).toList()));
    }
    return new LabState(
        config.name(), ProcessHandle.current().pid(), directory.toString(), members);
  }

  private String kind(String name) {
    return config.node(name).isPresent()
        ? "node"
        : name.equals(LabConfig.OUTSIDE) ? LabConfig.OUTSIDE : "router";
  }

  private static String path(Namespace namespace) {
    return namespace.path().toString();
  }

  private List<String> addressesOf(String name) {
    if (name.equals(LabConfig.OUTSIDE)) {
      return List.of(
          Underlay.outsideAddress(LabConfig.OUTSIDE_V4).toString(),
          Underlay.outsideAddress(LabConfig.OUTSIDE_V6).toString());
    }
    List<String> addresses = new ArrayList<>();
    for (Family family : Family.values()) {
      config
          .node(name)
          .flatMap(node -> config.addressOf(node, family))
          .ifPresent(address -> addresses.add(address.address().toString()));
      config.routers().stream()
          .filter(router -> router.name().equals(name))
          .flatMap(router ->
              config.subnets().stream()
                  .flatMap(subnet -> config.addressOf(router, subnet, family).stream()))
          .forEach(address -> addresses.add(address.address().toString()));
    }
    return addresses;
  }

  /** What the lab was made from. */
  public LabConfig config() {
    return config;
  }

  /** Where its files are. */
  public Path directory() {
    return directory;
  }

  /** The store of all agents. */
  public Store store() {
    return store;
  }

  private NodeAgent agent(String node) {
    return Optional.ofNullable(agents.get(node))
        .orElseThrow(() -> new LabException("node " + node + " has no running agent"));
  }

  /** The status of a node's agent. */
  public AgentStatus status(String node) {
    return agent(node).status();
  }

  /** The pod of this name. */
  public Pod pod(String name) {
    return Optional.ofNullable(pods.get(name))
        .orElseThrow(
            () -> new LabException("there is no pod " + name + "; present: " + pods.keySet()));
  }

  /** All pods, in the order in which they were attached. */
  public List<Pod> pods() {
    return List.copyOf(pods.values());
  }

  /** The namespace of a node, pod, router or the outside. */
  public Namespace namespace(String name) {
    return Optional.ofNullable(pods.get(name))
        .map(Pod::namespace)
        .or(() -> underlay.namespace(name))
        .orElseThrow(() ->
            new LabException("nothing in the lab is called " + name + "; present: " + names()));
  }

  /** The names of all that has a namespace. */
  public List<String> names() {
    List<String> names = new ArrayList<>(underlay.names());
    names.addAll(pods.keySet());
    return names;
  }

  @Override
  public void close() {
    agents.values().forEach(NodeAgent::close);
    pods.values().forEach(pod -> pod.namespace().close());
    monitor.close();
    underlay.close();
    store.close();
  }
}
