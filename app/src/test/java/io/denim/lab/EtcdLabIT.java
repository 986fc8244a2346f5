package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.model.SubnetEnv;
import io.denim.store.etcd.EtcdOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labs with a real etcd and real flanneld. */
class EtcdLabIT {
  @TempDir Path directory;

  private Lab start(LabBuilder builder) {
    return Lab.start(
        builder.store(new LabStore.Etcd()).build(), directory, TestPrograms.find(), _ -> {});
  }

  private static LabBuilder flanneld() {
    return LabConfig.nodes(3)
        .subnets("10.1.0.0/24", "10.2.0.0/24")
        .agent(AgentKind.FLANNELD)
        .netConf("EnableNFTables", true);
  }

  @Test
  void podsOfFlanneldReachEachOther() throws Exception {
    try (Lab lab = start(flanneld().flannel("vxlan", FlannelOption.DIRECT_ROUTING))) {
      assertThat(Reach.all(lab.state(), 3)).hasSize(6).allMatch(Reach.Row::reached);
      assertThat(Reach.between(lab.state(), "n1-p1", LabConfig.OUTSIDE, 3).reached()).isTrue();
      assertThat(lab.etcd().list(EtcdOptions.DEFAULT_PREFIX + "/subnets/").values())
          .hasSize(3)
          .allMatch(value -> value.contains("\"BackendType\":\"vxlan\""));
      SubnetEnv env = lab.state().subnetEnv("n1").orElseThrow();
      assertThat(lab.pod("n1-p1").address())
          .isEqualTo(env.ipv4().orElseThrow().subnet().address().plus(2));
      assertThat(Files.readString(lab.machine("n1").at("/etc/cni/net.d/10-flannel.conflist")))
          .contains("portmap");
    }
  }

  @Test
  void podsOfFlanneldHaveBothFamilies() {
    LabBuilder builder = flanneld().subnets6("fd01::/64", "fd02::/64").dualStack();
    try (Lab lab = start(builder.flannel("vxlan"))) {
      for (Lab.Pod to : List.of(lab.pod("n2-p1"), lab.pod("n3-p1"))) {
        var target = to.address(io.denim.net.Family.IPV6).orElseThrow();
        // Not at once: the kernel looks whether others have the bridge's address (RFC 4862, DAD).
        Awaitility.await()
            .alias(to.name())
            .until(() -> Reach.ping(lab.state(), "n1-p1", target, 1).isPresent());
      }
    }
  }

  @Test
  void aFlanneldThatIsKilledAndStartedAgainKeepsItsSubnetAndDisturbsNobody() {
    try (Lab lab = start(flanneld().flannel("host-gw"))) {
      SubnetEnv before = lab.state().subnetEnv("n1").orElseThrow();
      int lost;
      try (Traffic traffic = lab.traffic("n1-p1", "n2-p1", 1000)) {
        lab.killAgent("n1");
        lab.startAgent("n1");
        lab.awaitReady("n1");
        lab.awaitPeers("n1");
        lost = traffic.stop();
      }
      assertThat(lab.state().subnetEnv("n1")).contains(before);
      assertThat(lost).isZero();
      lab.removePod("n1-p1");
      assertThat(lab.addPod("n1", "another").address().toString()).isNotEmpty();
    }
  }

  @Test
  void aNodeChangesFromFlanneldToDenimAndBack() {
    try (Lab lab = start(flanneld().flannel("vxlan"))) {
      for (AgentKind kind : List.of(AgentKind.DENIM, AgentKind.FLANNELD)) {
        lab.stopAgent("n1");
        lab.startAgent("n1", kind);
        lab.awaitReady("n1");
        lab.awaitPeers("n1");

        assertThat(lab.state().member("n1").agent()).isEqualTo(kind.toString());
        assertThat(Reach.all(lab.state(), 1)).allMatch(Reach.Row::reached);
        lab.addPod("n1", "new-" + kind);
        assertThat(lab.ping("new-" + kind, "n3-p1")).isPresent();
      }
    }
  }

  @Test
  void aLabLeavesNothingBehind() throws Exception {
    long init;
    String cgroup;
    try (Lab lab = start(flanneld().flannel("vxlan"))) {
      init = lab.machine("n1").pid();
      cgroup = lab.machine("n1").cgroup();
      lab.machine("n1").createCgroup();
    }
    assertThat(ProcessHandle.of(init).filter(ProcessHandle::isAlive)).isEmpty();
    try (var hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      assertThat(hierarchies.map(each -> Path.of(each + cgroup))).noneMatch(Files::exists);
    }
    assertThat(Path.of("/sys/fs/cgroup" + cgroup)).doesNotExist();
    String mounts = Files.readString(Path.of("/proc/self/mounts"));
    assertThat(List.of(mounts.split("\n"))).noneMatch(line -> line.startsWith("machine "));
  }
}
