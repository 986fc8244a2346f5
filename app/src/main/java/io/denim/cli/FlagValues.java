package io.denim.cli;

import io.denim.cli.FlanneldFlag.Use;
import io.denim.cli.GoFlags.Given;
import io.denim.model.Spelling;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.store.etcd.EtcdOptions;
import io.denim.store.kubernetes.KubernetesAccess;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The given flags with their types: what each method returns is in range, or it throws. */
final class FlagValues {
  // Kubernetes: a DNS subdomain (RFC 1123).
  private static final Pattern NODE_NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private static final List<FlanneldFlag> ETCD =
      List.of(
          FlanneldFlag.ETCD_ENDPOINTS,
          FlanneldFlag.ETCD_PREFIX,
          FlanneldFlag.ETCD_KEYFILE,
          FlanneldFlag.ETCD_CERTFILE,
          FlanneldFlag.ETCD_CAFILE,
          FlanneldFlag.ETCD_USERNAME,
          FlanneldFlag.ETCD_PASSWORD);

  private final Map<FlanneldFlag, List<Given>> given;

  FlagValues(Map<FlanneldFlag, List<Given>> given) {
    this.given = given;
  }

  /**
   * Where the network is kept: in Kubernetes where that is asked for, else in etcd where any of its
   * options has a value, else in a folder.
   *
   * @param folder of the embedded store, where no flag names one
   */
  NetworkSource network(Map<String, String> environment, Path folder) {
    if (bool(FlanneldFlag.KUBE_SUBNET_MGR)) {
      return new NetworkSource.Kubernetes(
          KubernetesAccess.of(
              file(FlanneldFlag.KUBECONFIG_FILE), text(FlanneldFlag.KUBE_API_URL), environment),
          text(FlanneldFlag.KUBE_ANNOTATION_PREFIX).orElseThrow(),
          bool(FlanneldFlag.SET_NODE_NETWORK_UNAVAILABLE),
          given.containsKey(FlanneldFlag.NODE_NAME)
              || !environment.getOrDefault("NODE_NAME", "").isEmpty());
    }
    if (ofEtcd().isPresent()) {
      return new NetworkSource.Etcd(etcd());
    }
    return new NetworkSource.Embedded(path(FlanneldFlag.STORE_DIR).orElse(folder));
  }

  /** The first of etcd's options that has a value. */
  private Optional<Given> ofEtcd() {
    return ETCD.stream()
        .flatMap(flag -> lastGiven(flag).stream())
        .filter(each -> !each.value().isEmpty())
        .findFirst();
  }

  private Optional<Given> lastGiven(FlanneldFlag flag) {
    return Optional.ofNullable(given.get(flag)).map(List::getLast);
  }

  private EtcdOptions etcd() {
    try {
      return EtcdOptions.of(
          text(FlanneldFlag.ETCD_ENDPOINTS).orElseThrow(),
          text(FlanneldFlag.ETCD_PREFIX).orElseThrow(),
          file(FlanneldFlag.ETCD_KEYFILE),
          file(FlanneldFlag.ETCD_CERTFILE),
          file(FlanneldFlag.ETCD_CAFILE),
          text(FlanneldFlag.ETCD_USERNAME),
          text(FlanneldFlag.ETCD_PASSWORD));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Of flanneld's texts an empty one is none. */
  private Optional<String> text(FlanneldFlag flag) {
    return last(flag)
        .filter(each -> !each.isEmpty())
        .or(() -> Optional.of(flag.fallback()).filter(each -> !each.isEmpty()));
  }

  private Optional<Path> file(FlanneldFlag flag) {
    return text(flag).isEmpty() ? Optional.empty() : path(flag);
  }

  boolean bool(FlanneldFlag flag) {
    String text = last(flag).orElse("false");
    return switch (text) {
      case "1", "t", "T", "TRUE", "true", "True" -> true;
      case "0", "f", "F", "FALSE", "false", "False" -> false;
      default -> throw wrong(flag, "is no boolean", "true or false");
    };
  }

  int number(FlanneldFlag flag, int least, int most) {
    String text = last(flag).orElse("0");
    String allowed = "a whole number from " + least + " to " + most;
    try {
      int value = goInteger(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(flag, "is no number", allowed);
    }
    throw wrong(flag, "is out of range", allowed);
  }

  /** As Go's strconv.ParseInt with base 0: 0x, 0o, 0b and a leading 0 choose the base. */
  private static int goInteger(String text) {
    String sign = text.startsWith("-") || text.startsWith("+") ? text.substring(0, 1) : "";
    String digits = text.substring(sign.length()).toLowerCase(Locale.ROOT);
    int base = 10;
    if (digits.startsWith("0x")) {
      base = 16;
    } else if (digits.startsWith("0b")) {
      base = 2;
    } else if (digits.startsWith("0") && digits.length() > 1) {
      base = 8;
    }
    String bare =
        base == 10 ? digits : digits.substring(digits.startsWith("0o") || base != 8 ? 2 : 1);
    if (bare.startsWith("-") || bare.startsWith("+")) {
      throw new NumberFormatException(text);
    }
    return Integer.parseInt(sign + bare, base);
  }

  Optional<IpAddress> address(FlanneldFlag flag) {
    Optional<String> text = last(flag).filter(each -> !each.isEmpty());
    Optional<IpAddress> address = text.flatMap(IpAddress::tryParse);
    if (text.isPresent() && address.isEmpty()) {
      throw wrong(flag, "is no IP address", "such as 192.168.1.10 or fd00::10");
    }
    return address;
  }

  Optional<IpAddress> publicIp() {
    return ofFamily(FlanneldFlag.PUBLIC_IP, Family.IPV4);
  }

  Optional<IpAddress> publicIpv6() {
    return ofFamily(FlanneldFlag.PUBLIC_IPV6, Family.IPV6);
  }

  private Optional<IpAddress> ofFamily(FlanneldFlag flag, Family family) {
    Optional<IpAddress> address = address(flag);
    if (address.isPresent() && address.get().family() != family) {
      throw wrong(flag, "is " + address.get().family(), family + " addresses");
    }
    return address;
  }

  Optional<Path> path(FlanneldFlag flag) {
    Optional<String> text = last(flag);
    if (text.equals(Optional.of(""))) {
      throw wrong(flag, "is empty", "a path");
    }
    try {
      return text.map(Path::of);
    } catch (InvalidPathException e) {
      throw wrong(flag, "is no path", "a path without NUL characters");
    }
  }

  List<String> interfaces() {
    return all(FlanneldFlag.IFACE);
  }

  List<String> regexes() {
    for (Given each : given.getOrDefault(FlanneldFlag.IFACE_REGEX, List.of())) {
      try {
        Pattern.compile(each.value());
      } catch (PatternSyntaxException e) {
        throw CommandException.usage(
            each.source() + "=" + each.value() + ": no regular expression: " + e.getDescription());
      }
    }
    return all(FlanneldFlag.IFACE_REGEX);
  }

  /** The node's name: the flag, $NODE_NAME, else the host's in lower case, as kubelet does. */
  String nodeName(Map<String, String> environment, Supplier<String> hostName) {
    String variable = environment.getOrDefault("NODE_NAME", "");
    Given name =
        given.containsKey(FlanneldFlag.NODE_NAME)
            ? given.get(FlanneldFlag.NODE_NAME).getLast()
            : variable.isEmpty()
                ? new Given("the host name", hostName.get().strip().toLowerCase(Locale.ROOT))
                : new Given("NODE_NAME", variable);
    if (name.value().length() > 253 || !NODE_NAME.matcher(name.value()).matches()) {
      throw CommandException.usage(
          name.source()
              + "="
              + name.value()
              + " is no node name; allowed: lower-case letters, digits, hyphens and dots, 1 to 253,"
              + " set by --node-name");
    }
    return name.value();
  }

  LogFormat logFormat() {
    String text = last(FlanneldFlag.LOG_FORMAT).orElse("text");
    return Arrays.stream(LogFormat.values())
        .filter(each -> each.toString().equals(text))
        .findFirst()
        .orElseThrow(() -> wrong(FlanneldFlag.LOG_FORMAT, "is not known", "text or json"));
  }

  /** Sentences on what is accepted and does nothing. */
  List<String> warnings(Map<String, String> environment) {
    List<String> warnings = new ArrayList<>();
    given.forEach((flag, values) -> {
      if (flag.use() == Use.WITHOUT_EFFECT) {
        warnings.add(values.getLast().source() + " has no effect in Denim");
      }
    });
    if (given.containsKey(FlanneldFlag.STORE_DIR)) {
      Optional<Given> stronger =
          bool(FlanneldFlag.KUBE_SUBNET_MGR) ? lastGiven(FlanneldFlag.KUBE_SUBNET_MGR) : ofEtcd();
      stronger.ifPresent(each ->
          warnings.add(
              "--store-dir has no effect beside "
                  + each.source()
                  + ", which says that the network is kept elsewhere"));
    }
    List<String> known =
        Arrays.stream(FlanneldFlag.values()).flatMap(each -> each.variable().stream()).toList();
    environment.keySet().stream()
        .filter(each -> each.startsWith("FLANNELD_") && !known.contains(each))
        .sorted()
        .forEach(
            each -> warnings.add(each + " is not known, ignored" + Spelling.hint(each, known)));
    return warnings;
  }

  private List<String> all(FlanneldFlag flag) {
    List<Given> values = given.getOrDefault(flag, List.of());
    if (values.stream().anyMatch(each -> each.value().isEmpty())) {
      throw wrong(flag, "is empty", "a value, or not giving it");
    }
    return values.stream().map(Given::value).toList();
  }

  /** The last value given, else the flag's own; empty when there is neither. */
  private Optional<String> last(FlanneldFlag flag) {
    return given.containsKey(flag)
        ? Optional.of(given.get(flag).getLast().value())
        : Optional.of(flag.fallback()).filter(each -> !each.isEmpty());
  }

  private CommandException wrong(FlanneldFlag flag, String problem, String allowed) {
    String source =
        given.containsKey(flag) ? given.get(flag).getLast().source() : "--" + flag.flagName();
    return CommandException.usage(
        source + "=" + last(flag).orElse("") + " " + problem + "; allowed: " + allowed);
  }
}
