package io.denim.install;

import io.denim.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What a runtime makes of the content of a file in its folder of configurations. */
sealed interface ConfFile {
  /** The ending of lists of plugins; all other files hold one plugin. */
  String LIST = ".conflist";

  /** kubeasz's name for the network that it gives a node so that kubelet calls it ready. */
  String BOOTSTRAP_NETWORK = "mynet";

  /** A network. */
  record Usable(String network, List<String> types) implements ConfFile {
    /** Copies the list. */
    public Usable {
      types = List.copyOf(types);
    }

    /** Whether it is Multus, which calls the network of the next file by itself. */
    boolean isMultus() {
      return types.stream().anyMatch(type -> type.equals("multus") || type.equals("multus-shim"));
    }
  }

  /** What no runtime can use, and why. */
  record Unusable(String reason) implements ConfFile {}

  /** Judges a file by the rules of go-cni. */
  static ConfFile judge(String fileName, byte[] content) {
    JsonNode root;
    try {
      root = Json.mapper().readTree(content);
    } catch (JacksonException e) {
      return new Unusable("is no JSON: " + reason(e));
    }
    if (!root.isObject()) {
      return new Unusable("is no JSON object");
    }
    boolean list = fileName.endsWith(LIST);
    List<String> types = new ArrayList<>();
    if (list) {
      if (!root.path("plugins").isArray() || root.path("plugins").isEmpty()) {
        return new Unusable("has no list \"plugins\"");
      }
      root.path("plugins").forEach(plugin -> types.add(text(plugin, "type").orElse("")));
    } else {
      types.add(text(root, "type").orElse(""));
    }
    if (types.contains("")) {
      return new Unusable("has a plugin without \"type\"");
    }
    // Single plugins without a name were allowed once, and runtimes load them.
    return list && text(root, "name").isEmpty()
        ? new Unusable("has no \"name\"")
        : new Usable(text(root, "name").orElse(""), types);
  }

  /** The reader's words, without those on where it had begun to read something. */
  private static String reason(JacksonException e) {
    String words = String.valueOf(e.getOriginalMessage()).replaceAll(" ?\\(start marker .*", "");
    return Optional.ofNullable(e.getLocation())
        .filter(location -> location.getLineNr() > 0)
        .map(location -> words + ", line " + location.getLineNr())
        .orElse(words);
  }

  private static Optional<String> text(JsonNode object, String key) {
    JsonNode value = object.path(key);
    return value.isString() ? Optional.of(value.asString()) : Optional.empty();
  }

  /**
   * Whether this is the file that kubeasz's role kube-node writes: a bridge mynet0 with host-local
   * over the whole cluster range, and nothing else in it. Layout and order do not matter.
   */
  static boolean isBootstrap(byte[] content) {
    JsonNode root;
    try {
      root = Json.mapper().readTree(content);
    } catch (JacksonException e) {
      return false;
    }
    Map<String, String> texts =
        Map.of("name", BOOTSTRAP_NETWORK, "type", "bridge", "bridge", BootstrapBridge.DEVICE);
    Set<String> switches = Set.of("isDefaultGateway", "ipMasq", "hairpinMode");
    JsonNode ipam = root.path("ipam");
    return texts.entrySet().stream()
            .allMatch(each -> text(root, each.getKey()).equals(Optional.of(each.getValue())))
        && text(root, "cniVersion").isPresent()
        && switches.stream().allMatch(each -> root.path(each).isBoolean())
        && root.size() == texts.size() + switches.size() + 2
        && text(ipam, "type").equals(Optional.of("host-local"))
        && text(ipam, "subnet").isPresent()
        && ipam.size() == 2;
  }
}
