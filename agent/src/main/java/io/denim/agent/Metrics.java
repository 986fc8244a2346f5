package io.denim.agent;

import io.denim.agent.AgentStatus.AttachmentStatus;
import io.denim.agent.AgentStatus.PathStatus;
import io.denim.apply.Observed.Part;
import io.denim.store.StoreHealth;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * One agent's metrics as Prometheus reads them; docs/metrics.md names them all. Nothing is counted
 * here: all is taken from what the agent counts and knows when somebody asks. The classes of
 * Prometheus' library are loaded with this one, which is why nobody makes it before it is asked
 * for.
 */
public final class Metrics {
  /** More bad records than this are counted and not named. */
  private static final int MOST_RECORDS = 100;

  private static final List<String> PATHS = List.of("direct", "vxlan", "unreachable");
  private static final double MILLIS = 1e3;
  private static final double SECOND = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final Supplier<Seen> look;
  private Seen seen;

  /** What one answer tells of. */
  private record Seen(
      AgentMeters meters, AgentStatus status, StoreHealth.Report store, ProcessFigures process) {}

  /**
   * The metrics of an agent.
   *
   * @param version Denim's version
   */
  Metrics(String version, AgentMeters meters, Supplier<AgentStatus> status, StoreHealth store) {
    look = () -> new Seen(meters, status.get(), store.report(), ProcessFigures.read());
    seen = look.get();
    node(version);
    reconciler();
    cni();
    store();
    process();
  }

  /**
   * An answer to who asks for the metrics.
   *
   * @param contentType its media type
   * @param body its text
   */
  record Page(String contentType, String body) {}

  /** All metrics as they are now, as OpenMetrics where {@code accept} asks for it, else as text. */
  synchronized Page page(String accept) {
    seen = look.get();
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

  /** All that is registered. */
  PrometheusRegistry registry() {
    return registry;
  }

  private void node(String version) {
    Info.builder()
        .name("denim_build_info")
        .help("What runs here.")
        .labelNames("version", "java")
        .register(registry)
        .setLabelValues(version, Runtime.version().toString());
    gauge(
        "denim_ready",
        "Whether the node has its network: 1 or 0.",
        s -> s.status().ready() ? 1 : 0);
    gauge(
        "denim_problems",
        "What denim status tells as problems.",
        s -> s.status().problems().size());
    GaugeWithCallback.builder()
        .name("denim_peer_subnets")
        .help("Remote subnets by the path that leads to them.")
        .labelNames("path")
        .callback(call -> {
          Map<String, Long> counts = new TreeMap<>();
          PATHS.forEach(path -> counts.put(path, 0L));
          seen.status().paths().stream()
              .collect(Collectors.groupingBy(PathStatus::path, Collectors.counting()))
              .forEach(counts::put);
          counts.forEach((path, count) -> call.call(count, path));
        })
        .register(registry);
    GaugeWithCallback.builder()
        .name("denim_lease_left_seconds")
        .help("Time until the node's lease of its subnets runs out; absent where they are its own.")
        .callback(call -> seen.meters().leaseSeconds().ifPresent(left -> call.call(left)))
        .register(registry);
    counter(
        "denim_netlink_overruns_total",
        "How often notifications of the kernel were lost and everything was read again.",
        s -> s.meters().overruns());
  }

  private void reconciler() {
    counter(
        "denim_reconcile_rounds_total",
        "Rounds: plan, compare with the kernel, change it.",
        s -> s.meters().rounds());
    counter(
        "denim_reconcile_seconds_total",
        "Time of all rounds together.",
        s -> s.meters().roundSeconds());
    gauge(
        "denim_reconcile_last_seconds",
        "Time of the last round.",
        s -> s.meters().lastRoundSeconds());
    byKind(
        "denim_reconcile_steps_total",
        "Changes of the kernel, by kind of object.",
        kind -> seen.meters().steps(kind));
    byKind(
        "denim_reconcile_failures_total",
        "Changes that the kernel refused, by kind of object.",
        kind -> seen.meters().failures(kind));
    byKind(
        "denim_drift_mended_total",
        "Changes that nothing Denim learned asked for: somebody else had changed the kernel.",
        kind -> seen.meters().drift(kind));
  }

  private void byKind(String name, String help, ToLongFunction<Part> count) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("kind")
        .callback(call -> {
          for (Part kind : Part.values()) {
            call.call((double) count.applyAsLong(kind), word(kind));
          }
        })
        .register(registry);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private void cni() {
    gauge(
        "denim_pods",
        "Containers that are attached.",
        s -> s.status().attachments().stream().map(AttachmentStatus::container).distinct().count());
    CounterWithCallback.builder()
        .name("denim_cni_calls_total")
        .help("Calls of container runtimes, by verb and number of the error (0: none).")
        .labelNames("verb", "code")
        .callback(call ->
            seen.meters()
                .calls()
                .forEach((result, count) ->
                    call.call(count, result.verb(), Integer.toString(result.code()))))
        .register(registry);
    registry.register((Collector) this::callDurations);
  }

  private HistogramSnapshot callDurations() {
    HistogramSnapshot.Builder all =
        HistogramSnapshot.builder()
            .name("denim_cni_call_duration_seconds")
            .help("Time from a runtime's request to the answer, by verb.");
    seen.meters()
        .callDurations()
        .forEach((verb, durations) ->
            all.dataPoint(
                HistogramDataPointSnapshot.builder()
                    .labels(Labels.of("verb", verb))
                    .classicHistogramBuckets(
                        ClassicHistogramBuckets.of(Durations.bounds(), durations.counts()))
                    .sum(durations.seconds())
                    .build()));
    return all.build();
  }

  private void store() {
    gauge(
        "denim_store_reachable",
        "Whether the store answered when it was last asked: 1 or 0.",
        s -> s.store().reachable() ? 1 : 0);
    gauge(
        "denim_store_last_contact_seconds",
        "Time since the store last answered or told of an event.",
        s ->
            Math.max(
                0, Duration.between(s.store().lastContact(), s.store().at()).toMillis() / MILLIS));
    SummaryWithCallback.builder()
        .name("denim_store_request_duration_seconds")
        .help("Requests to the store and the time they took, by operation.")
        .labelNames("operation")
        .callback(call ->
            requests((operation, requests) ->
                call.call(
                    requests.requests(),
                    requests.took().toNanos() / SECOND,
                    Quantiles.EMPTY,
                    operation)))
        .register(registry);
    CounterWithCallback.builder()
        .name("denim_store_request_failures_total")
        .help("Requests that the store did not answer, by operation.")
        .labelNames("operation")
        .callback(call ->
            requests((operation, requests) -> call.call((double) requests.failures(), operation)))
        .register(registry);
    counter(
        "denim_store_watch_restarts_total",
        "How often a watch of the store was begun anew.",
        s -> s.store().watchRestarts());
    gauge(
        "denim_store_unreadable_records",
        "Records in the store that cannot be read and are skipped.",
        s -> s.status().unreadable().size());
    GaugeWithCallback.builder()
        .name("denim_store_unreadable_record")
        .help("A record that cannot be read; at most " + MOST_RECORDS + " are named.")
        .labelNames("record")
        .callback(call ->
            seen.status().unreadable().stream()
                .limit(MOST_RECORDS)
                .forEach(each -> call.call(1, each.record())))
        .register(registry);
  }

  /** Takes an operation and what became of its requests. */
  private interface RequestsConsumer {
    void take(String operation, StoreHealth.Requests requests);
  }

  private void requests(RequestsConsumer consumer) {
    for (StoreHealth.Operation operation : StoreHealth.Operation.values()) {
      Optional.ofNullable(seen.store().requests().get(operation))
          .ifPresent(requests -> consumer.take(word(operation), requests));
    }
  }

  /** By the names that every program has for them. */
  private void process() {
    counter(
        "process_cpu_seconds_total",
        "Time on a CPU, of user and system.",
        s -> s.process().cpuSeconds());
    gauge(
        "process_resident_memory_bytes",
        "Memory that is really there.",
        s -> s.process().residentBytes());
    gauge("process_open_fds", "Open descriptors.", s -> s.process().openFiles());
    gauge("jvm_memory_used_bytes", "Of the Java heap.", s -> s.process().heapUsedBytes());
    gauge("jvm_memory_max_bytes", "What the heap may grow to.", s -> s.process().heapMaxBytes());
    gauge("jvm_threads_current", "Threads of the process.", s -> s.process().threads());
    CounterWithCallback.builder()
        .name("jvm_gc_collection_seconds_total")
        .help("Time of garbage collections, by collector.")
        .labelNames("gc")
        .callback(call ->
            seen.process().collectionSeconds().forEach((gc, seconds) -> call.call(seconds, gc)))
        .register(registry);
  }

  private void gauge(String name, String help, ToDoubleFunction<Seen> value) {
    Consumer<GaugeWithCallback.Callback> callback = call -> call.call(value.applyAsDouble(seen));
    GaugeWithCallback.builder().name(name).help(help).callback(callback).register(registry);
  }

  private void counter(String name, String help, ToDoubleFunction<Seen> value) {
    Consumer<CounterWithCallback.Callback> callback = call -> call.call(value.applyAsDouble(seen));
    CounterWithCallback.builder().name(name).help(help).callback(callback).register(registry);
  }
}
