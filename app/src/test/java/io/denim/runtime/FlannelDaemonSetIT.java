package io.denim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.AgentKind;
import io.denim.lab.Lab;
import io.denim.lab.LabStore;
import io.denim.linux.ns.Sysctl;
import io.denim.net.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Denim started by flannel's DaemonSet, on nodes that real flanneld and the reference plugins had
 * before. The network is in etcd.
 */
class FlannelDaemonSetIT {
  private static final List<String> NODES = List.of("n1", "n2");
  private static final String FORWARDING = "net/ipv6/conf/all/forwarding";
  private static final String ADDRESSES = "/var/lib/cni/networks/cbr0";

  private static JsonNode beforeTheFirstPod = JsonMapper.shared().nullNode();

  @TempDir private static Path directory;
  private static RuntimeLab runtimes;
  private static Lab lab;
  private static final Map<String, FlannelDaemonSet> DENIM = new LinkedHashMap<>();
  private static final Map<String, Pod> OLD = new LinkedHashMap<>();

  @BeforeAll
  static void denimAfterFlanneld() {
    Path image = DenimImage.archive();
    runtimes =
        RuntimeLab.start(
            directory,
            RuntimeLab.twoNodes()
                .agent(AgentKind.FLANNELD)
                .netConf("EnableNFTables", true)
                .store(new LabStore.Etcd()));
    lab = runtimes.lab();
    for (String node : NODES) {
      Containerd containerd = containerd(node);
      containerd.awaitNetwork();
      OLD.put(node, containerd.run("old-" + node));
      containerd.importImages(image);
    }
    for (String node : NODES) {
      lab.stopAgent(node);
      Sysctl.of(lab.namespace(node)).write(FORWARDING, "0");
      DENIM.put(
          node,
          new FlannelDaemonSet(
              lab.machine(node),
              containerd(node),
              List.of("--etcd-endpoints=" + lab.etcd().url()),
              Map.of("NODE_NAME", node)));
      denim(node).start();
    }
    DENIM.values().forEach(FlannelDaemonSet::awaitReady);
    beforeTheFirstPod = status("n2");
  }

  @AfterAll
  static void gone() {
    runtimes.close();
  }

  private static Containerd containerd(String node) {
    return runtimes.containerd(RuntimeKind.CONTAINERD_2_4, node);
  }

  private static FlannelDaemonSet denim(String node) {
    return Objects.requireNonNull(DENIM.get(node));
  }

  /** The pod that a node had under flanneld. */
  private static Pod old(String node) {
    return Objects.requireNonNull(OLD.get(node));
  }

  private static Path at(String node, String path) {
    return lab.machine(node).at(path);
  }

  private static JsonNode status(String node) {
    return JsonMapper.shared().readTree(denim(node).exec("/opt/bin/denim", "status", "-o", "json"));
  }

  @Test
  void theAgentHasNoMoreThanTheManifestGives() {
    String status = denim("n1").exec("cat", "/proc/1/status");

    // containerd's own (a80425fb) and NET_ADMIN.
    assertThat(status).containsPattern("CapEff:\\s+00000000a80435fb");
    assertThat(status).containsPattern("Seccomp:\\s+2");
    assertThat(denim("n1").exec("grep", " /proc/sys ", "/proc/self/mounts")).contains("ro,");
    assertThat(denim("n1").exec("ls", "/var")).isEmpty();
  }

  @Test
  void whatItMayNotSetWaitsForTheFirstPodAndIsTold() {
    assertThat(beforeTheFirstPod.at("/ready").asBoolean()).isTrue();
    assertThat(beforeTheFirstPod.at("/problems").toString())
        .contains("set sysctl " + FORWARDING + " to 1", "it is done when the first pod comes");
    assertThat(beforeTheFirstPod.at("/limits")).isEmpty();
    Pod first = containerd("n2").run("first");

    assertThat(Sysctl.of(lab.namespace("n2")).read(FORWARDING)).contains("1");
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> status("n2").at("/problems").isEmpty());
    containerd("n2").remove(first);
  }

  @Test
  void theShimAndTheConfigurationAreInstalledAsFlannels() throws Exception {
    assertThat(Files.readAllBytes(at("n1", "/opt/cni/bin/flannel")))
        .isEqualTo(Files.readAllBytes(DenimImage.folder().resolve("flannel")));
    assertThat(Files.readString(at("n1", "/etc/cni/net.d/10-flannel.conflist")))
        .contains("\"type\": \"flannel\"");
    try (Stream<Path> files = Files.list(at("n1", "/etc/cni/net.d"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactly("10-flannel.conflist");
    }
  }

  @Test
  void podsOfBothReachEachOtherAndNoAddressIsGivenTwice() {
    Pod a = containerd("n1").run("both-a", new HostPort(18080, ContainerRuntime.PORT));
    Pod b = containerd("n2").run("both-b");

    assertThat(a.addresses()).hasSize(2).doesNotContainAnyElementsOf(old("n1").addresses());
    for (IpAddress address : b.addresses()) {
      assertThat(Pods.fetch(containerd("n1"), a, address)).isEqualTo("both-b");
      assertThat(Pods.fetch(containerd("n1"), old("n1"), address)).isEqualTo("both-b");
    }
    for (IpAddress address : old("n2").addresses()) {
      assertThat(Pods.fetch(containerd("n1"), a, address)).isEqualTo("old-n2");
    }
    IpAddress node = lab.state().member("n1").address();
    assertThat(Pods.fetch(lab.namespace("n2"), node, 18080)).isEqualTo("both-a");
    assertThat(at("n1", ADDRESSES).resolve(a.address().toString())).exists();
    assertThat(at("n1", "/var/lib/cni/flannel").resolve(a.sandbox())).exists();
    assertThat(Sysctl.of(lab.namespace("n1")).read(FORWARDING)).contains("1");
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> status("n1").at("/problems").isEmpty());
    containerd("n1").remove(a);
    containerd("n2").remove(b);
    assertThat(at("n1", ADDRESSES).resolve(a.address().toString())).doesNotExist();
    assertThat(at("n1", "/var/lib/cni/flannel").resolve(a.sandbox())).doesNotExist();
  }

  @Test
  void aPodThatEndsWhileTheAgentIsAwayIsTakenAwayWhenItIsBack() {
    Pod stays = containerd("n2").run("stays");
    Pod ends = containerd("n2").run("ends");
    Path address = at("n2", ADDRESSES).resolve(ends.address().toString());
    denim("n2").kill();

    containerd("n2").remove(ends);
    assertThat(at("n2", "/run/flannel/denim/journal").resolve(ends.sandbox() + ":eth0")).exists();
    assertThat(Pods.fetch(containerd("n1"), old("n1"), stays.address())).isEqualTo("stays");
    denim("n2").startAgent();
    denim("n2").awaitReady();
    Pod next = containerd("n2").run("next");

    Awaitility.await().until(() -> !Files.exists(address));
    assertThat(next.addresses()).doesNotContainAnyElementsOf(stays.addresses());
    assertThat(Pods.fetch(containerd("n1"), old("n1"), next.address())).isEqualTo("next");
    containerd("n2").remove(stays);
    containerd("n2").remove(next);
  }

  @Test
  void flanneldTakesTheNodeBackAndRespectsTheAddresses() {
    Pod denims = containerd("n1").run("denims");
    denim("n1").stop();
    lab.startAgent("n1", AgentKind.FLANNELD);
    lab.awaitReady("n1");
    containerd("n1").awaitNetwork();

    Pod flannels = containerd("n1").run("flannels");

    assertThat(flannels.addresses())
        .doesNotContainAnyElementsOf(denims.addresses())
        .doesNotContainAnyElementsOf(old("n1").addresses());
    assertThat(Pods.fetch(containerd("n1"), flannels, denims.address())).isEqualTo("denims");
    assertThat(Pods.fetch(containerd("n2"), old("n2"), denims.address())).isEqualTo("denims");
    containerd("n1").remove(denims);
    containerd("n1").remove(flannels);
    lab.stopAgent("n1");
    denim("n1").start();
    denim("n1").awaitReady();
  }
}
