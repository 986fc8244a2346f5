package io.denim.runtime;

import io.denim.lab.Machine;
import io.denim.lab.Output;
import io.denim.lab.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The plugin on a node, executed as a runtime does and by cnitool. */
final class Plugin {
  private static final String FOLDER = "/opt/cni/bin";

  private final Machine node;
  private final Peers peers;

  Plugin(Machine node, Peers peers) {
    this.node = node;
    this.peers = peers;
  }

  /** Executes the plugin for an interface of a pod. */
  Output call(String verb, Pod pod, String ifname, String config) {
    Path stdin = node.folder().resolve("stdin.json");
    try {
      Files.writeString(stdin, config);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + stdin, e);
    }
    return node.call(
        Map.of(
            "CNI_COMMAND",
            verb,
            "CNI_CONTAINERID",
            pod.sandbox(),
            "CNI_NETNS",
            pod.netns().toString(),
            "CNI_IFNAME",
            ifname,
            "CNI_PATH",
            FOLDER),
        List.of("sh", "-c", "exec " + FOLDER + "/denim-cni < " + stdin));
  }

  /** Runs cnitool on a network and a namespace of the node. */
  Output tool(Map<String, String> variables, String verb, String network, String netns) {
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("CNI_PATH", FOLDER);
    environment.put("NETCONFPATH", "/etc/cni/net.d");
    return node.call(
        environment, List.of(peers.program("cnitool").toString(), verb, network, netns));
  }

  /** The first address of a result, without its length. */
  static String address(Output added) {
    JsonNode result = JsonMapper.shared().readTree(added.out());
    String address = result.at("/ips/0/address").asString();
    return address.substring(0, address.indexOf('/'));
  }
}
