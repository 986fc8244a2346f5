package io.denim.cni;

import io.denim.model.SubnetEnv;
import io.denim.net.InterfaceAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * flannel's plugin, which makes the configuration of a bridge out of its own and the node's {@code
 * subnet.env}.
 *
 * @param version the specification's version
 * @param name the name of the network
 * @param type {@code flannel}
 * @param subnetFile the node's subnets
 * @param dataDir the folder of scratch files, one a container
 * @param settings the keys of the configuration that the bridge's is made of, as Go writes JSON
 * @param previous {@code prevResult}, which the bridge does not get
 * @param validAttachments the attachments that GC leaves
 */
public record FlannelPlugin(
    CniVersion version,
    String name,
    String type,
    Path subnetFile,
    Path dataDir,
    String settings,
    Optional<CniResult> previous,
    Optional<List<Attachment>> validAttachments)
    implements PluginConfig {
  private static final String SUBNET_FILE = "/run/flannel/subnet.env";
  private static final String DATA_DIR = "/var/lib/cni/flannel";
  private static final String BRIDGE = "bridge";

  /** Keys of the bridge's configuration that are not the user's {@code delegate}'s. */
  private static final Set<String> OWN = Set.of("cniVersion", "name", "ipam", "runtimeConfig");

  /** Copies the list. */
  public FlannelPlugin {
    validAttachments = validAttachments.map(List::copyOf);
  }

  static FlannelPlugin read(Header header, Keys keys) {
    keys.object("delegate").ifPresent(FlannelPlugin::check);
    return new FlannelPlugin(
        header.version(),
        header.name(),
        header.type(),
        path(keys, "subnetFile", SUBNET_FILE),
        path(keys, "dataDir", DATA_DIR),
        settings(keys),
        ConfigReader.previous(header, keys),
        ConfigReader.attachments(keys));
  }

  private static String settings(Keys keys) {
    Map<String, String> members = new HashMap<>();
    for (String key : List.of("cniVersion", "name", "type")) {
      keys.value(key).ifPresent(value -> members.put(key, GoJson.write(value)));
    }
    for (String key : List.of("delegate", "ipam", "runtimeConfig")) {
      keys.object(key).ifPresent(object -> members.put(key, GoJson.object(written(object))));
    }
    return GoJson.object(members);
  }

  private static Path path(Keys keys, String key, String otherwise) {
    return keys.parsed(key, IpamConfig::tryAbsolute, "an absolute path").orElse(Path.of(otherwise));
  }

  /** What flannel says in these cases is said in the same words. */
  private static void check(Keys delegate) {
    JsonNode tree = delegate.tree();
    if (tree.has("type") && !tree.path("type").isString()) {
      throw invalid("'delegate' dictionary, if present, must have (string) 'type' field");
    }
    for (String key : List.of("name", "ipam")) {
      if (tree.has(key)) {
        throw invalid(
            "'delegate' dictionary must not have '%s' field, it'll be set by flannel"
                .formatted(key));
      }
    }
    delegate.parsed("type", type -> Optional.of(type).filter(BRIDGE::equals), BRIDGE);
  }

  private static CniException invalid(String message) {
    return new CniException(CniException.Code.INVALID_CONFIG, message);
  }

  /**
   * The bridge's configuration.
   *
   * @throws CniException with code 2 or 7 for what the user wrote, 11 when the node has no subnet
   */
  public BridgeConfig delegate(SubnetEnv env) {
    Keys keys = ConfigReader.document(delegateJson(env));
    Keys delegate = Keys.of(keys.tree(), key -> OWN.contains(key) ? key : "delegate." + key);
    return BridgeReader.read(ConfigReader.header(delegate), delegate);
  }

  /**
   * The bridge's configuration as flannel writes it into the scratch file, byte for byte. It is
   * read back by {@link PluginConfig#parse}.
   *
   * @throws CniException with code 7 for what the user wrote, 11 when the node has no subnet
   */
  public String delegateJson(SubnetEnv env) {
    if (env.ipv4().isEmpty() && env.ipv6().isEmpty()) {
      throw new CniException(
          CniException.Code.TRY_AGAIN,
          subnetFile
              + " is missing FLANNEL_NETWORK, FLANNEL_IPV6_NETWORK, FLANNEL_SUBNET,"
              + " FLANNEL_IPV6_SUBNET",
          "the node has no subnet yet");
    }
    Keys keys = ConfigReader.document(settings);
    Map<String, String> members = new HashMap<>();
    keys.object("delegate").ifPresent(delegate -> members.putAll(written(delegate)));
    members.putIfAbsent("type", GoJson.quote(BRIDGE));
    members.putIfAbsent("ipMasq", String.valueOf(!env.ipMasq()));
    members.putIfAbsent("mtu", String.valueOf(env.mtu()));
    members.putIfAbsent("isGateway", "true");
    members.put("name", GoJson.quote(name));
    keys.text("cniVersion").ifPresent(text -> members.put("cniVersion", GoJson.quote(text)));
    keys.value("runtimeConfig")
        .ifPresent(runtime -> members.put("runtimeConfig", GoJson.write(runtime)));
    members.put("ipam", ipam(keys.object("ipam"), env));
    return GoJson.object(members);
  }

  private static Map<String, String> written(Keys keys) {
    Map<String, String> members = new HashMap<>();
    keys.entries().forEach(entry -> members.put(entry.getKey(), GoJson.write(entry.getValue())));
    return members;
  }

  private static String ipam(Optional<Keys> user, SubnetEnv env) {
    Map<String, String> members = new HashMap<>();
    user.ifPresent(keys -> members.putAll(written(keys)));
    members.putIfAbsent("type", GoJson.quote("host-local"));
    List<SubnetEnv.Part> parts = Stream.concat(env.ipv4().stream(), env.ipv6().stream()).toList();
    List<String> sets =
        parts.stream().map(part -> "[{\"subnet\":\"" + part.subnet() + "\"}]").toList();
    List<String> routes = new ArrayList<>();
    user.ifPresent(keys -> keys.list("routes").forEach(route -> routes.add(route(route))));
    parts.forEach(part -> routes.add("{\"dst\":\"" + part.network() + "\"}"));
    members.put("ranges", "[" + String.join(",", sets) + "]");
    members.put("routes", "[" + String.join(",", routes) + "]");
    return GoJson.object(members);
  }

  /** A route as Go's library writes it; unlike Denim it keeps set host bits. */
  private static String route(Value value) {
    CniResult.Route route = ResultReader.route(value);
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    value
        .object()
        .parsed("dst", InterfaceAddress::tryParse, "a prefix")
        .ifPresent(dst -> out.put("dst", dst.toString()));
    route.gateway().ifPresent(gateway -> out.put("gw", gateway.toString()));
    ResultWriter.numbers(out, route);
    return out.toString();
  }
}
