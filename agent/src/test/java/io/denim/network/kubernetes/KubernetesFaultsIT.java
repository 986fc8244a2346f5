package io.denim.network.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.fixture.Wire;
import io.denim.network.Membership;
import io.denim.store.UnavailableException;
import io.denim.store.kubernetes.ApiServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens to an API server and to the way there, while a node follows its network. */
@Timeout(180)
final class KubernetesFaultsIT {
  private static final String PREFIX = "flannel.alpha.coreos.com/";
  private static final Duration LONG = Duration.ofMinutes(6);

  @TempDir private static Path serverFolder = Path.of("");
  private static @Nullable ApiServer running;

  @TempDir private Path folder = Path.of("");
  private final Wire wire = new Wire(server().port());

  @BeforeAll
  static void start() {
    running = ApiServer.start(serverFolder);
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  private static ApiServer server() {
    return Optional.ofNullable(running).orElseThrow();
  }

  @BeforeEach
  void makeNodes() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    server().node("n2", peer("192.168.64.4"), "10.244.2.0/24");
  }

  @AfterEach
  void deleteNodes() {
    server().thaw();
    wire.close();
    server().delete("/api/v1/nodes");
  }

  private Member follow() {
    return Member.following("n1", server().flannel("https://127.0.0.1:" + wire.port()), folder);
  }

  private static Map<String, String> peer(String publicIp) {
    return new TreeMap<>(
        Map.of(
            PREFIX + "kube-subnet-manager", "true",
            PREFIX + "backend-type", "host-gw",
            PREFIX + "backend-data", "null",
            PREFIX + "public-ip", publicIp));
  }

  private static boolean isTold(Membership.View view) {
    return view.problems().stream().anyMatch(text -> text.contains("cannot be asked"));
  }

  @Test
  void whileTheServerIsDownEverythingStaysAndIsCaughtUpAfterwards() {
    try (Member n1 = follow()) {
      server().kill();
      Membership.View down = n1.await(KubernetesFaultsIT::isTold);
      assertThat(Member.subnets(down)).containsExactly("n2 10.244.2.0/24");
      assertThatThrownBy(() -> n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3")))
          .isInstanceOf(UnavailableException.class);

      server().restart();
      server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");

      n1.awaitSubnets("n2 10.244.2.0/24", "n3 10.244.3.0/24");
      n1.await(view -> !isTold(view));
    }
  }

  @Test
  void aServerThatStandsStillIsTimedOutAndHeardAgain() {
    try (Member n1 = follow()) {
      server().freeze();
      assertThatThrownBy(() -> n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3")))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("did not answer in time");
      n1.await(KubernetesFaultsIT::isTold);

      server().thaw();
      server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");

      n1.awaitSubnets("n2 10.244.2.0/24", "n3 10.244.3.0/24");
      n1.await(view -> !isTold(view));
    }
  }

  @Test
  void aConnectionThatWentSilentForEverIsNoticed() {
    try (Member n1 = follow()) {
      wire.hold();
      wire.forget();
      server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");
      wire.mend();

      n1.awaitSubnets("n2 10.244.2.0/24", "n3 10.244.3.0/24");
    }
  }

  @Test
  void aPartitionThatEndsIsCaughtUp() {
    try (Member n1 = follow()) {
      wire.cut();
      n1.await(KubernetesFaultsIT::isTold);
      server().delete("/api/v1/nodes/n2");
      server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");
      wire.mend();

      n1.awaitSubnets("n3 10.244.3.0/24");
      n1.await(view -> !isTold(view));
    }
  }

  @Test
  void aSlowServerIsFollowedAllTheSame() {
    wire.slow(Duration.ofMillis(200));
    try (Member n1 = follow()) {
      n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3"));
      server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");

      n1.awaitSubnets("n2 10.244.2.0/24", "n3 10.244.3.0/24");
    }
  }

  @Test
  void whenTheResourceVersionHasExpiredTheNodesAreListedAgain() {
    server().node("n4", peer("192.168.64.7"), "10.244.4.0/24");
    try (Member n1 = follow()) {
      wire.cut();
      n1.await(KubernetesFaultsIT::isTold);
      server().annotate("n2", Map.of(PREFIX + "public-ip", "192.168.64.44"));
      server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");
      server().delete("/api/v1/nodes/n4");
      // A server that starts anew knows nothing of what happened before.
      server().kill();
      server().restart();
      wire.mend();

      n1.await(view ->
          Member.subnets(view).contains("n3 10.244.3.0/24")
              && view.peers().getFirst().lease().publicIp().toString().equals("192.168.64.44"));
      assertThat(n1.view().problems())
          .anySatisfy(text -> assertThat(text).contains("1 record of a node was gone", "n4"));

      // Nobody saw n4 being deleted.
      n1.awaitSubnets("n2 10.244.2.0/24", "n3 10.244.3.0/24", "n4 10.244.4.0/24");
      n1.clock.pass(LONG);
      n1.awaitSubnets("n2 10.244.2.0/24", "n3 10.244.3.0/24");
    }
  }

  @Test
  void aServerThatLostItsDataDoesNotTakeTheNetworkAlong() {
    server().node("n4", peer("192.168.64.7"), "10.244.4.0/24");
    server().node("n5", peer("192.168.64.8"), "10.244.5.0/24");
    Member n1 = Member.following("n1", certificateAccess(), folder);
    try (n1) {
      n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3"));

      server().loseData();
      n1.await(Membership.View::lost);
      n1.awaitSubnets("n2 10.244.2.0/24", "n4 10.244.4.0/24", "n5 10.244.5.0/24");

      // The kubelets register their nodes anew; the subnets may be others.
      server().node("n1", Map.of(), "10.244.1.0/24");
      server().node("n2", Map.of(), "10.244.20.0/24");
      n1.membership().publish(Member.vxlan("192.168.64.3"));
      n1.await(view -> !view.lost());
      assertThat(Member.subnets(n1.view()))
          .containsExactly("n2 10.244.2.0/24", "n4 10.244.4.0/24", "n5 10.244.5.0/24");

      // Then their agents publish themselves, and who has another's subnet has it.
      server().annotate("n2", peer("192.168.64.4"));
      server().node("n6", peer("192.168.64.9"), "10.244.5.0/24");
      n1.awaitSubnets("n2 10.244.20.0/24", "n4 10.244.4.0/24", "n6 10.244.5.0/24");
      n1.clock.pass(LONG);
      n1.awaitSubnets("n2 10.244.20.0/24", "n6 10.244.5.0/24");
    }
  }

  /** With a certificate, which is good whatever data the server has. */
  private io.denim.store.kubernetes.KubernetesAccess certificateAccess() {
    server().authority().issue("agent", "/O=system:masters/CN=agent");
    Path file =
        server()
            .write(
                "agent.kubeconfig",
                server()
                    .kubeconfig("https://127.0.0.1:" + wire.port(), server().certificate("agent")));
    return io.denim.store.kubernetes.KubernetesAccess.kubeconfig(file);
  }

  @Test
  void whatTheServerDoesNotAllowIsToldWithTheRightThatIsMissing() {
    server()
        .post(
            "/api/v1/namespaces/kube-flannel/serviceaccounts",
            "{\"metadata\":{\"name\":\"nobody\"}}");
    String user = "{\"token\":\"" + server().token("nobody") + "\"}";
    Path file = server().write("nobody.kubeconfig", server().kubeconfig(server().url(), user));
    try (Member n1 =
        Member.of("n1", io.denim.store.kubernetes.KubernetesAccess.kubeconfig(file), folder)) {
      assertThatThrownBy(n1::follow)
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("cannot list resource \"nodes\"")
          .hasMessageContaining("RBAC");
      assertThat(n1.view()).isEqualTo(Membership.View.NOTHING);
    } finally {
      server().delete("/api/v1/namespaces/kube-flannel/serviceaccounts/nobody");
    }
  }

  @Test
  void theConfigurationIsFollowedAsKubeletReplacesIt() {
    try (Member n1 = follow()) {
      assertThat(n1.view().configuration()).contains(Member.NET_CONF);

      Member.write(n1.netConf, Member.DUAL_NET_CONF);
      n1.await(view -> view.configuration().equals(Optional.of(Member.DUAL_NET_CONF)));
    }
  }
}
