package io.denim.router;

import io.denim.bgp.config.GracefulRestart;
import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.Timers;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.policy.Policy;
import io.denim.model.Spelling;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads {@code peers}, {@code ranges} and {@code peer-defaults}. */
final class PeerYaml {
  /** What a peer, the peers of a range and the defaults of both can say. */
  static final List<String> SHARED_KEYS =
      List.of(
          "as",
          "port",
          "local-address",
          "local-as",
          "passive",
          "hold-time",
          "keepalive-time",
          "connect-retry",
          "connect-timeout",
          "send-hold-time",
          "password",
          "password-file",
          "multihop",
          "ttl-security",
          "client",
          "cluster-id",
          "next-hop",
          "families",
          "import",
          "export",
          "allow-own-as",
          "enforce-first-as",
          "graceful-restart",
          "role",
          "extended-messages",
          "bfd",
          "shutdown",
          "description");

  static final List<String> PEER_KEYS = with("name", "address", "interface");
  static final List<String> RANGE_KEYS = with("name", "range", "interface", "limit");
  static final List<String> GRACEFUL_RESTART_KEYS =
      List.of("enabled", "restart-time", "long-lived");

  /** Of each of these sets one key is enough. */
  static final Set<Set<String>> ALTERNATIVES =
      Set.of(Set.of("password", "password-file"), Set.of("multihop", "ttl-security"));

  private static final String AS_ALLOWED = "an AS number, internal or external";
  static final String IDENTIFIER = "an IPv4 address, such as 10.0.0.1";
  private static final String SECONDS = "seconds, such as 5 or 0.5";
  private static final String ADDRESS = "such as 10.0.0.2 or fd00::2";

  private final Map<String, Policy> policies;
  private final YamlMap defaults;
  private final GracefulRestart gracefulRestart;
  private final Function<Path, String> files;

  /**
   * A reader of peers.
   *
   * @param policies by name
   * @param defaults what a peer has that does not say
   * @param gracefulRestart what the router has
   * @param files gives a file's text or throws an IllegalArgumentException that says why not
   */
  PeerYaml(
      Map<String, Policy> policies,
      YamlMap defaults,
      GracefulRestart gracefulRestart,
      Function<Path, String> files) {
    this.policies = policies;
    this.defaults = defaults;
    this.gracefulRestart = gracefulRestart;
    this.files = files;
  }

  private static List<String> with(String... first) {
    return Stream.concat(Stream.of(first), SHARED_KEYS.stream()).toList();
  }

  /** Notes what is wrong in the defaults, which might be used by nobody. */
  void checkDefaults() {
    defaults.allow(SHARED_KEYS);
    PeerBuilder nobody = PeerConfig.of("nobody", IpAddress.v4(1), RemoteAs.external());
    read(defaults, nobody);
  }

  Optional<PeerConfig> peer(YamlMap given) {
    given.allow(PEER_KEYS);
    YamlMap map = given.over(defaults, ALTERNATIVES);
    Optional<IpAddress> address =
        given.required("address", ADDRESS).flatMap(value -> value.parse(ADDRESS, IpAddress::parse));
    Optional<String> device = given.text("interface");
    String name =
        map.text("name")
            .or(() -> address.map(each -> new PeerAddress(each, device).toString()))
            .orElse("?");
    Optional<RemoteAs> as = as(map);
    PeerBuilder builder =
        PeerConfig.of(name, address.orElse(IpAddress.v4(1)), as.orElse(RemoteAs.external()));
    device.ifPresent(builder::device);
    read(map, builder);
    return address.isEmpty() || as.isEmpty()
        ? Optional.empty()
        : given.self().attempt(builder::build);
  }

  Optional<PeerRange> range(YamlMap given) {
    given.allow(RANGE_KEYS);
    YamlMap map = given.over(defaults, ALTERNATIVES);
    Optional<Cidr> range =
        given
            .required("range", "such as 10.0.0.0/16")
            .flatMap(value -> value.parse("such as 10.0.0.0/16", Cidr::strict));
    Optional<String> device = given.text("interface");
    String name =
        map.text("name")
            .or(() -> range.map(each -> each + device.map(at -> "%" + at).orElse("")))
            .orElse("?");
    int limit = map.number("limit", 1, 1_000_000).orElse((long) PeerRange.DEFAULT_LIMIT).intValue();
    Optional<RemoteAs> as = as(map);
    PeerBuilder builder =
        PeerConfig.of(
            name, range.map(Cidr::address).orElse(IpAddress.v4(1)), as.orElse(RemoteAs.external()));
    device.ifPresent(builder::device);
    read(map, builder);
    return range.isEmpty() || as.isEmpty()
        ? Optional.empty()
        : given.self().attempt(() -> PeerRange.of(name, range.get(), builder).withLimit(limit));
  }

  private static Optional<RemoteAs> as(YamlMap map) {
    return map.required("as", AS_ALLOWED).flatMap(PeerYaml::as);
  }

  private static Optional<RemoteAs> as(YamlValue value) {
    Optional<String> text = value.text(AS_ALLOWED);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    return switch (text.get()) {
      case "internal" -> Optional.of(RemoteAs.internal());
      case "external" -> Optional.of(RemoteAs.external());
      default -> {
        if (!text.get().matches("[0-9]{1,10}")) {
          value.wrong(
              value.shown()
                  + " does not fit"
                  + Spelling.hint(text.get(), List.of("internal", "external")),
              AS_ALLOWED);
          yield Optional.empty();
        }
        yield value.attempt(() -> RemoteAs.of(Long.parseLong(text.get())));
      }
    };
  }

  /** Everything that is not the peer's name, address and AS. */
  private void read(YamlMap map, PeerBuilder to) {
    map.number("port", 1, 65535).ifPresent(port -> to.port(port.intValue()));
    map.parse("local-address", ADDRESS, IpAddress::parse).ifPresent(to::localAddress);
    map.number("local-as", 1, PolicyYaml.MAX_U32).ifPresent(to::localAs);
    map.bool("passive").ifPresent(to::passive);
    to.timers(timers(map));
    password(map).ifPresent(to::password);
    ttl(map).ifPresent(to::ttl);
    map.bool("client").ifPresent(to::client);
    map.parse("cluster-id", IDENTIFIER, PeerYaml::identifier).ifPresent(to::clusterId);
    map.word("next-hop", Words.NEXT_HOPS).ifPresent(to::nextHop);
    map.value("families")
        .map(FamilyYaml::families)
        .filter(families -> !families.isEmpty())
        .ifPresent(to::families);
    map.value("import").flatMap(this::policy).ifPresent(to::importPolicy);
    map.value("export").flatMap(this::policy).ifPresent(to::exportPolicy);
    map.number("allow-own-as", 0, 255).ifPresent(times -> to.allowOwnAs(times.intValue()));
    map.bool("enforce-first-as").ifPresent(to::enforceFirstAs);
    to.gracefulRestart(
        map.value("graceful-restart")
            .map(value -> gracefulRestart(value, gracefulRestart, GRACEFUL_RESTART_KEYS))
            .orElse(gracefulRestart));
    map.word("role", Words.ROLES).ifPresent(to::role);
    map.bool("extended-messages").ifPresent(to::extendedMessages);
    map.bool("bfd").ifPresent(to::bfd);
    map.bool("shutdown").ifPresent(to::shutdown);
    map.text("description").ifPresent(to::description);
  }

  private static Timers timers(YamlMap map) {
    int hold =
        map.value("hold-time")
            .flatMap(value -> value.number(0, 65535).filter(seconds -> isHold(value, seconds)))
            .map(Long::intValue)
            .orElse(Timers.DEFAULT.holdSeconds());
    return new Timers(
        hold,
        map.number("keepalive-time", 0, hold).orElse(0L).intValue(),
        seconds(map, "connect-retry").orElse(Timers.DEFAULT.connectRetry()),
        seconds(map, "connect-timeout").orElse(Timers.DEFAULT.connectTimeout()),
        seconds(map, "send-hold-time").orElse(Timers.DEFAULT.sendHold()));
  }

  private static boolean isHold(YamlValue value, long seconds) {
    if (seconds == 1 || seconds == 2) {
      value.wrong(seconds + " is out of range", "0 (no hold timer) or 3 to 65535");
      return false;
    }
    return true;
  }

  private static Optional<Duration> seconds(YamlMap map, String key) {
    return map.parse(key, SECONDS, PeerYaml::seconds);
  }

  private static Duration seconds(String text) {
    if (!text.matches("[0-9]{1,5}(\\.[0-9]{1,3})?") || text.matches("[0.]+")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no time; allowed: " + SECONDS + ", up to 99999");
    }
    return Duration.ofMillis(new BigDecimal(text).movePointRight(3).longValueExact());
  }

  private Optional<String> password(YamlMap map) {
    Optional<YamlValue> inPlace = map.value("password");
    Optional<YamlValue> inFile = map.value("password-file");
    if (inPlace.isPresent() && inFile.isPresent()) {
      inFile.get().wrong("is not wanted beside password", "one or the other");
      return Optional.empty();
    }
    return inPlace
        .flatMap(value -> value.text("a text").filter(text -> isPassword(value, text)))
        .or(() ->
            inFile.flatMap(value ->
                value
                    .parse("a file's name", name -> files.apply(Path.of(name)).stripTrailing())
                    .filter(text -> isPassword(value, text))));
  }

  private static boolean isPassword(YamlValue value, String password) {
    int octets = password.getBytes(StandardCharsets.UTF_8).length;
    if (octets < 1 || octets > PeerConfig.MAX_PASSWORD) {
      value.wrong(
          "a password of " + octets + " octets", "1 to " + PeerConfig.MAX_PASSWORD + " octets");
      return false;
    }
    return true;
  }

  private static Optional<Ttl> ttl(YamlMap map) {
    Optional<YamlValue> multihop = map.value("multihop");
    Optional<YamlValue> security = map.value("ttl-security");
    if (multihop.isPresent() && security.isPresent()) {
      security.get().wrong("is not wanted beside multihop", "one or the other");
    }
    Optional<Ttl> far =
        multihop
            .flatMap(value -> value.number(1, 255))
            .map(hops -> new Ttl.Multihop(hops.intValue()));
    return far.or(() ->
        security
            .flatMap(value -> value.number(1, 254))
            .map(hops -> new Ttl.Security(hops.intValue())));
  }

  private Optional<Policy> policy(YamlValue value) {
    return value.word(policies);
  }

  /**
   * Graceful restart as a mapping, or true or false.
   *
   * @param base what is not said
   * @param keys what may be said
   */
  static GracefulRestart gracefulRestart(YamlValue value, GracefulRestart base, List<String> keys) {
    if (!value.isMap()) {
      boolean enabled = value.bool().orElse(base.enabled());
      return enabled ? with(base, true) : GracefulRestart.OFF;
    }
    YamlMap map = value.map();
    map.allow(keys);
    boolean enabled = map.bool("enabled").orElse(true);
    GracefulRestart from = with(base, enabled);
    int restart =
        map.number("restart-time", 0, 4095).map(Long::intValue).orElse(from.restartSeconds());
    int longLived =
        map.number("long-lived", 0, 0xff_ffff).map(Long::intValue).orElse(from.longLivedSeconds());
    return value.attempt(() -> new GracefulRestart(enabled, restart, longLived)).orElse(base);
  }

  /** The times that count when graceful restart is switched on or off. */
  private static GracefulRestart with(GracefulRestart base, boolean enabled) {
    if (!enabled) {
      return GracefulRestart.OFF;
    }
    return base.enabled() ? base : GracefulRestart.DEFAULT;
  }

  /** 32 bits that are written as an IPv4 address. */
  static IpAddress identifier(String text) {
    return IpAddress.tryParse(text)
        .filter(address -> address.isV4() && !address.isAny())
        .orElseThrow(() ->
            new IllegalArgumentException(
                "\"" + text + "\" is no identifier; allowed: an IPv4 address other than 0.0.0.0"));
  }
}
