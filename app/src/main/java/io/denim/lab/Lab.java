package io.denim.lab;

import io.denim.agent.Agent;
import io.denim.agent.AgentStatus;
import io.denim.agent.HealthServer;
import io.denim.cni.CniResult;
import io.denim.lab.LabConfig.Node;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A running cluster of network namespaces: routers, nodes with real agents, pods attached by calls
 * of their CNI plugin. Its namespaces are anonymous and end with this JVM, as do the programs that
 * it has started, so nothing is left running however it ends.
 */
public final class Lab implements AutoCloseable {
  private final LabConfig config;
  private final Path directory;
  private final Underlay underlay;
  private final Map<String, Machine> machines = new LinkedHashMap<>();
  private final Backing backing;
  private final Agents agents;
  private final Map<String, Pod> pods = new LinkedHashMap<>();

  private Lab(LabConfig config, Path directory, ProcessStarter starter, Consumer<String> progress) {
    this.config = config;
    this.directory = directory;
    progress.accept(
        "network: "
            + config.subnets().size()
            + " subnets, "
            + config.routers().size()
            + " routers");
    underlay = new Underlay(config);
    Optional<Backing> made = Optional.empty();
    try {
      startMachines(starter, progress);
      made = Optional.of(backing(starter, progress));
    } finally {
      if (made.isEmpty()) {
        close(() -> {});
      }
    }
    backing = made.get();
    agents = new Agents(config, directory, starter, backing, this::namespace, machines);
  }

  private void startMachines(ProcessStarter starter, Consumer<String> progress) {
    List<String> hosts = new ArrayList<>();
    if (config.store().hasControlPlane()) {
      hosts.add(LabConfig.CONTROL_PLANE);
    }
    if (config.agents() == AgentMode.MACHINES) {
      config.nodes().forEach(node -> hosts.add(node.name()));
    }
    if (hosts.isEmpty()) {
      return;
    }
    starter.peers().require(config.programs());
    Cgroups.removeOrphans();
    progress.accept("machines: " + hosts.size());
    for (String host : hosts) {
      Path folder = directory.resolve("machines").resolve(host);
      machines.put(host, Machine.start(host, namespace(host), folder, directory, starter));
    }
  }

  private Backing backing(ProcessStarter starter, Consumer<String> progress) {
    return switch (config.store()) {
      case LabStore.Embedded _ -> new EmbeddedBacking(directory.resolve("store"));
      case LabStore.Etcd _ ->
          new EtcdBacking(
              new Etcd(
                  machine(LabConfig.CONTROL_PLANE),
                  namespace(LabConfig.CONTROL_PLANE),
                  starter.peers(),
                  config.controlPlaneAddress().address()));
      case LabStore.Kubernetes options ->
          new KubernetesCluster(
              config, options, directory, machines, this::namespace, starter.peers(), progress);
    };
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
    return start(config, directory, ProcessStarter.NONE, progress);
  }

  /** As above; {@code starter} starts what is a process. */
  public static Lab start(
      LabConfig config, Path directory, ProcessStarter starter, Consumer<String> progress) {
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
    backing.start();
    configure(config.netConf());
    progress.accept("agents: " + config.nodes().size());
    agents.startAll();
    backing.complete();
    int count = config.nodes().stream().mapToInt(node -> node.pods().size()).sum();
    progress.accept("pods: " + count);
    for (Node node : config.nodes()) {
      node.pods().forEach(pod -> addPod(node.name(), pod));
    }
  }

  /** Writes the network's configuration, which the agents take from there. */
  public void configure(String netConf) {
    backing.configure(netConf);
  }

  /** Changes flannel's backend to this type with its defaults, while the agents run. */
  public void change(String type) {
    String present = backing.configuration();
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
    agents.start(node);
  }

  /** Starts an agent of this kind in the place of whatever the node had. */
  public void startAgent(String node, AgentKind kind) {
    agents.become(node, kind);
    agents.start(node);
  }

  /** The process of a node's agent, which must be one. */
  public ProcessHandle agentProcess(String node) {
    return agents.agent(node).process().toHandle();
  }

  /** Stops the agent of a node; its pods keep their network. */
  public void stopAgent(String node) {
    agents.stop(node);
  }

  /** Kills the agent of a node, which must be a process, as kill -9 does. */
  public void killAgent(String node) {
    agents.kill(node);
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
    agents.awaitReady(node);
  }

  /** Waits until a node's agent knows a way to every other node, or why there is none. */
  public void awaitPeers(String node) {
    agents.awaitPeers(node);
  }

  /** Makes a pod on a node and attaches it. */
  public Pod addPod(String node, String name) {
    Namespace namespace = Namespace.create();
    CniResult attached = agents.agent(node).plugin().add(name, namespace);
    Pod pod = new Pod(name, node, namespace, attached);
    pods.put(name, pod);
    return pod;
  }

  /** Detaches a pod and forgets it. */
  public void removePod(String name) {
    Pod pod = pod(name);
    agents.agent(pod.node()).plugin().del(name);
    pod.namespace().close();
    pods.remove(name);
  }

  /** Removes what labs of this machine left whose processes were killed. */
  public static void removeRemains() {
    Cgroups.removeOrphans();
  }

  /** Where everything in the lab is, for this process and for others. */
  public LabState state() {
    List<LabState.Member> members = new ArrayList<>();
    for (String name : underlay.names()) {
      members.add(member(name));
    }
    for (Pod pod : pods.values()) {
      members.add(
          new LabState.Member(
              pod.name(),
              "pod",
              pod.node(),
              path(pod.namespace()),
              pod.addresses().stream().map(a -> a.address().toString()).toList(),
              0,
              ""));
    }
    List<String> kubectl =
        backing instanceof KubernetesCluster cluster ? cluster.kubectlCommand() : List.of();
    return LabState.of(config.name(), directory, members, kubectl);
  }

  private LabState.Member member(String name) {
    boolean node = config.node(name).isPresent();
    return new LabState.Member(
        name,
        node ? "node" : config.kindOf(name),
        "",
        path(namespace(name)),
        config.addressesOf(name).stream().map(IpAddress::toString).toList(),
        Optional.ofNullable(machines.get(name)).map(Machine::pid).orElse(0L),
        node ? agents.kind(name).toString() : "");
  }

  private static String path(Namespace namespace) {
    return namespace.path().toString();
  }

  /** What the lab was made from. */
  public LabConfig config() {
    return config;
  }

  /** Where its files are. */
  public Path directory() {
    return directory;
  }

  /** The store of all agents, which must be the embedded one. */
  public Store store() {
    if (backing instanceof EmbeddedBacking embedded) {
      return embedded.store();
    }
    throw new LabException("this lab has no embedded store");
  }

  /** The lab's etcd. */
  public Etcd etcd() {
    return switch (backing) {
      case EtcdBacking etcd -> etcd.etcd();
      case KubernetesCluster kubernetes -> kubernetes.etcd();
      case EmbeddedBacking _ ->
          throw new LabException("this lab has no etcd; give it \"store: etcd\"");
    };
  }

  /** The lab's Kubernetes. */
  public KubernetesCluster kubernetes() {
    if (backing instanceof KubernetesCluster kubernetes) {
      return kubernetes;
    }
    throw new LabException("this lab has no Kubernetes; give it \"kubernetes: true\"");
  }

  /** Runs kubectl as the administrator of the lab's Kubernetes; what it prints. */
  public String kubectl(String... words) {
    return kubernetes().kubectl(words);
  }

  /** A node that is a machine, or the host of the control plane. */
  public Machine machine(String name) {
    return Optional.ofNullable(machines.get(name))
        .orElseThrow(() ->
            new LabException("no machine is called " + name + "; present: " + machines.keySet()));
  }

  /** Has a server answer probes for a node's agent, which must be a thread. */
  public void showHealth(String node, HealthServer server) {
    switch (agents.agent(node)) {
      case NodeAgent.InThread(Agent agent, _) -> server.attend(agent, "lab");
      case NodeAgent.InProcess _, Flanneld _ ->
          throw new LabException(
              "an agent that is a process answers probes itself, on its --healthz-port");
    }
  }

  /** The status of a node's agent. */
  public AgentStatus status(String node) {
    return agents.agent(node).status();
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
    close(() -> {
      agents.close();
      backing.close();
    });
  }

  /** Machines end faster than what runs on them would; the rest is closed even if one does not. */
  private void close(Runnable between) {
    // What is being closed must be waited for, also by a thread that is to end.
    boolean interrupted = Thread.interrupted();
    try {
      Waiting.together(machines.values().stream().<Runnable>map(each -> each::close).toList());
    } finally {
      between.run();
      pods.values().forEach(pod -> pod.namespace().close());
      underlay.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
