package io.denim.lab;

import io.denim.agent.AgentStatus;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.model.InvalidConfigException;
import io.denim.model.SubnetEnv;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A node's agent that is real flanneld. What it knows is seen in what it has done. */
final class Flanneld implements NodeAgent {
  private static final String SUBNET_FILE = "/run/flannel/subnet.env";

  /** As a service manager would: it ends when another has just taken the subnet that it chose. */
  private static final int MOST_RESTARTS = 3;

  private final Machine machine;
  private final Namespace namespace;
  private final ReferencePlugins plugin;
  private final Supplier<Process> launch;
  private final Path log;
  private final String before;
  private volatile Process process;
  private int restarts;

  private Flanneld(
      Machine machine,
      Namespace namespace,
      ReferencePlugins plugin,
      Supplier<Process> launch,
      String before) {
    this.machine = machine;
    this.namespace = namespace;
    this.plugin = plugin;
    this.launch = launch;
    this.before = before;
    log = log(machine);
    process = launch.get();
  }

  /**
   * Starts it in the place of whatever agent the node had.
   *
   * @param flags where the network is kept, and what the lab's configuration says
   * @param environment for it
   */
  static Flanneld start(
      Machine machine,
      Namespace namespace,
      Peers peers,
      List<String> flags,
      Map<String, String> environment) {
    ReferencePlugins plugin = new ReferencePlugins(machine);
    plugin.install(peers);
    plugin.replaceDenim();
    String before = identity(machine);
    List<String> command =
        Stream.concat(
                Stream.of(
                    peers.program("flanneld").toString(),
                    "--iface=" + Underlay.NODE_DEVICE,
                    "--subnet-file=" + SUBNET_FILE),
                flags.stream())
            .toList();
    return new Flanneld(
        machine,
        namespace,
        plugin,
        () -> machine.spawn(log(machine), environment, command),
        before);
  }

  private static Path log(Machine machine) {
    return machine.folder().resolve("flanneld.log");
  }

  /** What tells one writing of subnet.env from another; empty when there is none. */
  private static String identity(Machine machine) {
    try {
      Path file = machine.at(SUBNET_FILE);
      return Files.getAttribute(file, "unix:ino") + " " + Files.getAttribute(file, "unix:ctime");
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + SUBNET_FILE + " of a node", e);
    }
  }

  /** What flanneld, or an agent before it, has given a node. */
  static Optional<SubnetEnv> subnetEnv(Machine machine) {
    return subnetEnv(machine.at(SUBNET_FILE));
  }

  /** The same, of the machine of this process. */
  static Optional<SubnetEnv> subnetEnv(long machine) {
    return subnetEnv(Machine.at(machine, SUBNET_FILE));
  }

  private static Optional<SubnetEnv> subnetEnv(Path file) {
    try {
      return Optional.of(SubnetEnv.parse(Files.readString(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | InvalidConfigException e) {
      throw new LabException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void awaitReady(Duration timeout) {
    boolean ready = Waiting.until(timeout, () -> !identity(machine).equals(before) || !isRunning());
    if (!ready || !process.isAlive()) {
      throw new LabException(
          "flanneld of node "
              + machine.name()
              + (ready ? " has ended" : " is not ready")
              + "; "
              + LogFile.told(log));
    }
    plugin.configure(subnetEnv(machine).orElseThrow());
  }

  private boolean isRunning() {
    if (!process.isAlive() && restarts < MOST_RESTARTS) {
      restarts++;
      process = launch.get();
    }
    return process.isAlive();
  }

  @Override
  public AgentStatus status() {
    throw new LabException(
        "node " + machine.name() + " has flanneld, which tells nothing of itself");
  }

  @Override
  public List<Cidr> subnets() {
    return subnetEnv(machine).stream()
        .flatMap(env -> Stream.of(env.ipv4(), env.ipv6()).flatMap(Optional::stream))
        .map(SubnetEnv.Part::subnet)
        .toList();
  }

  @Override
  public List<Cidr> known() {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      return Arrays.stream(Family.values())
          .flatMap(family -> kernel.routes(family, Route.RT_TABLE_MAIN).stream())
          .map(Route::destination)
          .toList();
    }
  }

  @Override
  public PodPlugin plugin() {
    return plugin;
  }

  @Override
  public Process process() {
    return process;
  }

  @Override
  public void close() {
    NodeAgent.end(process, Process::destroy);
  }

  @Override
  public void kill() {
    NodeAgent.end(process, Process::destroyForcibly);
  }
}
