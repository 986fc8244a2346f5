package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.RecordStatus;
import io.denim.agent.HealthServer;
import io.denim.ipam.FlannelLayout;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of an agent: its metrics by HTTP, its status, its log. */
class WatchedLabIT {
  private static final int PORT = 8081;
  private static final Logger DENIM = Logger.getLogger("io.denim");

  @TempDir Path directory;

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord event) {
          log.add(event.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private Optional<Lab> running = Optional.empty();
  private Optional<HealthServer> serving = Optional.empty();

  @BeforeEach
  void aLabWithOneNodeThatIsWatched() {
    DENIM.addHandler(handler);
    Lab lab =
        Lab.start(
            LabConfig.nodes(3)
                .subnets("10.1.0.0/24", "10.2.0.0/24")
                .flannel("vxlan", FlannelOption.DIRECT_ROUTING)
                .build(),
            directory,
            TestPrograms.find(),
            _ -> {});
    running = Optional.of(lab);
    HealthServer server = HealthServer.open(lab.namespace("n1"), IpAddress.ANY_V4, PORT);
    serving = Optional.of(server);
    lab.showHealth("n1", server);
  }

  @AfterEach
  void takeDown() {
    serving.ifPresent(HealthServer::close);
    running.ifPresent(Lab::close);
    DENIM.removeHandler(handler);
  }

  private Lab lab() {
    return running.orElseThrow();
  }

  private List<String> metrics() {
    try (SocketChannel channel = lab().namespace("n1").call(SocketChannel::open)) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
      channel.write(
          ByteBuffer.wrap("GET /metrics HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      byte[] answer = Channels.newInputStream(channel).readAllBytes();
      return new String(answer, StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void soon(Runnable assertion) {
    Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(assertion::run);
  }

  @Test
  void peersPodsCallsAndTheStoreAreThere() {
    lab().addPod("n1", "p1");
    lab().awaitPeers("n1");

    assertThat(metrics())
        .contains(
            "denim_ready 1.0",
            "denim_problems 0.0",
            "denim_peer_subnets{path=\"direct\"} 1.0",
            "denim_peer_subnets{path=\"vxlan\"} 1.0",
            "denim_peer_subnets{path=\"unreachable\"} 0.0",
            "denim_pods 2.0",
            "denim_cni_calls_total{code=\"0\",verb=\"ADD\"} 2.0",
            "denim_cni_call_duration_seconds_count{verb=\"ADD\"} 2",
            "denim_store_reachable 1.0",
            "denim_store_request_failures_total{operation=\"list\"} 0.0")
        .anyMatch(line -> line.startsWith("denim_lease_left_seconds 8"))
        .noneMatch(line -> line.equals("denim_reconcile_steps_total{kind=\"routes\"} 0.0"));
  }

  @Test
  void whatSomebodyDeletesByHandIsCountedAsDrift() {
    soon(() -> assertThat(metrics()).contains("denim_drift_mended_total{kind=\"routes\"} 0.0"));
    try (Rtnetlink kernel = Rtnetlink.open(lab().namespace("n1"))) {
      Route route =
          kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN).stream()
              .filter(each -> each.protocol() == 68)
              .filter(each -> Cidr.parse("10.244.0.0/16").contains(each.destination()))
              .findFirst()
              .orElseThrow();
      kernel.execute(route.delete());
    }

    soon(() -> assertThat(metrics()).contains("denim_drift_mended_total{kind=\"routes\"} 1.0"));
  }

  @Test
  void aRecordThatNobodyCanReadIsNamedEverywhereUntilItIsMended() {
    // The first subnet of a network is handed out to no node.
    Key key = new Key(FlannelLayout.SUBNETS, "10.244.0.0-24");
    Entry bad = lab().store().create(key, "{\"PublicIP\":", Lifetime.permanent());

    soon(() ->
        assertThat(lab().status("n1").unreadable())
            .extracting(RecordStatus::record)
            .containsExactly("subnets/10.244.0.0-24"));
    assertThat(lab().status("n1").unreadable().getFirst().reason()).isNotBlank();
    assertThat(metrics())
        .contains(
            "denim_store_unreadable_records 1.0",
            "denim_store_unreadable_record{record=\"subnets/10.244.0.0-24\"} 1.0",
            "denim_ready 1.0");
    assertThat(log)
        .anyMatch(line ->
            line.startsWith(
                    "a record cannot be read and is skipped record=subnets/10.244.0.0-24 reason=\"")
                && line.endsWith(" value=\"{\"PublicIP\":\""));

    var _ =
        lab()
            .store()
            .replace(
                key,
                "{\"PublicIP\":\"10.1.0.77\",\"PublicIPv6\":null,\"BackendType\":\"vxlan\","
                    + "\"BackendData\":{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}}",
                bad.revision(),
                Lifetime.permanent());

    soon(() -> {
      assertThat(lab().status("n1").unreadable()).isEmpty();
      assertThat(metrics())
          .contains("denim_store_unreadable_records 0.0", "denim_peer_subnets{path=\"direct\"} 2.0")
          .noneMatch(line -> line.startsWith("denim_store_unreadable_record{"));
    });
    assertThat(log)
        .contains("a record that could not be read can be read again record=subnets/10.244.0.0-24");
  }
}
