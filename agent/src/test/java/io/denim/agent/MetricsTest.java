package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.AttachmentStatus;
import io.denim.agent.AgentStatus.PathStatus;
import io.denim.agent.AgentStatus.RecordStatus;
import io.denim.agent.AgentStatus.StoreStatus;
import io.denim.store.StoreHealth;
import io.denim.store.StoreHealth.Operation;
import io.denim.store.TestClock;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Path TABLE = Path.of("../docs/metrics.md");

  private final AgentMeters meters = new AgentMeters();
  private final TestClock clock = new TestClock();
  private final StoreHealth store = new StoreHealth("n1", clock);
  private AgentStatus status = status(List.of());
  private final Metrics metrics = new Metrics("1.2.3", meters, () -> status, store);

  private static AgentStatus status(List<RecordStatus> unreadable) {
    return new AgentStatus(
        "n1",
        true,
        "vxlan",
        List.of("10.244.0.0/16"),
        List.of("10.244.1.0/24"),
        "eth0",
        List.of("10.1.0.1"),
        1450,
        List.of(
            new PathStatus("n2", "10.244.2.0/24", "vxlan", "", "", "ok"),
            new PathStatus("n3", "10.244.3.0/24", "vxlan", "", "", "ok"),
            new PathStatus("n4", "10.244.4.0/24", "unreachable", "", "", "unreachable")),
        List.of(attachment("c1", "eth0"), attachment("c1", "net1"), attachment("c2", "eth0")),
        List.of("something is wrong"),
        List.of(),
        StoreStatus.UNKNOWN,
        unreadable);
  }

  private static AttachmentStatus attachment(String container, String ifname) {
    return new AttachmentStatus(
        "", ifname, List.of(), "", "", "", "", List.of(), "", container, "");
  }

  private List<String> lines() {
    return metrics.page("").body().lines().toList();
  }

  @Test
  void whatTheStatusSaysIsThere() {
    assertThat(lines())
        .contains(
            "denim_ready 1.0",
            "denim_problems 1.0",
            "denim_pods 2.0",
            "denim_peer_subnets{path=\"direct\"} 0.0",
            "denim_peer_subnets{path=\"vxlan\"} 2.0",
            "denim_peer_subnets{path=\"unreachable\"} 1.0",
            "denim_store_unreadable_records 0.0")
        .anyMatch(
            line -> line.startsWith("denim_build_info{") && line.contains("version=\"1.2.3\""));
  }

  @Test
  void whatWasCountedIsThere() {
    meters.answered("ADD", 0, Duration.ofMillis(3));
    meters.answered("ADD", 102, Duration.ofMillis(30));
    meters.overrun();
    store.answered(Operation.LIST, Duration.ofMillis(500));
    store.failed(Operation.GET, Duration.ofSeconds(1), "no route");
    store.watchRestarted();
    clock.pass(Duration.ofSeconds(90));

    assertThat(lines())
        .contains(
            "denim_cni_calls_total{code=\"0\",verb=\"ADD\"} 1.0",
            "denim_cni_calls_total{code=\"102\",verb=\"ADD\"} 1.0",
            "denim_cni_call_duration_seconds_bucket{verb=\"ADD\",le=\"0.005\"} 1",
            "denim_cni_call_duration_seconds_bucket{verb=\"ADD\",le=\"+Inf\"} 2",
            "denim_netlink_overruns_total 1.0",
            "denim_store_reachable 0.0",
            "denim_store_last_contact_seconds 90.0",
            "denim_store_request_duration_seconds_count{operation=\"list\"} 1",
            "denim_store_request_duration_seconds_sum{operation=\"list\"} 0.5",
            "denim_store_request_failures_total{operation=\"get\"} 1.0",
            "denim_store_watch_restarts_total 1.0");
  }

  @Test
  void badRecordsAreNamedUpToAHundred() {
    status =
        status(
            IntStream.range(0, 150)
                .mapToObj(i -> new RecordStatus("subnets/\"%03d\n".formatted(i), "bad"))
                .toList());

    assertThat(lines())
        .contains(
            "denim_store_unreadable_records 150.0",
            "denim_store_unreadable_record{record=\"subnets/\\\"099\\n\"} 1.0")
        .noneMatch(line -> line.contains("100\\n"));
  }

  @Test
  void aRecordThatWasMendedIsNamedNoMore() {
    status = status(List.of(new RecordStatus("subnets/x", "bad")));
    assertThat(lines()).anyMatch(line -> line.startsWith("denim_store_unreadable_record{"));

    status = status(List.of());
    assertThat(lines()).noneMatch(line -> line.startsWith("denim_store_unreadable_record{"));
  }

  @Test
  void openMetricsComesToThoseWhoAskForIt() {
    Metrics.Page page =
        metrics.page("application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.3");

    assertThat(page.contentType()).startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(page.body()).contains("# TYPE denim_build info\n").endsWith("# EOF\n");
    assertThat(metrics.page("*/*").contentType()).startsWith("text/plain; version=0.0.4");
  }

  @Test
  void theTableInTheDocsNamesAllMetricsAndNoOthers() throws IOException {
    meters.answered("ADD", 0, Duration.ofMillis(3));
    meters.lease(Optional.of(Duration.ofHours(1)));
    status = status(List.of(new RecordStatus("subnets/x", "bad")));
    var _ = metrics.page("");

    Map<String, String> registered = new TreeMap<>();
    for (MetricSnapshot each : metrics.registry().scrape()) {
      registered.put(name(each), type(each) + " | " + labels(each));
    }
    Map<String, String> documented = new TreeMap<>();
    for (String line : Files.readAllLines(TABLE)) {
      String[] cells = line.split(" *\\| *", -1);
      if (cells.length > 5 && cells[1].startsWith("`")) {
        documented.put(cells[1].replace("`", ""), cells[2] + " | " + cells[3].replace("`", ""));
        assertThat(cells[4]).as("meaning of %s", cells[1]).isNotBlank();
        assertThat(cells[5]).as("what to do about %s", cells[1]).isNotBlank();
      }
    }
    assertThat(documented).isEqualTo(registered);
  }

  /** As people find it in Prometheus. */
  private static String name(MetricSnapshot metric) {
    String name = metric.getMetadata().getPrometheusName();
    return switch (metric) {
      case CounterSnapshot _ -> name.endsWith("_total") ? name : name + "_total";
      case InfoSnapshot _ -> name.endsWith("_info") ? name : name + "_info";
      default -> name;
    };
  }

  private static String type(MetricSnapshot metric) {
    return switch (metric) {
      case CounterSnapshot _ -> "counter";
      case GaugeSnapshot _ -> "gauge";
      case HistogramSnapshot _ -> "histogram";
      case SummarySnapshot _ -> "summary";
      case InfoSnapshot _ -> "info";
      default -> throw new IllegalArgumentException(metric.toString());
    };
  }

  private static String labels(MetricSnapshot metric) {
    return metric.getDataPoints().stream()
        .flatMap(point -> point.getLabels().stream())
        .map(Label::getName)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
