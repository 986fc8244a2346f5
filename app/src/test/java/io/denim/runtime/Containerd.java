package io.denim.runtime;

import io.denim.lab.Machine;
import io.denim.lab.Output;
import io.denim.lab.Peers;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** containerd, asked through the CRI by crictl as the kubelet asks it. */
final class Containerd implements ContainerRuntime {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Machine node;
  private final Release release;
  private final Peers peers;
  private Process process;

  /** A release of containerd and how it is set up, so that several can run on one node. */
  enum Release {
    /** The newest, built by {@code tools/peers}. */
    V2_4(
        """
        version = 3
        root = "/var/lib/containerd/2.4"
        state = "/run/containerd-2.4"
        [grpc]
          address = "SOCKET"
        [plugins.'io.containerd.cri.v1.images'.pinned_images]
          sandbox = "IMAGE"
        [plugins.'io.containerd.cri.v1.runtime']
          # Root in a container of its own may lack CAP_SYS_RESOURCE.
          restrict_oom_score_adj = true
        """),
    /** Debian 12's, which knows CNI up to 1.0.0. */
    DEBIAN_1_6(
        """
        version = 2
        root = "/var/lib/containerd/1.6"
        state = "/run/containerd-1.6"
        [grpc]
          address = "SOCKET"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "IMAGE"
          restrict_oom_score_adj = true
        """);

    private final String config;

    Release(String config) {
      this.config = config;
    }

    private String socket() {
      return "/run/containerd-" + name() + ".sock";
    }

    private Path program(Peers peers, String name) {
      return switch (this) {
        case V2_4 -> peers.program(name);
        case DEBIAN_1_6 -> Peers.debian(name, "containerd");
      };
    }

    /** The shim is looked for in PATH, and each release wants its own. */
    private String path(Peers peers) {
      String system = "/usr/sbin:/usr/bin:/sbin:/bin";
      return switch (this) {
        case V2_4 -> peers.folder() + ":" + system;
        case DEBIAN_1_6 -> system;
      };
    }

    private List<String> importing() {
      return switch (this) {
        case V2_4 -> List.of("images", "import", "--local");
        case DEBIAN_1_6 -> List.of("images", "import");
      };
    }
  }

  private Containerd(Machine node, Release release, Peers peers) {
    this.node = node;
    this.release = release;
    this.peers = peers;
    process = spawn();
  }

  /** Starts containerd on a node and gives it the image. */
  static Containerd start(Machine node, Release release, Peers peers) {
    try {
      Path folder = Files.createDirectories(node.folder().resolve(release.name()));
      Files.writeString(
          folder.resolve("containerd.toml"),
          release.config.replace("IMAGE", PodImage.NAME).replace("SOCKET", release.socket()));
      Files.writeString(
          folder.resolve("crictl.yaml"),
          """
          runtime-endpoint: unix://SOCKET
          image-endpoint: unix://SOCKET
          timeout: 30
          """
              .replace("SOCKET", release.socket()));
      PodImage.write(folder.resolve("image.tar"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the configuration of containerd", e);
    }
    Peers.debian("runc", "runc");
    var started = new Containerd(node, release, peers);
    started.awaitAnswers();
    started.importImages(started.file("image.tar"));
    return started;
  }

  private Path file(String name) {
    return node.folder().resolve(release.name()).resolve(name);
  }

  private Process spawn() {
    return node.spawn(
        file("containerd.log"),
        Map.of("PATH", release.path(peers)),
        List.of(
            release.program(peers, "containerd").toString(),
            "--config",
            file("containerd.toml").toString()));
  }

  /** Imports all images of a file for the CRI to find. */
  void importImages(Path file) {
    List<String> words = new ArrayList<>(release.importing());
    words.add(file.toString());
    ctr(words.toArray(String[]::new));
  }

  /** Runs ctr where the CRI keeps its images; what it printed. */
  String ctr(String... command) {
    List<String> words =
        new ArrayList<>(
            List.of(
                release.program(peers, "ctr").toString(),
                "--address",
                release.socket(),
                "--namespace",
                "k8s.io"));
    words.addAll(List.of(command));
    return node.run(words.toArray(String[]::new));
  }

  private void awaitAnswers() {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(30))
        .until(() -> crictl(List.of("version")).succeeded());
  }

  /** Whether containerd says that pods will have a network, and why not. */
  String networkProblem() {
    JsonNode info = json("info");
    for (JsonNode condition : info.at("/status/conditions")) {
      if (condition.at("/type").asString().equals("NetworkReady")) {
        return condition.at("/status").asBoolean() ? "" : condition.at("/message").asString();
      }
    }
    throw new IllegalStateException("containerd tells nothing of its network: " + info);
  }

  /** Waits until containerd has a network for pods. */
  void awaitNetwork() {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(30))
        .until(this::networkProblem, String::isEmpty);
  }

  @Override
  public Pod run(String name, HostPort... ports) {
    Path pod = write(name + "-pod.json", podConfig(name, ports));
    Path container = write(name + "-container.json", containerConfig(name));
    String sandbox = said("runp", pod.toString());
    String id = said("create", sandbox, container.toString(), pod.toString());
    said("start", id);
    JsonNode inspected = json("inspectp", sandbox);
    return new Pod(name, sandbox, id, addresses(inspected.at("/status/network")), netns(inspected));
  }

  private static List<IpAddress> addresses(JsonNode network) {
    List<IpAddress> addresses = new ArrayList<>();
    addresses.add(IpAddress.parse(network.path("ip").asString()));
    for (JsonNode each : network.path("additionalIps")) {
      addresses.add(IpAddress.parse(each.path("ip").asString()));
    }
    return addresses;
  }

  private static Path netns(JsonNode inspected) {
    for (JsonNode each : inspected.at("/info/runtimeSpec/linux/namespaces")) {
      if (each.at("/type").asString().equals("network")) {
        return Path.of(each.at("/path").asString());
      }
    }
    throw new IllegalStateException("the sandbox has no network namespace: " + inspected);
  }

  private Map<String, Object> podConfig(String name, HostPort... ports) {
    return Map.of(
        "metadata",
        Map.of("name", name, "namespace", "default", "uid", name, "attempt", 0),
        "log_directory",
        "/run/pods/" + name,
        "port_mappings",
        Arrays.stream(ports)
            .map(port -> Map.of("host_port", port.host(), "container_port", port.container()))
            .toList(),
        "linux",
        Map.of("cgroup_parent", node.cgroup()));
  }

  private static Map<String, Object> containerConfig(String name) {
    return Map.of(
        "metadata",
        Map.of("name", name),
        "image",
        Map.of("image", PodImage.NAME),
        "command",
        List.of("/bin/sh", "-c", ContainerRuntime.serving(name)),
        "log_path",
        "log",
        "linux",
        Map.of());
  }

  private Path write(String file, Object json) {
    try {
      return Files.writeString(file(file), JsonMapper.shared().writeValueAsString(json));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  @Override
  public Output exec(Pod pod, String... command) {
    List<String> words = new ArrayList<>(List.of("exec", pod.container()));
    words.addAll(List.of(command));
    return crictl(words);
  }

  @Override
  public boolean runs(Pod pod) {
    return json("inspect", pod.container())
        .at("/status/state")
        .asString()
        .equals("CONTAINER_RUNNING");
  }

  @Override
  public void remove(Pod pod) {
    said("rmp", "--force", pod.sandbox());
  }

  /** The kubelet tries again with what is left, or removes it. */
  @Override
  public void forget(String name) {
    said("pods", "--name", name, "--quiet")
        .lines()
        .forEach(sandbox -> said("rmp", "--force", sandbox));
  }

  /** Kills containerd, not its containers, and starts it again. */
  void restart() {
    kill();
    process = spawn();
    awaitAnswers();
  }

  /** Kills containerd as kill -9 does; containers go on. */
  void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("containerd does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What crictl says as JSON to a command that must succeed. */
  JsonNode json(String... command) {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(1, List.of("--output", "json"));
    return JsonMapper.shared().readTree(said(words.toArray(String[]::new)));
  }

  /** What crictl says to a command that must succeed. */
  String said(String... command) {
    Output output = crictl(List.of(command));
    if (!output.succeeded()) {
      throw new IllegalStateException(
          "crictl " + List.of(command) + " failed: " + output.err() + output.out() + "\n" + log());
    }
    return output.out().strip();
  }

  /** Runs crictl. */
  Output crictl(List<String> command) {
    List<String> words =
        new ArrayList<>(
            List.of(
                peers.program("crictl").toString(), "--config", file("crictl.yaml").toString()));
    words.addAll(command);
    return node.call(Map.of(), words);
  }

  private String log() {
    try {
      List<String> lines = Files.readAllLines(file("containerd.log"));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }
}
