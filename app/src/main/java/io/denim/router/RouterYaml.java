package io.denim.router;

import io.denim.bgp.config.Aggregate;
import io.denim.bgp.config.GracefulRestart;
import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads the file of {@code denim bgp run}: YAML 1.2, one document, described in docs/bgp.md. */
public final class RouterYaml {
  /** The keys at the top of the file. */
  static final List<String> KEYS =
      List.of(
          "as",
          "router-id",
          "cluster-id",
          "listen",
          "policies",
          "peer-defaults",
          "peers",
          "ranges",
          "routes",
          "aggregates",
          "graceful-restart",
          "control",
          "metrics",
          "bmp");

  static final List<String> LISTEN_KEYS = List.of("address", "port");
  static final List<String> GRACEFUL_RESTART_KEYS =
      List.of("enabled", "restart-time", "long-lived", "selection-deferral");

  /** Where a router listens that does not say: all addresses. */
  private static final List<Listener> EVERYWHERE =
      List.of(
          new Listener(IpAddress.ANY_V4, Listener.BGP_PORT),
          new Listener(IpAddress.ANY_V6, Listener.BGP_PORT));

  private static final int MAX_SOCKET_NAME = 107; // sockaddr_un of linux/un.h, with a 0 behind
  private static final String HOST_PORT = "such as 127.0.0.1:9179 or [::1]:9179";

  /** Stands in for one that cannot be read, so that reading can go on. */
  private static final IpAddress NO_ID = IpAddress.v4(1);

  private final Problems problems = new Problems();
  private final Function<Path, String> files;

  private RouterYaml(Function<Path, String> files) {
    this.files = files;
  }

  /**
   * Reads a file.
   *
   * @throws RouterConfigException with all that is wrong in it
   * @throws UncheckedIOException when the file cannot be read
   */
  public static RouterConfig read(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read as UTF-8 text: " + e.getMessage(), e);
    }
    return parse(file.toString(), text);
  }

  /**
   * Reads a text, and the files of passwords that it names.
   *
   * @param source what the errors call it, such as a file's name
   * @throws RouterConfigException with all that is wrong in it
   */
  public static RouterConfig parse(String source, String text) {
    return parse(source, text, RouterYaml::passwordFile);
  }

  /** As {@link #parse(String, String)}, with other files of passwords. */
  static RouterConfig parse(String source, String text, Function<Path, String> files) {
    RouterYaml reader = new RouterYaml(files);
    Optional<Node> node = YamlText.compose(text, reader.problems);
    if (!reader.problems.isEmpty()) {
      throw new RouterConfigException(source, reader.problems.found());
    }
    Node top = node.orElseGet(() -> new ScalarNode(Tag.NULL, "", ScalarStyle.PLAIN));
    Optional<RouterConfig> config =
        reader.config(new YamlMap(new YamlValue(top, "", reader.problems)));
    if (!reader.problems.isEmpty()) {
      throw new RouterConfigException(source, reader.problems.found());
    }
    return config.orElseThrow();
  }

  private static String passwordFile(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          file + " cannot be read as UTF-8 text: " + e.getMessage(), e);
    }
  }

  private Optional<RouterConfig> config(YamlMap top) {
    top.allow(KEYS);
    IpAddress routerId =
        top.required("router-id", PeerYaml.IDENTIFIER)
            .flatMap(value -> value.parse(PeerYaml.IDENTIFIER, PeerYaml::identifier))
            .orElse(NO_ID);
    Optional<Long> as =
        top.required("as", "the AS number of this router")
            .flatMap(value -> value.number(1, PolicyYaml.MAX_U32));
    IpAddress clusterId =
        top.parse("cluster-id", PeerYaml.IDENTIFIER, PeerYaml::identifier).orElse(routerId);
    Optional<SpeakerConfig> self =
        as.flatMap(number ->
            top.value("as")
                .flatMap(value -> value.attempt(() -> SpeakerConfig.of(routerId, number))));
    Optional<YamlValue> restart = top.value("graceful-restart");
    PeerYaml peerYaml =
        new PeerYaml(
            PolicyYaml.policies(top.value("policies")),
            new YamlMap(top.value("peer-defaults").orElseGet(() -> nothing("peer-defaults"))),
            restart.map(RouterYaml::gracefulRestart).orElse(GracefulRestart.DEFAULT),
            files);
    peerYaml.checkDefaults();
    List<PeerConfig> peers = peers(top, peerYaml, self);
    List<PeerRange> ranges = ranges(top, peerYaml, self);
    List<Listener> listeners = listeners(top);
    List<LocalRoute> routes =
        all(top, "routes", RouteYaml::route, List.of(new Unique<>("prefix", LocalRoute::prefix)));
    List<Aggregate> aggregates =
        all(
            top,
            "aggregates",
            RouteYaml::aggregate,
            List.of(new Unique<>("prefix", Aggregate::prefix)));
    Duration deferral =
        restart
            .filter(YamlValue::isMap)
            .flatMap(RouterYaml::deferral)
            .orElse(SpeakerConfig.DEFAULT_DEFERRAL);
    Optional<Path> control = top.parse("control", "a file's name", RouterYaml::socket);
    Optional<HostPort> metrics = top.parse("metrics", HOST_PORT, HostPort::parse);
    List<HostPort> bmp = top.oneOrMore("bmp", HOST_PORT, HostPort::parse);
    if (!problems.isEmpty()) {
      return Optional.empty();
    }
    return self.flatMap(speaker ->
        top.self()
            .attempt(() ->
                new RouterConfig(
                    speaker
                        .withClusterId(clusterId)
                        .withListeners(listeners)
                        .withPeers(peers)
                        .withRanges(ranges)
                        .withRoutes(routes)
                        .withAggregates(aggregates)
                        .withSelectionDeferral(deferral),
                    control,
                    metrics,
                    bmp)));
  }

  private YamlValue nothing(String path) {
    return new YamlValue(new ScalarNode(Tag.NULL, "", ScalarStyle.PLAIN), path, problems);
  }

  private static GracefulRestart gracefulRestart(YamlValue value) {
    return PeerYaml.gracefulRestart(value, GracefulRestart.DEFAULT, GRACEFUL_RESTART_KEYS);
  }

  private static Optional<Duration> deferral(YamlValue restart) {
    return restart.map().number("selection-deferral", 0, 3600).map(Duration::ofSeconds);
  }

  private static Path socket(String text) {
    Path path = Path.of(text);
    int octets = text.getBytes(StandardCharsets.UTF_8).length;
    if (!path.isAbsolute() || octets > MAX_SOCKET_NAME) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is no socket's name; allowed: an absolute path of at most "
              + MAX_SOCKET_NAME
              + " octets, such as /run/denim/bgp.sock");
    }
    return path;
  }

  private List<PeerConfig> peers(YamlMap top, PeerYaml reader, Optional<SpeakerConfig> self) {
    return all(
        top,
        "peers",
        map -> checked(reader.peer(map), map, self, (speaker, peer) -> speaker.withPeers(peer)),
        List.of(new Unique<>("name", PeerConfig::name), new Unique<>("address", PeerConfig::at)));
  }

  private List<PeerRange> ranges(YamlMap top, PeerYaml reader, Optional<SpeakerConfig> self) {
    return all(
        top,
        "ranges",
        map ->
            checked(
                reader.range(map),
                map,
                self,
                (speaker, range) -> speaker.withRanges(List.of(range))),
        List.of(new Unique<>("name", PeerRange::name), new Unique<>("range", PeerRange::at)));
  }

  /** What was read, unless the speaker cannot have it, which is noted where it stands. */
  private static <T> Optional<T> checked(
      Optional<T> read,
      YamlMap map,
      Optional<SpeakerConfig> self,
      BiFunction<SpeakerConfig, T, SpeakerConfig> adding) {
    return read.filter(value ->
        self.isEmpty() || map.self().attempt(() -> adding.apply(self.get(), value)).isPresent());
  }

  private List<Listener> listeners(YamlMap top) {
    if (top.value("listen").isEmpty()) {
      return EVERYWHERE;
    }
    return all(top, "listen", RouterYaml::listener, List.of(new Unique<>("address", each -> each)));
  }

  private static Optional<Listener> listener(YamlMap map) {
    map.allow(LISTEN_KEYS);
    int port = map.number("port", 1, 65535).orElse((long) Listener.BGP_PORT).intValue();
    String allowed = "such as 0.0.0.0 or ::";
    return map.required("address", allowed)
        .flatMap(value -> value.parse(allowed, IpAddress::parse))
        .flatMap(address -> map.self().attempt(() -> new Listener(address, port)));
  }

  /** A field whose value is there once in a list. */
  private record Unique<T>(String field, Function<T, Object> value) {}

  /** What the reader makes of the mappings of a list. */
  private static <T> List<T> all(
      YamlMap top, String key, Function<YamlMap, Optional<T>> reader, List<Unique<T>> uniques) {
    List<T> all = new ArrayList<>();
    Map<String, Map<Object, YamlMap>> seen = new HashMap<>();
    for (YamlMap map : top.maps(key)) {
      Optional<T> read = reader.apply(map);
      read.ifPresent(value -> {
        all.add(value);
        for (Unique<T> unique : uniques) {
          Object one = unique.value().apply(value);
          YamlMap first =
              seen.computeIfAbsent(unique.field(), _ -> new HashMap<>()).putIfAbsent(one, map);
          if (first != null) {
            map.self()
                .wrong(
                    "has the "
                        + unique.field()
                        + " "
                        + one
                        + " of "
                        + first.self().path()
                        + " in line "
                        + first.self().line(),
                    "each once");
          }
        }
      });
    }
    return all;
  }
}
