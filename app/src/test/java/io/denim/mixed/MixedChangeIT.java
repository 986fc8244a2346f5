package io.denim.mixed;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.PathStatus;
import io.denim.lab.AgentKind;
import io.denim.lab.Lab;
import io.denim.lab.LabBuilder;
import io.denim.lab.LabConfig;
import io.denim.lab.LabStore;
import io.denim.lab.TestPrograms;
import io.denim.lab.Traffic;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.model.SubnetEnv;
import io.denim.net.MacAddress;
import io.denim.store.etcd.EtcdOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that change or come back changed, in an etcd that Denim (n1, n2) and flanneld (n3) share.
 */
class MixedChangeIT {
  private static final Duration SECONDS = Duration.ofSeconds(20);
  private static final String OTHER_ADDRESS = "10.1.0.99";

  @TempDir Path directory;

  private Lab start() {
    return start(LabConfig.nodes(3).flannel("vxlan"));
  }

  private Lab start(LabBuilder builder) {
    LabConfig config =
        builder
            .subnets("10.1.0.0/24")
            .netConf("EnableNFTables", true)
            .agent("n3", AgentKind.FLANNELD)
            .store(new LabStore.Etcd())
            .build();
    return Lab.start(config, directory, TestPrograms.find(), line -> {});
  }

  /** Within seconds, and not only within flannel's patience. */
  private static void soon(String what, org.awaitility.core.ThrowingRunnable so) {
    Awaitility.await(what).atMost(SECONDS).ignoreExceptions().untilAsserted(so);
  }

  private static void startAgain(Lab lab, String node) {
    lab.startAgent(node);
    lab.awaitReady(node);
  }

  private static MacAddress vtep(Lab lab, String node) {
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace(node))) {
      return kernel.link("flannel.1").orElseThrow().mac().orElseThrow();
    }
  }

  private static void renewVtep(Lab lab, String node) {
    MacAddress before = vtep(lab, node);
    lab.machine(node).run("ip", "link", "delete", "flannel.1");
    startAgain(lab, node);
    assertThat(vtep(lab, node)).isNotEqualTo(before);
  }

  /** Gives a node another address, by which its gateway is reached too. */
  private static void move(Lab lab, String node, String address) {
    String old = lab.state().member(node).address().toString();
    lab.machine(node)
        .run(
            "sh",
            "-c",
            // An address added beside it would go with the old one, as the second of its network.
            "ip address delete $1/24 dev eth0 && ip address add $0/24 dev eth0"
                + " && ip route replace default via 10.1.0.1",
            address,
            old);
  }

  @Test
  void aFlanneldThatComesBackWithAnotherVtepIsFollowed() {
    try (Lab lab = start();
        Traffic others = lab.traffic("n1-p1", "n2-p1", 500)) {
      lab.stopAgent("n3");
      renewVtep(lab, "n3");

      Reached.all(lab);
      assertThat(others.stop()).isZero();
    }
  }

  @Test
  void aFlanneldThatComesBackWithAnotherAddressAndSubnetIsFollowed() {
    try (Lab lab = start();
        Traffic others = lab.traffic("n1-p1", "n2-p1", 500)) {
      SubnetEnv before = lab.state().subnetEnv("n3").orElseThrow();
      lab.removePod("n3-p1");
      lab.stopAgent("n3");
      lab.machine("n3").run("ip", "link", "delete", "cni0");
      move(lab, "n3", OTHER_ADDRESS);
      startAgain(lab, "n3");
      // flannel knows a node by its address: another address is another node.
      assertThat(lab.state().subnetEnv("n3").orElseThrow().ipv4()).isNotEqualTo(before.ipv4());
      lab.addPod("n3", "moved");

      Reached.all(lab);
      assertThat(others.stop()).isZero();
    }
  }

  @Test
  void aDenimNodeThatComesBackWithAnotherAddressKeepsItsSubnetAndFlanneldFollows() {
    try (Lab lab = start();
        Traffic others = lab.traffic("n1-p1", "n3-p1", 500)) {
      List<String> subnets = lab.status("n2").subnets();
      lab.stopAgent("n2");
      move(lab, "n2", OTHER_ADDRESS);
      startAgain(lab, "n2");
      lab.awaitPeers("n2");

      assertThat(lab.status("n2").subnets()).isEqualTo(subnets);
      assertThat(lab.status("n2").publicAddresses()).containsExactly(OTHER_ADDRESS);
      for (String pod : List.of("n1-p1", "n3-p1")) {
        Reached.pod(lab, pod, "n2-p1");
        Reached.pod(lab, "n2-p1", pod);
      }
      assertThat(others.stop()).isZero();
    }
  }

  @Test
  void aDenimNodeWhoseAddressChangesWhileItRunsIsFollowedByFlanneld() {
    try (Lab lab = start();
        Traffic others = lab.traffic("n1-p1", "n3-p1", 500)) {
      List<String> subnets = lab.status("n2").subnets();
      move(lab, "n2", OTHER_ADDRESS);

      soon(
          "n2 publishes its new address",
          () -> assertThat(lab.status("n2").publicAddresses()).containsExactly(OTHER_ADDRESS));
      for (String pod : List.of("n1-p1", "n3-p1")) {
        Reached.pod(lab, pod, "n2-p1");
        Reached.pod(lab, "n2-p1", pod);
      }
      assertThat(lab.status("n2").subnets()).isEqualTo(subnets);
      assertThat(others.stop()).isZero();
    }
  }

  @Test
  void aDenimNodesVtepThatIsDeletedComesBackAsItWas() {
    try (Lab lab = start()) {
      MacAddress before = vtep(lab, "n2");
      lab.machine("n2").run("ip", "link", "delete", "flannel.1");

      soon("n2 has its device again", () -> assertThat(vtep(lab, "n2")).isEqualTo(before));
      Reached.all(lab);
    }
  }

  @Test
  void flanneldStartedAgainAndAgainDisturbsNoDenimPod() {
    try (Lab lab = start();
        Traffic among = lab.traffic("n1-p1", "n2-p1", 500);
        Traffic across = lab.traffic("n1-p1", "n3-p1", 500)) {
      for (int i = 0; i < 3; i++) {
        lab.killAgent("n3");
        startAgain(lab, "n3");
        lab.awaitPeers("n3");
      }

      assertThat(List.of(among.stop(), across.stop())).containsOnly(0);
    }
  }

  @Test
  void aNodeWhoseRecordIsDeletedIsLetGoByDenim() {
    try (Lab lab = start()) {
      SubnetEnv env = lab.state().subnetEnv("n3").orElseThrow();
      String subnet = env.ipv4().orElseThrow().subnet().toString();
      lab.stopAgent("n3");
      lab.etcd().delete(EtcdOptions.DEFAULT_PREFIX + "/subnets/" + subnet.replace("/", "-"));

      soon(
          "the path to n3 is gone",
          () ->
              assertThat(lab.status("n1").paths())
                  .extracting(PathStatus::subnet)
                  .doesNotContain(subnet)
                  .hasSize(1));
      startAgain(lab, "n3");
      Reached.all(lab, (one, other) -> !one.equals("n3") && !other.equals("n3"));
    }
  }

  /** F12 of flannel's checklist: flanneld itself would keep the old hardware address. */
  @Test
  void whatChangedInAGapOfTheWatchIsFollowedThoughEtcdHasForgottenIt() {
    try (Lab lab = start()) {
      ProcessHandle agent = lab.agentProcess("n1");
      signal("STOP", agent);
      try {
        lab.stopAgent("n3");
        renewVtep(lab, "n3");
        compact(lab);
        // A watch that goes on where it was would need what is no longer there.
        lab.etcd().kill();
        lab.etcd().start();
      } finally {
        signal("CONT", agent);
        // nsenter, its parent, stops with it, and would never see its end.
        agent.parent().ifPresent(nsenter -> signal("CONT", nsenter));
      }

      Reached.pod(lab, "n1-p1", "n3-p1");
      Reached.pod(lab, "n3-p1", "n1-p1");
      Reached.all(lab);
    }
  }

  private static void signal(String signal, ProcessHandle process) {
    var told =
        TestPrograms.find()
            .start(
                io.denim.lab.Launch.of(
                    List.of("kill", "-" + signal, Long.toString(process.pid()))));
    try {
      assertThat(told.waitFor()).as("kill -" + signal).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Makes etcd forget all that was before its present revision. */
  private static void compact(Lab lab) {
    String range = call(lab, "/v3/kv/range", "{\"key\": \"Lw==\"}");
    String revision = range.replaceAll(".*\"revision\":\"(\\d+)\".*", "$1");
    assertThat(
            call(lab, "/v3/kv/compaction", "{\"revision\": " + revision + ", \"physical\": true}"))
        .contains("revision");
  }

  private static String call(Lab lab, String path, String body) {
    return lab.machine(LabConfig.CONTROL_PLANE)
        .call(Map.of(), List.of("curl", "--silent", "--data", body, lab.etcd().url() + path))
        .out()
        .strip();
  }
}
