package io.denim.runtime;

import io.denim.lab.Machine;
import io.denim.lab.Output;
import io.denim.lab.Peers;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Debian's podman with its CNI backend. It has no process of its own between its commands. */
final class Podman implements ContainerRuntime {
  private final Machine node;
  private final String network;

  private Podman(Machine node, String network) {
    this.node = node;
    this.network = network;
  }

  /**
   * Sets podman up on a node and gives it the image.
   *
   * @param network the name of the network its containers join, as the conflist has it
   */
  static Podman start(Machine node, String network) {
    try {
      Files.writeString(
          node.folder().resolve("containers.conf"),
          """
          [containers]
          # Raising them needs CAP_SYS_RESOURCE.
          default_ulimits = []
          [engine]
          runtime = "runc"
          cgroup_manager = "cgroupfs"
          events_logger = "file"
          [network]
          network_backend = "cni"
          cni_plugin_dirs = ["/opt/cni/bin"]
          network_config_dir = "/etc/cni/net.d"
          default_network = "NETWORK"
          """
              .replace("NETWORK", network));
      Files.writeString(
          node.folder().resolve("storage.conf"),
          """
          [storage]
          driver = "vfs"
          runroot = "/run/containers/storage"
          graphroot = "/var/lib/containers/storage"
          """);
      PodImage.write(node.folder().resolve("image.tar"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the configuration of podman", e);
    }
    Peers.debian("runc", "runc");
    Peers.debian("conmon", "conmon");
    var podman = new Podman(node, network);
    podman.said("load", "--quiet", "--input", node.folder().resolve("image.tar").toString());
    return podman;
  }

  @Override
  public Pod run(String name, HostPort... ports) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "run",
                "--detach",
                "--name",
                name,
                "--network",
                network,
                "--cgroup-parent",
                node.cgroup(),
                "--entrypoint",
                "/bin/sh"));
    for (HostPort port : ports) {
      words.addAll(List.of("--publish", port.host() + ":" + port.container()));
    }
    words.addAll(List.of(PodImage.NAME, "-c", ContainerRuntime.serving(name)));
    return pod(name, said(words.toArray(String[]::new)));
  }

  /** Stops a container and starts it again: the same container in another namespace. */
  Pod restart(Pod pod) {
    said("restart", "--time", "0", pod.container());
    return pod(pod.name(), pod.container());
  }

  private Pod pod(String name, String id) {
    JsonNode inspected = JsonMapper.shared().readTree(said("inspect", id)).get(0);
    JsonNode joined = inspected.path("NetworkSettings").path("Networks").path(network);
    return new Pod(
        name,
        id,
        id,
        Stream.of("IPAddress", "GlobalIPv6Address")
            .map(key -> joined.path(key).asString())
            .filter(text -> !text.isEmpty())
            .map(IpAddress::parse)
            .toList(),
        Path.of(inspected.path("NetworkSettings").path("SandboxKey").asString()));
  }

  @Override
  public Output exec(Pod pod, String... command) {
    List<String> words = new ArrayList<>(List.of("exec", pod.container()));
    words.addAll(List.of(command));
    return podman(words);
  }

  @Override
  public boolean runs(Pod pod) {
    return said("inspect", "--format", "{{.State.Running}}", pod.container()).equals("true");
  }

  @Override
  public void remove(Pod pod) {
    said("rm", "--force", "--time", "0", pod.container());
  }

  @Override
  public void forget(String name) {
    said("rm", "--force", "--ignore", name);
  }

  /** What podman says to a command that must succeed. */
  String said(String... command) {
    Output output = podman(List.of(command));
    if (!output.succeeded()) {
      throw new IllegalStateException(
          "podman " + List.of(command) + " failed: " + output.err() + output.out());
    }
    return output.out().strip();
  }

  private Output podman(List<String> command) {
    List<String> words =
        new ArrayList<>(List.of(Peers.debian("podman", "podman").toString(), "--log-level=error"));
    words.addAll(command);
    return node.call(
        Map.of(
            "CONTAINERS_CONF",
            node.folder().resolve("containers.conf").toString(),
            "CONTAINERS_STORAGE_CONF",
            node.folder().resolve("storage.conf").toString(),
            "TMPDIR",
            node.folder().toString()),
        words);
  }
}
