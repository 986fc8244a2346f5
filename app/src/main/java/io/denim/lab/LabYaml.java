package io.denim.lab;

import io.denim.lab.LabConfig.Node;
import io.denim.lab.LabConfig.Router;
import io.denim.lab.LabConfig.Subnet;
import io.denim.net.Cidr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a lab's YAML (YAML 1.2, one document).
 *
 * <pre>{@code
 * name: demo
 * config: {Network: 10.244.0.0/16, Backend: {Type: vxlan, DirectRouting: true}} # net-conf.json
 * mtu: 1500
 * subnets: # or a number
 *   a: {cidr: 192.168.1.0/24}
 *   b: {cidr: 192.168.2.0/24, cidr6: fd00:da:2::/64, latency: 2ms}
 * routers:
 *   r1: {subnets: [a, b], outside: true}
 * nodes: # or a number
 *   n1: {subnet: a, pods: 2}
 *   n2: {subnet: b, pods: [web, db]}
 * pods: 2 # of each node that does not say
 * agent: denim # or flanneld; of each node that does not say
 * store: embedded # or etcd
 * kubernetes: false # or true, or {kubeProxy: true, dns: true}
 * agents: threads # or processes or machines, which etcd and kubernetes need
 * agentFlags: [] # of agents of Denim that are processes; on machines, without: --cni-…-dir
 * ipMasq: true
 * }</pre>
 *
 * Not given: two subnets a and b, a router r1 that joins all subnets and has an outside, four
 * nodes, two pods on each, vxlan with DirectRouting in 10.244.0.0/16. A subnet without cidr is
 * 192.168.i.0/24 (and, when pods use IPv6, fd00:da:i::/64), i being its place.
 */
public final class LabYaml {
  private static final String[] KEYS = {
    "name",
    "config",
    "mtu",
    "subnets",
    "routers",
    "nodes",
    "pods",
    "agent",
    "agents",
    "agentFlags",
    "ipMasq",
    "store",
    "kubernetes"
  };
  private static final Pattern LATENCY = Pattern.compile("(\\d{1,9})(us|ms|s)");

  private final List<LabProblem> problems = new ArrayList<>();

  private LabYaml() {}

  /**
   * Reads a file.
   *
   * @throws LabConfigException with all that is wrong in it
   * @throws UncheckedIOException when the file cannot be read
   */
  public static LabConfig read(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read as UTF-8 text: " + e.getMessage(), e);
    }
    return parse(file.toString(), text);
  }

  /**
   * Reads a text.
   *
   * @param source what the errors call it, such as a file's name
   * @throws LabConfigException with all that is wrong in it
   */
  public static LabConfig parse(String source, String text) {
    return new LabYaml().config(source, tree(source, text));
  }

  private static JsonNode tree(String source, String text) {
    try {
      return YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readTree(text);
    } catch (JacksonException e) {
      String message = e.getOriginalMessage().strip().replaceAll("\\s*\n\\s*", " ");
      throw new LabConfigException(
          source, List.of(new LabProblem("", "is no YAML: " + message, "one YAML mapping")));
    }
  }

  private LabConfig config(String source, JsonNode tree) {
    var top = new YamlObject("", tree, problems);
    top.allow(KEYS);
    String name = top.text("name", "text").orElse("lab");
    LabStore store = store(top);
    String netConf = netConf(top);
    int mtu = top.integer("mtu", "a whole number of bytes").orElse(1500);
    List<Subnet> subnets = subnets(top, netConf);
    List<Router> routers = routers(top, subnets);
    List<Node> nodes = nodes(top, subnets, store);
    AgentMode agents =
        word(top, "agents", List.of(AgentMode.values())).orElse(LabBuilder.modeOf(store));
    boolean ipMasq = top.bool("ipMasq").orElse(true);
    List<String> agentFlags =
        top.texts("agentFlags", "a list of flags of denim agent").orElse(agents.flags());
    LabRules.problems(name, netConf, mtu, subnets, routers, nodes, agents, store).stream()
        .filter(problem -> problems.stream().noneMatch(known -> sameMatter(known, problem)))
        .toList()
        .forEach(problems::add);
    if (!problems.isEmpty()) {
      throw new LabConfigException(source, problems);
    }
    return new LabConfig(
        name, netConf, mtu, subnets, routers, nodes, agents, ipMasq, store, agentFlags);
  }

  /**
   * Whether one problem is likely to be the other's consequence: at the same place or around it.
   */
  private static boolean sameMatter(LabProblem known, LabProblem other) {
    return known.path().equals(other.path())
        || within(known.path(), other.path())
        || within(other.path(), known.path());
  }

  private static boolean within(String inner, String outer) {
    return inner.startsWith(outer + ".") || inner.startsWith(outer + "[");
  }

  /** flannel's configuration as JSON: the given one, with Network and Backend when it has none. */
  private String netConf(YamlObject top) {
    ObjectNode conf = YAMLMapper.shared().createObjectNode();
    top.value("config")
        .ifPresent(given -> {
          if (given.isObject()) {
            given.propertyStream().forEach(each -> conf.set(each.getKey(), each.getValue()));
          } else {
            top.wrong("config", given, "flannel's net-conf.json as a mapping");
          }
        });
    if (NetConfKeys.usesV4(conf) && NetConfKeys.find(conf, "Network").isEmpty()) {
      conf.put("Network", "10.244.0.0/16");
    }
    if (NetConfKeys.usesV6(conf) && NetConfKeys.find(conf, "IPv6Network").isEmpty()) {
      conf.put("IPv6Network", "fd00:10:244::/56");
    }
    if (NetConfKeys.find(conf, "Backend").isEmpty()) {
      conf.putObject("Backend").put("Type", "vxlan").put("DirectRouting", true);
    }
    return conf.toString();
  }

  private List<Subnet> subnets(YamlObject top, String netConf) {
    JsonNode conf = YAMLMapper.shared().readTree(netConf);
    List<Subnet> subnets = new ArrayList<>();
    Optional<JsonNode> given = top.value("subnets");
    if (given.isEmpty() || given.get().isIntegralNumber()) {
      int count = top.integer("subnets", "a number or a mapping").orElse(2);
      for (int i = 1; i <= Math.clamp(count, 0, LabRules.MAX_SUBNETS + 1); i++) {
        String name = LabBuilder.subnetName(i);
        subnets.add(
            new Subnet(name, LabBuilder.cidr4(i, conf), LabBuilder.cidr6(i, conf), Duration.ZERO));
      }
    } else {
      new YamlObject("subnets", given.get(), problems)
          .forEachObject((name, one) -> subnets.add(subnet(name, one, subnets.size() + 1, conf)));
    }
    return subnets;
  }

  private Subnet subnet(String name, YamlObject given, int place, JsonNode conf) {
    given.allow("cidr", "cidr6", "latency");
    boolean hasV4 = given.value("cidr").isPresent();
    boolean hasV6 = given.value("cidr6").isPresent();
    return new Subnet(
        name,
        hasV4 ? cidr(given, "cidr", "such as 192.168.1.0/24") : LabBuilder.cidr4(place, conf),
        hasV6 ? cidr(given, "cidr6", "such as fd00:da:1::/64") : LabBuilder.cidr6(place, conf),
        latency(given));
  }

  private Optional<Cidr> cidr(YamlObject given, String key, String allowed) {
    return given
        .text(key, allowed)
        .flatMap(text -> {
          try {
            return Optional.of(Cidr.strict(text));
          } catch (IllegalArgumentException e) {
            problems.add(new LabProblem(given.at(key), String.valueOf(e.getMessage()), ""));
            return Optional.empty();
          }
        });
  }

  private Duration latency(YamlObject given) {
    String allowed = "a whole number and its unit, such as 500us, 2ms or 1s; at most 10s";
    Optional<String> text = given.text("latency", allowed);
    if (text.isEmpty()) {
      return Duration.ZERO;
    }
    Matcher matcher = LATENCY.matcher(text.get());
    if (!matcher.matches()) {
      problems.add(
          new LabProblem(given.at("latency"), "\"" + text.get() + "\" is no time", allowed));
      return Duration.ZERO;
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "us" -> Duration.ofNanos(number * 1000);
      case "ms" -> Duration.ofMillis(number);
      default -> Duration.ofSeconds(number);
    };
  }

  private List<Router> routers(YamlObject top, List<Subnet> subnets) {
    Optional<JsonNode> given = top.value("routers");
    if (given.isEmpty()) {
      return List.of(new Router("r1", subnets.stream().map(Subnet::name).toList(), true));
    }
    List<Router> routers = new ArrayList<>();
    new YamlObject("routers", given.get(), problems)
        .forEachObject((name, one) -> {
          one.allow("subnets", "outside");
          routers.add(
              new Router(
                  name,
                  one.texts("subnets", "a list of subnets, such as [a, b]").orElse(List.of()),
                  one.bool("outside").orElse(false)));
        });
    return routers;
  }

  private List<Node> nodes(YamlObject top, List<Subnet> subnets, LabStore store) {
    int pods = podCount(top, LabBuilder.podsOf(store, 2));
    AgentKind agent = agent(top, AgentKind.DENIM);
    Optional<JsonNode> given = top.value("nodes");
    if (given.isEmpty() || given.get().isIntegralNumber()) {
      int count = top.integer("nodes", "a number or a mapping").orElse(4);
      return LabBuilder.spread(
          Math.clamp(count, 0, LabRules.MAX_NODES + 1),
          subnets.stream().map(Subnet::name).toList(),
          pods,
          _ -> agent);
    }
    List<Node> nodes = new ArrayList<>();
    new YamlObject("nodes", given.get(), problems)
        .forEachObject((name, one) -> nodes.add(node(name, one, subnets, pods, agent)));
    return nodes;
  }

  private Node node(
      String name,
      YamlObject given,
      List<Subnet> subnets,
      int defaultPods,
      AgentKind defaultAgent) {
    given.allow("subnet", "pods", "agent");
    List<String> names = subnets.stream().map(Subnet::name).toList();
    Optional<String> subnet = given.text("subnet", String.join(", ", names));
    if (given.value("subnet").isEmpty() && names.size() != 1) {
      problems.add(new LabProblem(given.at("subnet"), "is not given", String.join(", ", names)));
    }
    List<String> pods =
        given.value("pods").filter(JsonNode::isArray).isPresent()
            ? given.texts("pods", "text").orElse(List.of())
            : LabBuilder.podNames(name, podCount(given, defaultPods));
    return new Node(
        name,
        subnet.orElse(names.size() == 1 ? names.getFirst() : ""),
        pods,
        agent(given, defaultAgent));
  }

  private int podCount(YamlObject given, int otherwise) {
    int count = given.integer("pods", "a number or a list of names").orElse(otherwise);
    if (count < 0) {
      problems.add(
          new LabProblem(
              given.at("pods"), count + " is out of range", "0 to " + LabRules.MAX_PODS));
    }
    return Math.clamp(count, 0, LabRules.MAX_PODS + 1);
  }

  private AgentKind agent(YamlObject given, AgentKind otherwise) {
    return word(given, "agent", List.of(AgentKind.values())).orElse(otherwise);
  }

  private LabStore store(YamlObject top) {
    Optional<LabStore> kubernetes = kubernetes(top);
    if (kubernetes.isPresent() && top.value("store").isPresent()) {
      problems.add(new LabProblem("store", "is not wanted beside kubernetes", "one or the other"));
    }
    return kubernetes.orElseGet(() -> withoutKubernetes(top));
  }

  private Optional<LabStore> kubernetes(YamlObject top) {
    String key = "kubernetes";
    Optional<JsonNode> given = top.value(key);
    if (given.filter(JsonNode::isObject).isPresent()) {
      var options = new YamlObject(key, given.get(), problems);
      options.allow("kubeProxy", "dns");
      return Optional.of(
          new LabStore.Kubernetes(
              options.bool("kubeProxy").orElse(true), options.bool("dns").orElse(true)));
    }
    return top.bool(key).filter(on -> on).map(_ -> LabStore.Kubernetes.WHOLE);
  }

  private LabStore withoutKubernetes(YamlObject top) {
    return word(top, "store", List.of("embedded", "etcd"))
        .filter(word -> word.equals("etcd"))
        .<LabStore>map(_ -> new LabStore.Etcd())
        .orElse(new LabStore.Embedded());
  }

  /** The value of a key that is one of a few words. */
  private <T> Optional<T> word(YamlObject given, String key, List<T> words) {
    List<String> names = words.stream().map(String::valueOf).toList();
    String allowed =
        String.join(", ", names.subList(0, names.size() - 1)) + " or " + names.getLast();
    Optional<String> text = given.text(key, allowed);
    Optional<T> found =
        text.flatMap(
            word -> words.stream().filter(each -> String.valueOf(each).equals(word)).findFirst());
    if (text.isPresent() && found.isEmpty()) {
      problems.add(new LabProblem(given.at(key), "\"" + text.get() + "\" is not known", allowed));
    }
    return found;
  }
}
