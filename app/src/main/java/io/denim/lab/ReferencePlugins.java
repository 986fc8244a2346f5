package io.denim.lab;

import io.denim.cni.CniException;
import io.denim.cni.CniResult;
import io.denim.cni.CniVersion;
import io.denim.linux.ns.Namespace;
import io.denim.model.SubnetEnv;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * By the reference plugins, set up as flannel's own plugin sets them up for the conflist of
 * kube-flannel.yml: bridge cni0 with host-local addresses of the node's subnet. (flannel's plugin
 * itself is in no Go module; what it does is to write this configuration.)
 */
final class ReferencePlugins implements PodPlugin {
  private static final String FOLDER = "/opt/cni/bin";
  private static final String NETNS = "/run/netns/";
  private static final String CONFLISTS = "/etc/cni/net.d";
  private static final String CONFLIST = "10-flannel.conflist";
  private static final List<String> PLUGINS =
      List.of("bridge", "host-local", "loopback", "portmap");

  private final Machine machine;

  ReferencePlugins(Machine machine) {
    this.machine = machine;
  }

  /** The programs of {@link Peers} that a node with these plugins needs. */
  static List<String> programs() {
    return PLUGINS.stream().map(name -> "cni/" + name).toList();
  }

  /** Installs the programs. */
  void install(Peers peers) {
    try {
      for (String name : PLUGINS) {
        Files.copy(
            peers.plugin(name),
            machine.at(FOLDER).resolve(name),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot install the CNI plugins on " + machine.name(), e);
    }
  }

  /** Writes the list of a node that flanneld has given this, where runtimes look for it. */
  void configure(SubnetEnv node) {
    ObjectNode list = JsonMapper.shared().createObjectNode();
    list.put("cniVersion", "1.0.0").put("name", "cbr0");
    ArrayNode plugins = list.putArray("plugins");
    plugins.add(bridge(node));
    ObjectNode portmap = plugins.addObject().put("type", "portmap");
    portmap.putObject("capabilities").put("portMappings", true);
    try {
      Path folder = machine.at(CONFLISTS);
      Path written = Files.writeString(folder.resolve("." + CONFLIST), list.toPrettyString());
      Files.move(written, folder.resolve(CONFLIST), StandardCopyOption.ATOMIC_MOVE);
      // containerd reads the folder again when a file in it is removed, not when one appears.
      Files.delete(Files.createFile(folder.resolve(".read-again")));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the conflist of " + machine.name(), e);
    }
  }

  /** Takes the conflist of Denim's agent away, which would come first. */
  void replaceDenim() {
    try (Stream<Path> files = Files.list(machine.at(CONFLISTS))) {
      for (Path each :
          files.filter(file -> file.getFileName().toString().contains("denim")).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove Denim's conflist of " + machine.name(), e);
    }
  }

  private static ObjectNode bridge(SubnetEnv node) {
    ObjectNode bridge = JsonMapper.shared().createObjectNode();
    bridge
        .put("type", "bridge")
        .put("bridge", "cni0")
        .put("isGateway", true)
        .put("isDefaultGateway", true)
        .put("hairpinMode", true)
        .put("ipMasq", !node.ipMasq())
        .put("mtu", node.mtu());
    ObjectNode ipam = bridge.putObject("ipam").put("type", "host-local");
    ArrayNode ranges = ipam.putArray("ranges");
    ArrayNode routes = ipam.putArray("routes");
    Stream.of(node.ipv4(), node.ipv6())
        .flatMap(Optional::stream)
        .forEach(part -> {
          ranges.addArray().addObject().put("subnet", part.subnet().toString());
          routes.addObject().put("dst", part.network().toString());
        });
    return bridge;
  }

  @Override
  public CniResult add(String pod, Namespace namespace) {
    // The pod's namespace is this JVM's, and nothing on the machine has a path to it yet.
    machine.run(
        Launch.of(
                List.of(
                    "sh",
                    "-c",
                    "touch $0 && exec mount --no-canonicalize --bind /proc/self/fd/0 $0",
                    NETNS + pod))
            .reading(namespace.path()));
    String answer = call("ADD", pod);
    try {
      return CniResult.parse(answer, CniVersion.V1_0_0);
    } catch (CniException e) {
      throw new LabException("cannot ADD pod " + pod + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void del(String pod) {
    call("DEL", pod);
    machine.run("sh", "-c", "[ ! -e $0 ] || { umount $0; rm $0; }", NETNS + pod);
  }

  private String call(String verb, String pod) {
    Path config = machine.folder().resolve("plugin.json");
    try {
      ObjectNode bridge = bridge(Flanneld.subnetEnv(machine).orElseThrow());
      Files.writeString(config, bridge.put("cniVersion", "1.0.0").put("name", "cbr0").toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + config, e);
    }
    Output output =
        machine.call(
            Launch.of(List.of(FOLDER + "/bridge"))
                .with(
                    Map.of(
                        "CNI_COMMAND",
                        verb,
                        "CNI_CONTAINERID",
                        pod,
                        "CNI_NETNS",
                        NETNS + pod,
                        "CNI_IFNAME",
                        DEVICE,
                        "CNI_PATH",
                        FOLDER))
                .reading(config));
    if (!output.succeeded()) {
      throw new LabException("cannot " + verb + " pod " + pod + ": " + output.out() + output.err());
    }
    return output.out();
  }
}
