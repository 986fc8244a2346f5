package io.denim.runtime;

import io.denim.lab.Machine;
import io.denim.lab.Output;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The DaemonSet of {@code kube-flannel.yml}, run on one node as the kubelet runs it: the same
 * containers with the same mounts, capabilities and environment, by the CRI.
 */
final class FlannelDaemonSet {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** NamespaceMode of the CRI. */
  private static final int OF_NODE = 2;

  private static final int OF_CONTAINER = 1;

  /** What the kubelet asks for unless a pod says {@code procMount: Unmasked}. */
  private static final List<String> MASKED =
      List.of(
          "/proc/asound",
          "/proc/acpi",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private final JsonNode spec;
  private final JsonNode config;
  private final Machine node;
  private final Containerd runtime;
  private final Map<String, String> environment;
  private final List<String> storeFlags;
  private String sandbox = "";
  private String agent = "";
  private int attempt;

  /**
   * @param storeFlags stand for {@code --kube-subnet-mgr}, since no API server is there
   * @param environment what a downward field or the node's name stands for
   */
  FlannelDaemonSet(
      Machine node, Containerd runtime, List<String> storeFlags, Map<String, String> environment) {
    this.node = node;
    this.runtime = runtime;
    this.storeFlags = List.copyOf(storeFlags);
    this.environment = Map.copyOf(environment);
    spec = object("DaemonSet").at("/spec/template/spec");
    config = object("ConfigMap").path("data");
  }

  private static JsonNode object(String kind) {
    try (InputStream in = FlannelDaemonSet.class.getResourceAsStream("kube-flannel.yml")) {
      for (JsonNode each :
          new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(in).readAll()) {
        if (each.path("kind").asString().equals(kind)) {
          return each;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("kube-flannel.yml has no " + kind);
  }

  /** Runs the pod: the init containers to their end, then the agent. */
  void start() {
    sandbox = runtime.said("runp", write("sandbox", pod()));
    for (JsonNode each : spec.path("initContainers")) {
      String id = begin(each);
      Awaitility.await().atMost(PATIENCE).until(() -> state(id).equals("CONTAINER_EXITED"));
      JsonNode ended = runtime.json("inspect", id).path("status");
      if (ended.path("exitCode").asInt() != 0) {
        throw new IllegalStateException(
            each.path("name").asString() + " failed: " + ended + runtime.said("logs", id));
      }
    }
    startAgent();
  }

  /** Starts the agent, also after {@link #kill}. */
  void startAgent() {
    agent = begin(spec.path("containers").get(0));
  }

  /** Kills the agent as kill -9 does. */
  void kill() {
    runtime.said("stop", "--timeout", "0", agent);
    runtime.said("rm", agent);
  }

  /** Removes the pod. */
  void stop() {
    runtime.said("stopp", sandbox);
    runtime.said("rmp", "--force", sandbox);
  }

  /** Runs a command in the agent's container. */
  String exec(String... command) {
    List<String> words = new ArrayList<>(List.of("exec", agent));
    words.addAll(List.of(command));
    return runtime.said(words.toArray(String[]::new));
  }

  /** Whether the readiness probe succeeds. */
  boolean isReady() {
    return runtime
        .crictl(List.of("exec", agent, "wget", "-qO-", "127.0.0.1:8081/readyz"))
        .succeeded();
  }

  void awaitReady() {
    Awaitility.await()
        .atMost(PATIENCE)
        .failFast(
            "the agent has ended",
            () -> {
              if (!state(agent).equals("CONTAINER_RUNNING")) {
                throw new IllegalStateException(logs());
              }
            })
        .until(this::isReady);
  }

  /** What the agent has printed. */
  String logs() {
    Output output = runtime.crictl(List.of("logs", agent));
    return output.out() + output.err();
  }

  private String state(String id) {
    return runtime.json("inspect", id).at("/status/state").asString();
  }

  private String begin(JsonNode container) {
    String id =
        runtime.said(
            "create",
            sandbox,
            write(container.path("name").asString(), container(container)),
            write("sandbox", pod()));
    runtime.said("start", id);
    return id;
  }

  private Map<String, Object> pod() {
    return Map.of(
        "metadata",
        Map.of(
            "name",
            "kube-flannel-ds-" + node.name(),
            "namespace",
            "kube-flannel",
            "uid",
            "kube-flannel-ds-" + node.name(),
            "attempt",
            0),
        "log_directory",
        "/run/pods/kube-flannel",
        "linux",
        Map.of(
            "cgroup_parent",
            node.cgroup(),
            "security_context",
            Map.of("namespace_options", Map.of("network", OF_NODE, "pid", OF_CONTAINER))));
  }

  private Map<String, Object> container(JsonNode container) {
    Map<String, Object> made = new LinkedHashMap<>();
    made.put("metadata", Map.of("name", container.path("name").asString(), "attempt", attempt++));
    made.put("image", Map.of("image", container.path("image").asString()));
    made.put("command", texts(container.path("command")));
    made.put("args", arguments(container));
    made.put("envs", variables(container));
    made.put("mounts", mounts(container));
    made.put("log_path", container.path("name").asString() + "-" + attempt + ".log");
    made.put("linux", Map.of("security_context", security(container.path("securityContext"))));
    return made;
  }

  private List<String> arguments(JsonNode container) {
    List<String> arguments = new ArrayList<>();
    for (String each : texts(container.path("args"))) {
      if (each.equals("--kube-subnet-mgr")) {
        arguments.addAll(storeFlags);
      } else {
        arguments.add(each);
      }
    }
    return arguments;
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }

  private List<Map<String, String>> variables(JsonNode container) {
    List<Map<String, String>> variables = new ArrayList<>();
    for (JsonNode each : container.path("env")) {
      String name = each.path("name").asString();
      String value = each.path("value").asString("");
      variables.add(Map.of("key", name, "value", environment.getOrDefault(name, value)));
    }
    Optional.ofNullable(environment.get("NODE_NAME"))
        .ifPresent(name -> variables.add(Map.of("key", "NODE_NAME", "value", name)));
    return variables;
  }

  private List<Map<String, String>> mounts(JsonNode container) {
    List<Map<String, String>> mounts = new ArrayList<>();
    for (JsonNode each : container.path("volumeMounts")) {
      mounts.add(
          Map.of(
              "container_path",
              each.path("mountPath").asString(),
              "host_path",
              volume(each.path("name").asString())));
    }
    return mounts;
  }

  /** Where the node has a volume; made as the kubelet makes it. */
  private String volume(String name) {
    JsonNode volume =
        spec.path("volumes")
            .valueStream()
            .filter(each -> each.path("name").asString().equals(name))
            .findFirst()
            .orElseThrow();
    if (volume.has("configMap")) {
      return configMap();
    }
    String path = volume.at("/hostPath/path").asString();
    boolean file = volume.at("/hostPath/type").asString("").equals("FileOrCreate");
    node.run("sh", "-c", file ? "[ -e $0 ] || : >$0" : "mkdir -p $0", path);
    return path;
  }

  private String configMap() {
    Path folder = node.folder().resolve("kube-flannel-cfg");
    try {
      Files.createDirectories(folder);
      for (String key : config.propertyNames()) {
        Files.writeString(folder.resolve(key), config.path(key).asString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder.toString();
  }

  /** RuntimeDefault is what a cluster with SeccompDefault gives; without, there is less to bear. */
  private static Map<String, Object> security(JsonNode context) {
    return Map.of(
        "privileged",
        context.path("privileged").asBoolean(false),
        "capabilities",
        Map.of("add_capabilities", texts(context.at("/capabilities/add"))),
        "namespace_options",
        Map.of("network", OF_NODE, "pid", OF_CONTAINER),
        "seccomp",
        Map.of("profile_type", 0),
        "masked_paths",
        MASKED,
        "readonly_paths",
        READ_ONLY);
  }

  private String write(String name, Object json) {
    try {
      return Files.writeString(
              node.folder().resolve("ds-" + name + ".json"),
              JsonMapper.shared().writeValueAsString(json))
          .toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
