package io.denim.mixed;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.AgentKind;
import io.denim.lab.FlannelOption;
import io.denim.lab.Lab;
import io.denim.lab.LabBuilder;
import io.denim.lab.LabConfig;
import io.denim.lab.LabStore;
import io.denim.lab.TestPrograms;
import io.denim.lab.Traffic;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.model.SubnetEnv;
import io.denim.net.MacAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Denim takes the place of flanneld on a running node and gives it back: same files, same store,
 * same devices, and pods that notice nothing.
 */
class TakeOverIT {
  private static final int PER_SECOND = 500;

  @TempDir Path directory;

  private static LabBuilder nodes(LabStore store) {
    return LabConfig.nodes(3)
        .subnets("10.1.0.0/24", "10.2.0.0/24")
        .podsPerNode(0)
        .netConf("EnableNFTables", true)
        .agent(AgentKind.FLANNELD)
        .agent("n2", AgentKind.DENIM)
        .store(store);
  }

  private static LabBuilder dual(LabBuilder builder) {
    return builder.subnets6("fd01::/64", "fd02::/64").dualStack();
  }

  @Test
  void byVxlanAndEtcd() {
    takeOverAndBack(nodes(new LabStore.Etcd()).flannel("vxlan"), "flannel.1", "n3");
  }

  @Test
  void byVxlanWithDirectRoutingInBothFamilies() {
    takeOverAndBack(
        dual(nodes(new LabStore.Etcd())).flannel("vxlan", FlannelOption.DIRECT_ROUTING),
        "flannel-v6.1",
        "n3");
  }

  @Test
  void byHostGw() {
    takeOverAndBack(nodes(new LabStore.Etcd()).flannel("host-gw"), "cni0", "n2");
  }

  @Test
  void byKubernetesInBothFamilies() {
    takeOverAndBack(
        dual(nodes(new LabStore.Kubernetes(false, false))).flannel("vxlan"), "flannel.1", "n3");
  }

  /**
   * The node is n1. n2 has Denim and is its neighbour; n3 has flanneld and is in another subnet.
   */
  private void takeOverAndBack(LabBuilder builder, String device, String farthest) {
    LabConfig config = builder.build();
    try (Lab lab = Lab.start(config, directory, TestPrograms.find(), line -> {})) {
      lab.addPod("n1", "old");
      lab.addPod("n2", "neighbour");
      lab.addPod(farthest, "far");
      Reached.pod(lab, "old", "neighbour");
      Reached.pod(lab, "old", "far");
      List<Optional<SubnetEnv.Part>> subnets = subnets(lab);
      Same before = same(lab, device);
      Map<String, String> records = Records.of(lab);

      assertThat(lostWhile(lab, AgentKind.DENIM)).containsOnly(0);

      assertThat(subnets(lab)).isEqualTo(subnets);
      assertThat(same(lab, device)).isEqualTo(before);
      assertThat(Records.of(lab)).isEqualTo(records);
      lab.addPod("n1", "denims");
      reachEachOther(lab, List.of("old", "denims", "neighbour", "far"));

      assertThat(lostWhile(lab, AgentKind.FLANNELD)).containsOnly(0);

      assertThat(subnets(lab)).isEqualTo(subnets);
      assertThat(same(lab, device)).isEqualTo(before);
      assertThat(Records.of(lab)).isEqualTo(records);
      lab.addPod("n1", "flannels");
      List<String> pods = List.of("old", "denims", "flannels", "neighbour", "far");
      assertThat(pods.stream().map(pod -> lab.pod(pod).address())).doesNotHaveDuplicates();
      reachEachOther(lab, pods);
      // A pod is taken down by the plugin that is there, whichever has made it.
      lab.removePod("denims");
      lab.removePod("flannels");
      reachEachOther(lab, List.of("old", "neighbour", "far"));
    }
  }

  /** How many packets of each traffic are lost while n1 gets another agent. */
  private static List<Integer> lostWhile(Lab lab, AgentKind next) {
    try (Traffic near = lab.traffic("old", "neighbour", PER_SECOND);
        Traffic far = lab.traffic("far", "old", PER_SECOND)) {
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> near.sent() > PER_SECOND / 2);
      lab.stopAgent("n1");
      lab.startAgent("n1", next);
      lab.awaitReady("n1");
      lab.awaitPeers("n1");
      int then = near.sent();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> near.sent() > then + 2 * PER_SECOND);
      return List.of(near.stop(), far.stop());
    }
  }

  /** Not with the MTU: flanneld's of an IPv6 tunnel is 20 too large (flannel #1781). */
  private static List<Optional<SubnetEnv.Part>> subnets(Lab lab) {
    SubnetEnv env = lab.state().subnetEnv("n1").orElseThrow();
    return List.of(env.ipv4(), env.ipv6());
  }

  /** By what a device that was kept is known. */
  private record Same(int index, Optional<MacAddress> mac) {}

  private static Same same(Lab lab, String device) {
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace("n1"))) {
      Link link = kernel.link(device).orElseThrow();
      return new Same(link.index(), link.mac());
    }
  }

  private static void reachEachOther(Lab lab, List<String> pods) {
    for (String from : pods) {
      for (String to : pods) {
        if (!from.equals(to)) {
          Reached.pod(lab, from, to);
        }
      }
    }
  }
}
