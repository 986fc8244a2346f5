package io.denim.network.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.network.Membership;
import io.denim.network.NotYetException;
import io.denim.store.UnavailableException;
import io.denim.store.kubernetes.ApiServer;
import io.denim.store.kubernetes.KubernetesAccess;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Each with the rights that flannel's manifest gives. */
@Timeout(120)
final class KubernetesMembershipIT {
  private static final String PREFIX = "flannel.alpha.coreos.com/";
  private static final String VTEP = "{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}";
  private static final String VTEP6 = "{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:66\"}";

  @TempDir private static Path serverFolder = Path.of("");
  private static @Nullable ApiServer running;
  private static @Nullable KubernetesAccess given;

  @TempDir private Path folder = Path.of("");

  @BeforeAll
  static void start() {
    running = ApiServer.start(serverFolder);
    given = running.flannel();
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  @AfterEach
  void deleteNodes() {
    server().delete("/api/v1/nodes");
  }

  private static ApiServer server() {
    return Optional.ofNullable(running).orElseThrow();
  }

  private static KubernetesAccess access() {
    return Optional.ofNullable(given).orElseThrow();
  }

  private static Map<String, String> peer(String publicIp) {
    return Map.of(
        PREFIX + "kube-subnet-manager",
        "true",
        PREFIX + "backend-type",
        "vxlan",
        PREFIX + "backend-data",
        VTEP,
        PREFIX + "public-ip",
        publicIp);
  }

  private static Map<String, String> dualPeer(String publicIp, String publicIpv6) {
    Map<String, String> both = new TreeMap<>(peer(publicIp));
    both.put(PREFIX + "backend-v6-data", VTEP6);
    both.put(PREFIX + "public-ipv6", publicIpv6);
    return both;
  }

  /** The annotations of a node without the prefix. */
  private static Map<String, String> published(String node) {
    return published(node, PREFIX);
  }

  private static Map<String, String> published(String node, String prefix) {
    Map<String, String> found = new TreeMap<>();
    JsonNode all = server().get("/api/v1/nodes/" + node).path("metadata").path("annotations");
    all.properties()
        .forEach(entry -> {
          if (entry.getKey().startsWith(prefix)) {
            found.put(entry.getKey().substring(prefix.length()), entry.getValue().asString());
          }
        });
    return found;
  }

  private Member follow(String node) {
    return Member.following(node, access(), folder);
  }

  @Test
  void aNodePublishesItselfByteForByteAsFlanneldDoes() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      Membership.Held held = n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3"));

      assertThat(held.record().v4()).contains(Cidr.parse("10.244.1.0/24"));
      assertThat(held.record().v6()).isEmpty();
      assertThat(held.key()).isEqualTo("nodes/n1");
      assertThat(held.renewIn()).isEmpty();
      assertThat(published("n1"))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "kube-subnet-manager", "true",
                  "backend-type", "vxlan",
                  "backend-data", VTEP,
                  "public-ip", "192.168.64.3"));
      assertThat(n1.view().lost()).isFalse();
    }
  }

  @Test
  void inDualStackBothFamiliesArePublished() {
    server().node("n1", Map.of(), "10.244.1.0/24", "fd00:10:244:1::/64");
    try (Member n1 = follow("n1")) {
      Membership.Held held =
          n1.join(Member.DUAL_NET_CONF, Member.dualVxlan("192.168.64.3", "fd00::3"));

      assertThat(held.record().v6()).contains(Cidr.parse("fd00:10:244:1::/64"));
      assertThat(published("n1"))
          .containsEntry("backend-v6-data", VTEP6)
          .containsEntry("public-ipv6", "fd00::3")
          .hasSize(6);
    }
  }

  @Test
  void aTypeWithoutDataPublishesNullAndWhatIsOfNoFamilyAnyMoreGoes() {
    server().node("n1", dualPeer("192.168.64.3", "fd00::3"), "10.244.1.0/24");
    FlannelLease hostGw =
        new FlannelLease(
            IpAddress.parse("192.168.64.3"),
            Optional.empty(),
            "host-gw",
            Optional.empty(),
            Optional.empty());
    try (Member n1 = follow("n1")) {
      n1.join(Member.NET_CONF, hostGw);

      assertThat(published("n1"))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "kube-subnet-manager", "true",
                  "backend-type", "host-gw",
                  "backend-data", "null",
                  "public-ip", "192.168.64.3"));
    }
  }

  @Test
  void whatIsRightAlreadyIsNotWritten() {
    JsonNode before = server().node("n1", peer("192.168.64.3"), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3"));

      assertThat(server().get("/api/v1/nodes/n1").path("metadata").path("resourceVersion"))
          .isEqualTo(before.path("metadata").path("resourceVersion"));
    }
  }

  @Test
  void aNodeFindsTheHardwareAddressThatItPublishedLast() {
    server().node("n1", peer("192.168.64.3"), "10.244.1.0/24");
    server().node("n2", Map.of(), "10.244.2.0/24");
    try (Member n1 = follow("n1");
        Member n2 = follow("n2")) {
      assertThat(n1.membership().published()).contains(Member.vxlan("192.168.64.3"));
      assertThat(n2.membership().published()).isEmpty();
    }
  }

  @Test
  void aPrefixOfOnesOwnIsUsedForEverything() {
    String prefix = "net.example.com/pods";
    server().node("n1", Map.of(), "10.244.1.0/24");
    server()
        .node("n2", Map.of("net.example.com/pods-public-ip-overwrite", "1.2.3.4"), "10.244.2.0/24");
    server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");
    try (Member n1 = Member.of("n1", access(), folder, prefix, true);
        Member n2 = Member.of("n2", access(), folder, prefix, true)) {
      n1.follow();
      n2.join(Member.NET_CONF, Member.vxlan("192.168.64.4"));

      assertThat(published("n2", "net.example.com/pods-")).containsEntry("public-ip", "1.2.3.4");
      assertThat(published("n2")).isEmpty();
      n1.awaitSubnets("n2 10.244.2.0/24");
    }
  }

  @Test
  void theConditionSaysInFlannelsWordsThatTheNetworkIsThere() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      n1.membership().announceReady();

      await().atMost(Member.PATIENCE).until(() -> !condition("n1").isMissingNode());
      JsonNode condition = condition("n1");
      assertThat(condition.path("status").asString()).isEqualTo("False");
      assertThat(condition.path("reason").asString()).isEqualTo("FlannelIsUp");
      assertThat(condition.path("message").asString()).isEqualTo("Flannel is running on this node");
      assertThat(condition.path("lastTransitionTime").asString()).isEqualTo("2026-01-01T00:00:00Z");
      assertThat(condition.path("lastHeartbeatTime").asString()).isEqualTo("2026-01-01T00:00:00Z");
    }
  }

  @Test
  void theConditionIsSaidAgainOfANodeThatIsRegisteredAnew() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      n1.membership().announceReady();
      await().atMost(Member.PATIENCE).until(() -> !condition("n1").isMissingNode());

      server().delete("/api/v1/nodes/n1");
      server().node("n1", Map.of(), "10.244.1.0/24");

      await().atMost(Member.PATIENCE).until(() -> !condition("n1").isMissingNode());
    }
  }

  @Test
  void theConditionIsLeftToOthersWhenTheOptionSaysSo() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    server().node("n2", Map.of(), "10.244.2.0/24");
    try (Member n1 = Member.of("n1", access(), folder, KubernetesOptions.ANNOTATION_PREFIX, false);
        Member n2 = follow("n2")) {
      n1.follow();
      n1.membership().announceReady();
      n2.membership().announceReady();

      await().atMost(Member.PATIENCE).until(() -> !condition("n2").isMissingNode());
      assertThat(condition("n1").isMissingNode()).isTrue();
    }
  }

  private static JsonNode condition(String node) {
    for (JsonNode each : server().get("/api/v1/nodes/" + node).path("status").path("conditions")) {
      if (each.path("type").asString().equals("NetworkUnavailable")) {
        return each;
      }
    }
    return server().get("/api/v1/nodes/" + node).path("absent");
  }

  @Test
  void anOverwrittenAddressIsPublishedLiveAndTheOwnAfterwards() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3"));

      server().annotate("n1", Map.of(PREFIX + "public-ip-overwrite", "172.18.0.2"));
      n1.await(Membership.View::lost);
      Membership.Held held = n1.membership().publish(Member.vxlan("192.168.64.3"));
      assertThat(published("n1")).containsEntry("public-ip", "172.18.0.2");
      assertThat(held.record().lease()).isEqualTo(Member.vxlan("192.168.64.3"));
      assertThat(n1.view().lost()).isFalse();

      server().annotate("n1", Map.of(PREFIX + "public-ip-overwrite", ""));
      n1.await(Membership.View::lost);
      n1.membership().publish(Member.vxlan("192.168.64.3"));
      assertThat(published("n1")).containsEntry("public-ip", "192.168.64.3");
    }
  }

  @Test
  void anAddressThatIsNoneIsToldAndIgnored() {
    server()
        .node(
            "n1",
            Map.of(PREFIX + "public-ip-overwrite", "elsewhere", PREFIX + "node-public-ip", "::1"),
            "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3"));

      assertThat(published("n1")).containsEntry("public-ip", "192.168.64.3");
      assertThat(n1.view().addresses()).isEmpty();
      assertThat(n1.view().problems())
          .anySatisfy(text -> assertThat(text).contains("public-ip-overwrite", "elsewhere"))
          .anySatisfy(text -> assertThat(text).contains("node-public-ip", "::1"));
    }
  }

  @Test
  void theAddressesOfAnAdministratorAreFollowedLive() {
    server().node("n1", Map.of(PREFIX + "node-public-ip", "10.1.1.1"), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      assertThat(n1.view().addresses()).isEqualTo(Map.of(Family.IPV4, IpAddress.parse("10.1.1.1")));

      server()
          .annotate(
              "n1",
              Map.of(
                  PREFIX + "node-public-ip", "10.1.1.2", PREFIX + "node-public-ipv6", "fd00::1"));

      n1.await(view ->
          view.addresses()
              .equals(
                  Map.of(
                      Family.IPV4, IpAddress.parse("10.1.1.2"),
                      Family.IPV6, IpAddress.parse("fd00::1"))));
    }
  }

  @Test
  void aNodeThatIsNotRegisteredIsWaitedFor() {
    try (Member n1 = follow("n1")) {
      assertThatThrownBy(() -> n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3")))
          .isInstanceOf(NotYetException.class)
          .hasMessageContaining("knows no node \"n1\"")
          .hasMessageContaining("NODE_NAME");

      int before = n1.rings.get();
      server().node("n1", Map.of(), "10.244.1.0/24");
      await().atMost(Member.PATIENCE).until(() -> n1.rings.get() > before);
      assertThat(n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3")).record().v4()).isPresent();
    }
  }

  @Test
  void aPodCidrThatIsLateIsWaitedFor() {
    server().node("n1", Map.of());
    try (Member n1 = follow("n1")) {
      assertThatThrownBy(() -> n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3")))
          .isInstanceOf(NotYetException.class)
          .hasMessageContaining("--allocate-node-cidrs");

      int before = n1.rings.get();
      server()
          .patch(
              "/api/v1/nodes/n1",
              "{\"spec\":{\"podCIDR\":\"10.244.9.0/24\",\"podCIDRs\":[\"10.244.9.0/24\"]}}");
      await().atMost(Member.PATIENCE).until(() -> n1.rings.get() > before);
      assertThat(n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3")).record().v4())
          .contains(Cidr.parse("10.244.9.0/24"));
    }
  }

  @Test
  void aPodCidrOutsideTheNetworkIsRefusedInFlannelsWords() {
    server().node("n1", Map.of(), "10.50.1.0/24");
    try (Member n1 = follow("n1")) {
      assertThatThrownBy(() -> n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3")))
          .isInstanceOf(InvalidConfigException.class)
          .hasMessageContaining(
              "subnet \"10.244.0.0/16\" specified in the flannel net config doesn't contain"
                  + " \"10.50.1.0/24\" PodCIDR of the \"n1\" node");
      assertThat(published("n1")).isEmpty();
    }
  }

  @Test
  void aNodeWithOneFamilyTakesPartInADualStackNetworkWithThat() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      Membership.Held held =
          n1.join(Member.DUAL_NET_CONF, Member.dualVxlan("192.168.64.3", "fd00::3"));

      assertThat(held.record().v4()).isPresent();
      assertThat(held.record().v6()).isEmpty();
      assertThat(n1.view().problems())
          .anySatisfy(text -> assertThat(text).contains("no IPv6 podCIDR"));
    }
  }

  @Test
  void peersComeChangeAndGo() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    server().node("n2", peer("192.168.64.4"), "10.244.2.0/24");
    server().node("idle", Map.of(), "10.244.7.0/24");
    try (Member n1 = follow("n1")) {
      assertThat(Member.subnets(n1.view())).containsExactly("n2 10.244.2.0/24");

      server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");
      n1.awaitSubnets("n2 10.244.2.0/24", "n3 10.244.3.0/24");

      server().annotate("n3", Map.of(PREFIX + "public-ip", "192.168.64.99"));
      n1.await(view ->
          view.peers().getLast().lease().publicIp().equals(IpAddress.parse("192.168.64.99")));

      server().annotate("n2", Map.of(PREFIX + "kube-subnet-manager", ""));
      n1.awaitSubnets("n3 10.244.3.0/24");

      server().delete("/api/v1/nodes/n3");
      n1.awaitSubnets();
    }
  }

  @Test
  void aPeerWhosePodCidrComesLateIsSeenWhenItPublishesItself() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    server().node("n2", Map.of());
    try (Member n1 = follow("n1")) {
      server()
          .patch(
              "/api/v1/nodes/n2",
              "{\"spec\":{\"podCIDR\":\"10.244.2.0/24\",\"podCIDRs\":[\"10.244.2.0/24\"]}}");
      server().annotate("n2", peer("192.168.64.4"));

      n1.awaitSubnets("n2 10.244.2.0/24");
    }
  }

  @Test
  void aNodeThatIsRegisteredAnewWithAnotherPodCidrIsFollowed() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    server().node("n2", peer("192.168.64.4"), "10.244.2.0/24");
    try (Member n1 = follow("n1")) {
      server().delete("/api/v1/nodes/n2");
      server().node("n2", peer("192.168.64.4"), "10.244.22.0/24");

      n1.awaitSubnets("n2 10.244.22.0/24");
    }
  }

  @Test
  void annotationsThatNobodyCanReadAreToldAndTakenUpWhenTheyAreMended() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    server().node("n2", peer("192.168.64.4"), "10.244.2.0/24");
    server().node("n3", peer("192.168.64.5"), "10.244.3.0/24");
    try (Member n1 = follow("n1")) {
      server().annotate("n2", Map.of(PREFIX + "backend-data", "{\"VtepMAC\":\"none\"}"));
      Membership.View bad = n1.await(view -> !view.unreadable().isEmpty());

      assertThat(bad.unreadable())
          .hasEntrySatisfying(
              "nodes/n2", reason -> assertThat(reason).contains("backend-data", "VtepMAC"));
      assertThat(Member.subnets(bad)).containsExactly("n3 10.244.3.0/24");

      server().annotate("n2", Map.of(PREFIX + "backend-data", VTEP));
      n1.awaitSubnets("n2 10.244.2.0/24", "n3 10.244.3.0/24");
      assertThat(n1.view().unreadable()).isEmpty();
    }
  }

  @Test
  void theFamiliesOfAPeerDoNotDependOnEachOther() {
    server().node("n1", Map.of(), "10.244.1.0/24", "fd00:10:244:1::/64");
    server().node("v4only", peer("192.168.64.4"), "10.244.2.0/24", "fd00:10:244:2::/64");
    server()
        .node("both", dualPeer("192.168.64.5", "fd00::5"), "10.244.3.0/24", "fd00:10:244:3::/64");
    try (Member n1 = follow("n1")) {
      n1.awaitSubnets("both 10.244.3.0/24 fd00:10:244:3::/64", "v4only 10.244.2.0/24");

      server().annotate("both", Map.of(PREFIX + "public-ip", "not an address"));
      n1.awaitSubnets("both fd00:10:244:3::/64", "v4only 10.244.2.0/24");
      assertThat(n1.view().unreadable()).containsOnlyKeys("nodes/both");

      server().annotate("both", Map.of(PREFIX + "public-ipv6", "fd00::55"));
      n1.await(view ->
          view.peers()
              .getFirst()
              .lease()
              .publicIpv6()
              .equals(Optional.of(IpAddress.parse("fd00::55"))));
    }
  }

  @Test
  void annotationsThatSomebodyTookAwayAreLostAndPublishedAgain() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3"));

      server().annotate("n1", Map.of(PREFIX + "backend-data", ""));
      n1.await(Membership.View::lost);
      n1.membership().publish(Member.vxlan("192.168.64.3"));

      assertThat(published("n1")).containsEntry("backend-data", VTEP);
      assertThat(n1.view().lost()).isFalse();
    }
  }

  @Test
  void aNodeOfOnesOwnThatIsRegisteredAnewIsPublishedWithWhatItHasGotNow() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    try (Member n1 = follow("n1")) {
      n1.join(Member.NET_CONF, Member.vxlan("192.168.64.3"));

      server().delete("/api/v1/nodes/n1");
      n1.await(Membership.View::lost);
      server().node("n1", Map.of(), "10.244.5.0/24");
      Membership.Held held = n1.membership().publish(Member.vxlan("192.168.64.3"));

      assertThat(held.record().v4()).contains(Cidr.parse("10.244.5.0/24"));
      n1.await(view -> !view.lost());
    }
  }

  @Test
  void fiveHundredNodesAreReadAtOnceAndChangesAreSeenOneByOne() {
    server().node("n1", Map.of(), "10.244.1.0/24");
    // Beyond one page.
    IntStream.range(0, 510)
        .parallel()
        .forEach(i ->
            server()
                .node(
                    "p" + i,
                    peer("172.16." + i / 250 + "." + (1 + i % 250)),
                    "10." + (i / 250) + "." + i % 250 + ".0/24"));
    try (Member n1 = follow("n1")) {
      assertThat(n1.view().peers()).hasSize(510);

      server().delete("/api/v1/nodes/p17");
      server().annotate("p18", Map.of(PREFIX + "public-ip", "1.1.1.1"));

      n1.await(view -> view.peers().size() == 509);
      n1.await(view ->
          view.peers().stream()
              .anyMatch(peer -> peer.lease().publicIp().equals(IpAddress.parse("1.1.1.1"))));
    }
  }

  @Test
  void theNameOfTheNodeIsThatOfTheNodeOnWhichThePodRuns() {
    server().node("n7", Map.of(), "10.244.7.0/24");
    server()
        .post(
            "/api/v1/namespaces/kube-flannel/pods",
            """
            {"metadata":{"name":"kube-flannel-ds-x"},
             "spec":{"nodeName":"n7","serviceAccountName":"flannel","containers":[{"name":"c","image":"i"}]}}
            """);

    Map<String, String> environment =
        Map.of("POD_NAME", "kube-flannel-ds-x", "POD_NAMESPACE", "kube-flannel");
    assertThat(NodeName.find(access(), environment, Optional.of("flag"))).isEqualTo("n7");
    assertThatThrownBy(() ->
            NodeName.find(
                access(),
                Map.of("POD_NAME", "other", "POD_NAMESPACE", "kube-flannel"),
                Optional.empty()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("kube-flannel/other");
    server().delete("/api/v1/namespaces/kube-flannel/pods/kube-flannel-ds-x?gracePeriodSeconds=0");
  }
}
