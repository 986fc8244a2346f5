package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.PathStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}
