package io.denim.lab;

import io.denim.lab.LabConfig.Node;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A lab's Kubernetes: a real control plane, and a real kubelet with containerd on each node. */
public final class KubernetesCluster implements Backing {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Path NET_CONF = Path.of("/etc/kube-flannel/net-conf.json");

  private final LabConfig config;
  private final LabStore.Kubernetes options;
  private final Map<String, Machine> machines;
  private final Function<String, Namespace> namespaces;
  private final Peers peers;
  private final Consumer<String> progress;
  private final ControlPlane control;
  private final Map<String, KubernetesNode> nodes = new LinkedHashMap<>();
  private final Path admin;
  private final Path agent;

  KubernetesCluster(
      LabConfig config,
      LabStore.Kubernetes options,
      Path directory,
      Map<String, Machine> machines,
      Function<String, Namespace> namespaces,
      Peers peers,
      Consumer<String> progress) {
    this.config = config;
    this.options = options;
    this.machines = machines;
    this.namespaces = namespaces;
    this.peers = peers;
    this.progress = progress;
    refuseUserNamespace();
    Peers.debian("runc", "runc");
    control =
        new ControlPlane(
            config,
            directory,
            machine(LabConfig.CONTROL_PLANE),
            namespaces.apply(LabConfig.CONTROL_PLANE),
            peers);
    admin = control.kubeconfig(ControlPlane.ADMIN);
    agent = control.kubeconfig(ControlPlane.AGENT);
    for (Node node : config.nodes()) {
      nodes.put(node.name(), new KubernetesNode(machine(node.name()), peers));
    }
  }

  /** Control groups belong to the machine's root (user_namespaces(7): uid_map). */
  private static void refuseUserNamespace() {
    try {
      if (!Files.readString(Path.of("/proc/self/uid_map")).strip().endsWith("4294967295")) {
        throw new LabException(
            "Kubernetes in a lab needs root, for the control groups of its pods");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell whether this is the machine's root", e);
    }
  }

  private Machine machine(String name) {
    return Optional.ofNullable(machines.get(name)).orElseThrow();
  }

  @Override
  public void start() {
    progress.accept("images: made of this machine's programs");
    Path images = ImageArchive.cached(peers.folder());
    progress.accept("control plane: etcd, API server; nodes: containerd, images");
    List<Runnable> deeds = new ArrayList<>();
    deeds.add(this::startControl);
    nodes.values().forEach(node -> deeds.add(() -> node.startRuntime(images)));
    Waiting.together(deeds);
    progress.accept("control plane: controllers, scheduler; nodes: kubelet");
    nodes.forEach((name, node) -> {
      // As whoever sets up a node for Kubernetes does.
      Sysctl sysctl = Sysctl.of(namespaces.apply(name));
      sysctl.write("net/ipv4/ip_forward", "1");
      sysctl.write("net/ipv6/conf/all/forwarding", "1");
      node.startKubelet(config.addressesOf(name), control);
    });
    nodes.keySet().forEach(this::awaitPodCidrs);
  }

  private void startControl() {
    control.startServer();
    control.startControllers();
    KubernetesObjects.kubeletApi(control.api());
    KubernetesObjects.flannel(control.api(), config.netConf());
    if (options.dns()) {
      control.startDns();
    }
  }

  /** Waits until a node is registered and has its subnets. */
  private void awaitPodCidrs(String node) {
    if (!Waiting.until(PATIENCE, LOOK, () -> !podCidrs(node).isEmpty())) {
      throw new LabException(
          "node "
              + node
              + " has not been registered, or has been given no podCIDR; see the logs of kubelet in "
              + machine(node).folder()
              + " and of kube-controller-manager in "
              + machine(LabConfig.CONTROL_PLANE).folder());
    }
  }

  /** The subnets that Kubernetes has given a node; none while it has not. */
  public List<Cidr> podCidrs(String node) {
    return api().tryGet("/api/v1/nodes/" + node).stream()
        .flatMap(object -> object.at("/spec/podCIDRs").valueStream())
        .map(cidr -> Cidr.parse(cidr.asString()))
        .toList();
  }

  /** Puts net-conf.json on every node, where kubelet mounts the ConfigMap for kube-flannel. */
  @Override
  public void configure(String netConf) {
    for (String node : nodes.keySet()) {
      Path file = machine(node).at(NET_CONF.toString());
      Path written = file.resolveSibling(".net-conf.json");
      try {
        Files.writeString(written, netConf);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write " + NET_CONF + " on node " + node, e);
      }
    }
  }

  @Override
  public String configuration() {
    try {
      return Files.readString(machine(config.nodes().getFirst().name()).at(NET_CONF.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + NET_CONF + " of a node", e);
    }
  }

  @Override
  public List<String> flags(AgentKind kind, String node) {
    return List.of(
        "--kube-subnet-mgr", "--kubeconfig-file=" + agent, "--net-config-path=" + NET_CONF);
  }

  @Override
  public Map<String, String> environment(String node) {
    return Map.of("NODE_NAME", node);
  }

  @Override
  public void complete() {
    if (options.kubeProxy()) {
      nodes.values().forEach(node -> node.startProxy(control));
    }
    nodes.keySet().forEach(this::addRoutes);
    progress.accept("nodes: wait for Kubernetes to find them ready");
    nodes.keySet().forEach(this::awaitNodeReady);
  }

  /** The API server speaks to pods itself, and its host is no node: it needs ways to them. */
  private void addRoutes(String name) {
    Node node = config.node(name).orElseThrow();
    if (!node.subnet().equals(config.subnets().getFirst().name())) {
      return;
    }
    try (Rtnetlink inside = Rtnetlink.open(namespaces.apply(LabConfig.CONTROL_PLANE))) {
      int device = inside.link(Underlay.NODE_DEVICE).orElseThrow().index();
      for (Cidr subnet : podCidrs(name)) {
        config
            .addressOf(node, subnet.family())
            .ifPresent(address ->
                inside.execute(
                    Route.via(subnet, address.address(), device, false, Route.RTPROT_BOOT)
                        .replace()));
      }
    }
  }

  /** Waits until Kubernetes finds a node ready. */
  public void awaitNodeReady(String node) {
    await("/api/v1/nodes/" + node, PATIENCE);
  }

  /** Waits until a pod of namespace default is ready. */
  public void awaitPodReady(String pod) {
    awaitPodReady("default", pod, PATIENCE);
  }

  /** Waits until a pod is ready. */
  public void awaitPodReady(String namespace, String pod, Duration patience) {
    await("/api/v1/namespaces/" + namespace + "/pods/" + pod, patience);
  }

  private void await(String path, Duration patience) {
    if (!Waiting.until(
        patience, LOOK, () -> api().tryGet(path).filter(KubernetesCluster::isReady).isPresent())) {
      throw new LabException(
          path
              + " is not ready: "
              + api()
                  .tryGet(path)
                  .map(object -> object.path("status").toString())
                  .orElse("absent"));
    }
  }

  private static boolean isReady(JsonNode object) {
    return object
        .at("/status/conditions")
        .valueStream()
        .anyMatch(condition ->
            condition.path("type").asString("").equals("Ready")
                && condition.path("status").asString("").equals("True"));
  }

  /** The API server. */
  public KubernetesApi api() {
    return control.api();
  }

  /** Where the API server keeps everything. */
  public Etcd etcd() {
    return control.etcd();
  }

  /** The administrator's kubeconfig. */
  public Path adminKubeconfig() {
    return admin;
  }

  /** The words that run kubectl as the administrator, in the network of the control plane. */
  List<String> kubectlCommand() {
    return List.of(peers.program("kubectl").toString(), "--kubeconfig=" + admin);
  }

  /** Runs kubectl as the administrator; what it prints. */
  public String kubectl(String... words) {
    return machine(LabConfig.CONTROL_PLANE)
        .run(Stream.concat(kubectlCommand().stream(), Stream.of(words)).toArray(String[]::new));
  }

  /** Applies objects. */
  public String apply(String yaml) {
    Path file = machine(LabConfig.CONTROL_PLANE).folder().resolve("apply.yaml");
    try {
      Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    return kubectl("apply", "--filename=" + file);
  }

  @Override
  public void close() {
    // All of it ends with the machines.
  }
}
