package io.denim.lab;

import io.denim.agent.AgentStatus;
import io.denim.agent.StatusServer;
import io.denim.linux.ns.Namespace;
import io.denim.model.Json;
import io.denim.model.SubnetEnv;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where everything in a running lab is, so that any process of the machine can enter it.
 *
 * @param name the lab's name
 * @param pid the process that holds the namespaces
 * @param started when that was started, as the kernel counts
 * @param directory the folder of its files
 * @param members all that has a namespace
 * @param kubectl the words that run kubectl in the network of the control plane; none without
 *     Kubernetes
 */
public record LabState(
    String name,
    long pid,
    long started,
    String directory,
    List<Member> members,
    List<String> kubectl) {
  private static final String FILE = "lab.json";

  /** What is written before anything is started: the same, without members. */
  private static final String BEGUN = "begun.json";

  /** Copies the lists. */
  public LabState {
    members = List.copyOf(members);
    kubectl = List.copyOf(kubectl);
  }

  /**
   * A node, a pod, a router or the outside.
   *
   * @param name its name
   * @param kind {@code node}, {@code pod}, {@code router}, {@code outside} or {@code control-plane}
   * @param node of a pod, its node
   * @param namespace the path of its namespace
   * @param addresses its addresses
   * @param machine the process that has its mounts and processes; 0: they are its host's
   * @param agent of a node, {@code denim} or {@code flanneld}
   */
  public record Member(
      String name,
      String kind,
      String node,
      String namespace,
      List<String> addresses,
      long machine,
      String agent) {
    /** Copies the list. */
    public Member {
      addresses = List.copyOf(addresses);
    }

    /** Its first address. */
    public IpAddress address() {
      return IpAddress.parse(addresses.getFirst());
    }
  }

  /** The state of a lab of this process. */
  static LabState of(String name, Path directory, List<Member> members, List<String> kubectl) {
    return new LabState(
        name,
        ProcessHandle.current().pid(),
        ProcessStart.own(),
        directory.toString(),
        members,
        kubectl);
  }

  /** Says in a lab's folder that this process is about to start it. */
  public static void begin(String name, Path directory) throws IOException {
    of(name, directory, List.of(), List.of()).write(BEGUN);
  }

  /** Writes the state into its folder; from then on the lab is up. */
  public void write() throws IOException {
    write(FILE);
  }

  private void write(String to) throws IOException {
    Path file = Path.of(directory).resolve(to);
    Path written = file.resolveSibling(to + ".new");
    Files.writeString(written, Json.mapper().writeValueAsString(this));
    Files.move(written, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** The state of the lab in a folder, empty when it is not up or its process has ended. */
  public static Optional<LabState> read(Path directory) throws IOException {
    return readFile(directory.resolve(FILE));
  }

  /** The same of a lab that is up or still being started, which has no members yet. */
  public static Optional<LabState> readBegun(Path directory) throws IOException {
    Optional<LabState> up = read(directory);
    return up.isPresent() ? up : readFile(directory.resolve(BEGUN));
  }

  private static Optional<LabState> readFile(Path file) throws IOException {
    try {
      LabState state = Json.mapper().readValue(Files.readString(file), LabState.class);
      return state.process().isPresent() ? Optional.of(state) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The process that holds the lab, while it lives. */
  public Optional<ProcessHandle> process() {
    return ProcessHandle.of(pid).filter(_ -> ProcessStart.lives(pid, started));
  }

  /** The members of a kind. */
  public List<Member> of(String kind) {
    return members.stream().filter(member -> member.kind().equals(kind)).toList();
  }

  /** The member of this name. */
  public Member member(String wanted) {
    return members.stream()
        .filter(member -> member.name().equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            new LabException(
                "nothing in lab "
                    + name
                    + " is called "
                    + wanted
                    + "; present: "
                    + members.stream().map(Member::name).toList()));
  }

  /** The same with the pods that its Kubernetes runs now, if it has one. */
  public LabState withPods() {
    if (kubectl.isEmpty()) {
      return this;
    }
    List<Member> all = new ArrayList<>(members);
    try (Namespace control = open(LabConfig.CONTROL_PLANE)) {
      all.addAll(KubernetesPods.members(this, kubernetes(control)));
    }
    return new LabState(name, pid, started, directory, all, kubectl);
  }

  /**
   * The API server of its Kubernetes, which must have one.
   *
   * @param control the namespace of the control plane, which stays the caller's
   */
  public KubernetesApi kubernetes(Namespace control) {
    return new KubernetesApi(
        control, member(LabConfig.CONTROL_PLANE).address(), Pki.of(Path.of(directory)));
  }

  /** Opens a member's namespace. */
  public Namespace open(String wanted) {
    return Namespace.open(Path.of(member(wanted).namespace()));
  }

  /**
   * Asks a node's agent, which must be Denim's.
   *
   * @throws io.denim.agent.AgentException when it does not answer
   */
  public AgentStatus status(String node) {
    Member member = member(node);
    if (!member.agent().equals(AgentKind.DENIM.toString())) {
      throw new LabException("node " + node + " has " + member.agent() + ", which is not asked");
    }
    return StatusServer.ask(
        member.machine() == 0
            ? Path.of(directory, "nodes", node, NodeAgent.SOCKET)
            : Machine.at(member.machine(), "/run/denim/" + NodeAgent.SOCKET));
  }

  /** What flanneld has given a node that has it; empty while it has not. */
  public Optional<SubnetEnv> subnetEnv(String node) {
    return Flanneld.subnetEnv(member(node).machine());
  }

  /** The word for the way from a member to an address. */
  String path(Member from, IpAddress target) {
    String node = from.kind().equals("node") ? from.name() : from.node();
    if (node.isEmpty()) {
      return "underlay";
    }
    if (!member(node).agent().equals(AgentKind.DENIM.toString())) {
      return member(node).agent();
    }
    AgentStatus status = status(node);
    if (status.subnets().stream().anyMatch(subnet -> Cidr.parse(subnet).contains(target))) {
      return "local";
    }
    return status.paths().stream()
        .filter(path -> Cidr.parse(path.subnet()).contains(target))
        .map(AgentStatus.PathStatus::path)
        .findFirst()
        .orElse("underlay");
  }
}
