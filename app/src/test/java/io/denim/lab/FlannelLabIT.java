package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.PathStatus;
import io.denim.linux.packet.PacketCapture;
import io.denim.linux.packet.PacketLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlannelLabIT {
  @TempDir Path directory;

  private Lab start(LabConfig config) {
    return Lab.start(config, directory, line -> {});
  }

  private static LabBuilder twoSubnets() {
    return LabConfig.nodes(3).subnets("10.1.0.0/24", "10.2.0.0/24");
  }

  private static String path(Lab lab, String from, String to) {
    return lab.status(from).paths().stream()
        .filter(path -> path.peer().equals(to))
        .map(PathStatus::path)
        .findFirst()
        .orElse("none");
  }

  @Test
  void allPodsReachEachOtherByVxlanAndDirectly() throws Exception {
    var config = twoSubnets().flannel("vxlan", FlannelOption.DIRECT_ROUTING).build();
    try (Lab lab = start(config)) {
      assertThat(Reach.all(lab.state(), 3)).allMatch(Reach.Row::reached);
      assertThat(List.of(path(lab, "n1", "n2"), path(lab, "n1", "n3")))
          .containsExactlyInAnyOrder("direct", "vxlan");
      assertThat(Files.readString(directory.resolve("nodes/n1/subnet.env")))
          .startsWith("FLANNEL_NETWORK=10.244.0.0/16\n")
          .containsPattern("(?m)^FLANNEL_SUBNET=10\\.244\\.\\d+\\.1/24$")
          .endsWith("FLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n");
    }
  }

  @Test
  void hostGwToAnotherSubnetIsRefusedWithAReasonAndTheOthersWork() {
    try (Lab lab = start(twoSubnets().flannel("host-gw").build())) {
      List<PathStatus> paths = lab.status("n1").paths();
      assertThat(paths).extracting(PathStatus::path).contains("direct", "unreachable");
      assertThat(paths)
          .filteredOn(path -> path.path().equals("unreachable"))
          .allMatch(path -> path.reason().contains("host-gw needs all nodes on one link"));
      assertThat(Reach.all(lab.state(), 3))
          .allMatch(row -> row.reached() == !row.path().equals("unreachable"));
    }
  }

  @Test
  void dualStackPodsReachEachOtherInBothFamilies() {
    var config =
        twoSubnets()
            .subnets6("fd01::/64", "fd02::/64")
            .dualStack()
            .flannel("vxlan", FlannelOption.DIRECT_ROUTING)
            .build();
    try (Lab lab = start(config)) {
      assertThat(Reach.all(lab.state(), 3)).allMatch(Reach.Row::reached);
      for (Lab.Pod from : lab.pods()) {
        for (Lab.Pod to : lab.pods()) {
          var target = to.address(io.denim.net.Family.IPV6).orElseThrow();
          assertThat(Reach.ping(lab.state(), from.name(), target, 3))
              .as(from + " " + to)
              .isPresent();
        }
      }
    }
  }

  @Test
  void whatLeavesForTheOutsideIsMasqueradedOnlyWithIpMasq() {
    try (Lab lab = start(LabConfig.demo())) {
      assertThat(lab.ping("n1-p1", LabConfig.OUTSIDE)).isPresent();
      assertThat(lab.ping("n1", LabConfig.OUTSIDE)).isPresent();
    }
    var plain = LabYaml.parse("plain", "{nodes: 1, ipMasq: false}");
    try (Lab lab = Lab.start(plain, directory.resolve("plain"), line -> {})) {
      assertThat(lab.ping("n1-p1", LabConfig.OUTSIDE)).isEmpty();
      assertThat(lab.ping("n1", LabConfig.OUTSIDE)).isPresent();
    }
  }

  @Test
  void aPodsPacketArrivesOutsideFromItsNode() {
    try (Lab lab = start(LabConfig.demo());
        PacketCapture capture =
            PacketCapture.open(lab.namespace(LabConfig.OUTSIDE), PacketCapture.ALL_LINKS)) {
      lab.ping("n1-p1", LabConfig.OUTSIDE);
      var request = "ip " + lab.state().member("n1").address() + " > 203.0.113.2 ttl 62; icmp echo";
      assertThat(linesUntil(capture, request)).last().asString().contains(request);
    }
  }

  private static List<String> linesUntil(PacketCapture capture, String wanted) {
    List<String> lines = new ArrayList<>();
    while (lines.isEmpty() || !lines.getLast().contains(wanted)) {
      var frame = capture.next(Duration.ofSeconds(5));
      if (frame.isEmpty()) {
        break;
      }
      lines.add(PacketLine.of(frame.get().bytes()));
    }
    return lines;
  }

  @Test
  void twoLabsWithTheSameAddressesDoNotMeet() {
    var config = twoSubnets().flannel("vxlan").build();
    try (Lab one = Lab.start(config.named("one"), directory.resolve("one"), line -> {});
        Lab two = Lab.start(config.named("two"), directory.resolve("two"), line -> {})) {
      one.restartAgent("n1");
      two.removePod("n3-p1");
      assertThat(Reach.all(one.state(), 3)).hasSize(6).allMatch(Reach.Row::reached);
      assertThat(Reach.all(two.state(), 3)).hasSize(2).allMatch(Reach.Row::reached);
    }
  }

  @Test
  void anAgentThatIsStartedAgainLosesNoPacket() {
    try (Lab lab = start(twoSubnets().flannel("vxlan", FlannelOption.DIRECT_ROUTING).build());
        Traffic traffic = lab.traffic("n1-p1", "n3-p1", 200)) {
      lab.restartAgent("n1");
      lab.restartAgent("n3");
      Awaitility.await().until(() -> traffic.sent() > 200);
      assertThat(traffic.stop()).isZero();
    }
  }

  @Test
  void latencyIsHeldOrTheKernelsLackOfItIsNamed() {
    var subnets = "{a: {cidr: 10.1.0.0/24, latency: 5ms}}";
    var config = LabYaml.parse("late", "subnets: " + subnets + "\nrouters: {}\nnodes: 2");
    try (Lab lab = start(config)) {
      assertThat(lab.ping("n1", "n2").orElseThrow()).isGreaterThan(Duration.ofMillis(5));
    } catch (LabException e) {
      assertThat(e)
          .hasMessage(
              "subnet a has a latency, but this kernel has no netem to hold packets back; load it"
                  + " on the host with: modprobe sch_netem, or leave the latency out");
    }
  }

  @Test
  void theBackendIsChangedWhileTheAgentsRun() {
    var config = LabConfig.nodes(2).subnets("10.1.0.0/24").flannel("vxlan").build();
    try (Lab lab = start(config)) {
      assertThat(path(lab, "n1", "n2")).isEqualTo("vxlan");
      lab.change("host-gw");
      Awaitility.await()
          .untilAsserted(() ->
              assertThat(List.of(path(lab, "n1", "n2"), path(lab, "n2", "n1")))
                  .containsOnly("direct"));
      Awaitility.await()
          .untilAsserted(() -> assertThat(Reach.all(lab.state(), 3)).allMatch(Reach.Row::reached));
    }
  }
}
