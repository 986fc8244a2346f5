package io.denim.router;

import io.denim.bgp.speaker.PeerState;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.bgp.speaker.TableStatus;
import io.denim.net.Family;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A router's metrics as Prometheus reads them; docs/bgp.md names them all. Nothing is counted here:
 * all is what the speaker knows when somebody asks. The classes of Prometheus' library are loaded
 * with this one, which is why nobody makes it before it is asked for.
 */
final class RouterMetrics {
  private static final List<PeerState> STATES = List.of(PeerState.values());

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final Router router;
  private List<PeerStatus> peers = List.of();
  private TableStatus tables;

  /** Makes them when they are asked for first. */
  static final class Lazy {
    private final Supplier<RouterMetrics> maker;
    private @Nullable RouterMetrics made;

    Lazy(Supplier<RouterMetrics> maker) {
      this.maker = maker;
    }

    synchronized Page page(String accept) {
      RouterMetrics metrics = made;
      if (metrics == null) {
        metrics = maker.get();
        made = metrics;
      }
      return metrics.page(accept);
    }
  }

  /**
   * An answer to who asks for the metrics.
   *
   * @param contentType its media type
   * @param body its text
   */
  record Page(String contentType, String body) {}

  RouterMetrics(Router router, ReloadCounts reloads) {
    this.router = router;
    tables = router.speaker().tables();
    sessions();
    traffic();
    routes();
    tables();
    CounterWithCallback.builder()
        .name("denim_bgp_config_reloads_total")
        .help("How often the file was read again, by result: taken or failed.")
        .labelNames("result")
        .callback(call -> {
          call.call((double) reloads.takenCount(), "taken");
          call.call((double) reloads.failedCount(), "failed");
        })
        .register(registry);
    GaugeWithCallback.builder()
        .name("denim_bgp_config_good")
        .help("Whether the file, when it was read last, could be taken: 1 or 0.")
        .callback(call -> call.call(reloads.isGood() ? 1 : 0))
        .register(registry);
  }

  /** All metrics as they are now, as OpenMetrics where {@code accept} asks for it, else as text. */
  private Page page(String accept) {
    peers = router.speaker().peers();
    tables = router.speaker().tables();
    ExpositionFormatWriter writer =
        accept.contains("application/openmetrics-text")
            ? formats.getOpenMetricsTextFormatWriter()
            : formats.getPrometheusTextFormatWriter();
    var body = new ByteArrayOutputStream();
    try {
      writer.write(body, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write into memory", e);
    }
    return new Page(writer.getContentType(), body.toString(StandardCharsets.UTF_8));
  }

  /** The value of a metric for one peer and the labels after the peer's. */
  private record Value(double value, List<String> labels) {
    static Value of(double value, String... labels) {
      return new Value(value, List.of(labels));
    }

    String[] with(PeerStatus peer) {
      return Stream.concat(Stream.of(peer.name()), labels.stream()).toArray(String[]::new);
    }
  }

  /** What there is of a peer. */
  private interface Values {
    List<Value> of(PeerStatus peer);
  }

  private static String[] names(String... more) {
    return Stream.concat(Stream.of("peer"), Arrays.stream(more)).toArray(String[]::new);
  }

  private void gauge(String name, String help, Values values, String... labels) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(names(labels))
        .callback(call ->
            peers.forEach(
                peer -> values.of(peer).forEach(each -> call.call(each.value(), each.with(peer)))))
        .register(registry);
  }

  private void counter(String name, String help, Values values, String... labels) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(names(labels))
        .callback(call ->
            peers.forEach(
                peer -> values.of(peer).forEach(each -> call.call(each.value(), each.with(peer)))))
        .register(registry);
  }

  private void sessions() {
    gauge(
        "denim_bgp_peer_state",
        "The session: 0 idle, 1 connect, 2 active, 3 open sent, 4 open confirmed, 5 established;"
            + " and why there is this peer: peer or range.",
        peer -> List.of(Value.of(STATES.indexOf(peer.state()), peer.dynamic() ? "range" : "peer")),
        "why");
    gauge(
        "denim_bgp_peer_established_timestamp_seconds",
        "Since when the session is up; absent when it is not.",
        peer ->
            isUp(peer)
                ? List.of(
                    Value.of(router.clock().instant().getEpochSecond() - (double) peer.seconds()))
                : List.of());
    counter(
        "denim_bgp_peer_flaps_total",
        "How often a session was lost.",
        peer -> List.of(Value.of((double) peer.sessions() - (isUp(peer) ? 1 : 0))));
    gauge(
        "denim_bgp_hold_remaining_ratio_min",
        "The least part of the hold time that was left of the last minutes, from 0 to 1: how near"
            + " the session came to its end; absent without a hold time.",
        peer -> peer.holdMargin().stream().mapToObj(Value::of).toList());
  }

  private void traffic() {
    gauge(
        "denim_bgp_lag_bytes",
        "Octets that wait to be sent.",
        peer -> List.of(Value.of((double) peer.lag())));
    gauge(
        "denim_bgp_behind_seconds",
        "For how long something has waited to be sent; 0 when the peer has been told all.",
        peer -> List.of(Value.of(peer.secondsBehind())));
    gauge(
        "denim_bgp_detached",
        "Whether the peer is so far behind that it lost its place in the log: 1 or 0.",
        peer -> List.of(Value.of(peer.detached() ? 1 : 0)));
    counter(
        "denim_bgp_notifications_total",
        "NOTIFICATIONs, by direction, code and subcode.",
        RouterMetrics::notifications,
        "direction",
        "code",
        "subcode");
    counter(
        "denim_bgp_messages_total",
        "Messages, by direction and type.",
        RouterMetrics::messages,
        "direction",
        "type");
    counter(
        "denim_bgp_updates_malformed_total",
        "Damaged messages, by what they cost (RFC 7606): session or routes.",
        peer ->
            List.of(
                Value.of((double) peer.malformed(), "session"),
                Value.of((double) peer.treatedAsWithdrawn(), "routes")),
        "outcome");
  }

  private static boolean isUp(PeerStatus peer) {
    return peer.state() == PeerState.ESTABLISHED;
  }

  private static List<Value> messages(PeerStatus peer) {
    List<Value> values = new ArrayList<>();
    for (int type = 1; type <= PeerWords.TYPES.size(); type++) {
      String word = PeerWords.TYPES.get(type - 1);
      values.add(Value.of((double) peer.received().getOrDefault(type, 0L), "received", word));
      values.add(Value.of((double) peer.sent().getOrDefault(type, 0L), "sent", word));
    }
    return values;
  }

  private static List<Value> notifications(PeerStatus peer) {
    return peer.notifications().stream()
        .map(each ->
            Value.of(
                (double) each.count(),
                each.sent() ? "sent" : "received",
                Integer.toString(each.code()),
                Integer.toString(each.subcode())))
        .toList();
  }

  /** A number of routes of a family. */
  private interface Count {
    double of(PeerStatus.Routes routes);
  }

  private static List<Value> byFamily(PeerStatus peer, Count count, String... labels) {
    List<Value> values = new ArrayList<>();
    for (Family family : Family.values()) {
      PeerStatus.Routes routes = peer.families().get(family);
      if (routes != null) {
        String[] all =
            Stream.concat(Arrays.stream(labels), Stream.of(PeerWords.word(family)))
                .toArray(String[]::new);
        values.add(Value.of(count.of(routes), all));
      }
    }
    return values;
  }

  private void routes() {
    gauge(
        "denim_bgp_prefixes",
        "Routes, by direction: received, accepted of them, and announced to the peer.",
        peer ->
            Stream.of(
                    byFamily(peer, PeerStatus.Routes::received, "received"),
                    byFamily(peer, PeerStatus.Routes::accepted, "accepted"),
                    byFamily(peer, PeerStatus.Routes::announced, "announced"))
                .flatMap(List::stream)
                .toList(),
        "direction",
        "family");
    gauge(
        "denim_bgp_gr_stale_prefixes",
        "Routes that are kept for a peer that restarts.",
        peer -> byFamily(peer, routes -> routes.stale() ? routes.received() : 0),
        "family");
  }

  private void tables() {
    GaugeWithCallback.builder()
        .name("denim_bgp_rib_prefixes")
        .help("Prefixes to which there is a route that may be used.")
        .labelNames("family")
        .callback(call ->
            tables.chosen().forEach((family, count) -> call.call(count, PeerWords.word(family))))
        .register(registry);
    GaugeWithCallback.builder()
        .name("denim_bgp_log_bytes")
        .help("Memory that holds what is to be told to peers, and what was told last.")
        .callback(call -> call.call((double) tables.logOctets()))
        .register(registry);
    Collector convergence = this::convergence;
    registry.register(convergence);
  }

  private HistogramSnapshot convergence() {
    TableStatus.Durations took = tables.convergence();
    List<Double> bounds =
        Stream.concat(took.bounds().stream(), Stream.of(Double.POSITIVE_INFINITY)).toList();
    return HistogramSnapshot.builder()
        .name("denim_bgp_convergence_seconds")
        .help("Time from a change of the tables until the last peer that is up was told of it.")
        .dataPoint(
            HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, took.counts()))
                .sum(took.seconds())
                .build())
        .build();
  }
}
