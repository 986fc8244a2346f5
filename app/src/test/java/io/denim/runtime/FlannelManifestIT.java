package io.denim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.AgentKind;
import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.LabException;
import io.denim.lab.LabStore;
import io.denim.lab.TestPrograms;
import io.denim.lab.Traffic;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code kubectl apply} of flannel's manifest, of which only the images' names are others, in a
 * real Kubernetes whose nodes had real flanneld before.
 */
class FlannelManifestIT {
  private static final List<String> NODES = List.of("n1", "n2");
  private static final String DAEMON_SET = "daemonset/kube-flannel-ds";
  private static final int PACKETS_PER_SECOND = 100;

  @TempDir private static Path directory;
  private static Lab lab;
  private static List<String> subnetsBefore = List.of();
  private static int lostByTakeOver = -1;

  @BeforeAll
  static void applied() throws Exception {
    Path image = DenimImage.archive();
    lab =
        Lab.start(
            LabConfig.nodes(2)
                .subnets("10.1.0.0/24")
                .podsPerNode(0)
                .flannel("vxlan")
                .netConf("EnableNFTables", true)
                .agent(AgentKind.FLANNELD)
                .store(new LabStore.Kubernetes(true, false))
                .build(),
            directory,
            TestPrograms.find(),
            line -> {});
    for (String node : NODES) {
      lab.machine(node)
          .run(
              TestPrograms.find().peers().program("ctr").toString(),
              "--address",
              "/run/containerd/containerd.sock",
              "--namespace",
              "k8s.io",
              "images",
              "import",
              "--local",
              image.toString());
      run("old-" + node, node);
      lab.addPod(node, "traffic-" + node);
    }
    subnetsBefore = subnets();
    try (Traffic traffic = lab.traffic("traffic-n1", "traffic-n2", PACKETS_PER_SECOND)) {
      NODES.forEach(lab::stopAgent);
      lab.kubernetes().apply(manifest());
      rolledOut();
      lostByTakeOver = traffic.stop();
    }
  }

  @AfterAll
  static void gone() {
    lab.close();
  }

  private static String manifest() throws IOException {
    try (InputStream in = FlannelManifestIT.class.getResourceAsStream("kube-flannel.yml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void rolledOut() {
    Awaitility.await()
        .atMost(Duration.ofMinutes(5))
        .ignoreException(LabException.class) // while it takes longer than a command may
        .until(
            () ->
                lab.kubectl(
                    "rollout", "status", "--namespace=kube-flannel", "--timeout=50s", DAEMON_SET),
            said -> said.contains("successfully rolled out"));
  }

  /** Each node's line of subnet.env. */
  private static List<String> subnets() {
    return NODES.stream()
        .map(node -> {
          try (Stream<String> lines =
              Files.lines(lab.machine(node).at("/run/flannel/subnet.env"))) {
            return lines.filter(line -> line.startsWith("FLANNEL_SUBNET=")).findFirst().orElse("");
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        })
        .toList();
  }

  /** A pod that serves its name. */
  private static void run(String name, String node, String... ports) {
    lab.kubernetes()
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: NAME, labels: {serves: NAME}}
            spec:
              nodeName: NODE
              terminationGracePeriodSeconds: 0
              containers:
              - name: server
                image: registry.k8s.io/e2e-test-images/agnhost:2.63.0
                args: [netexec, --http-port=8080]
                ports: [{containerPort: 8080PORTS}]
            """
                .replace("NAME", name)
                .replace("NODE", node)
                .replace("PORTS", String.join("", ports)));
    lab.kubernetes().awaitPodReady(name);
  }

  private static IpAddress address(String pod) {
    return IpAddress.parse(
        object("/api/v1/namespaces/default/pods/" + pod).at("/status/podIP").asString());
  }

  private static JsonNode object(String path) {
    return lab.kubernetes().api().get(path);
  }

  /** The name of the host that a pod sees at an address. */
  private static String asked(String from, IpAddress to) {
    return asked(from, to.toString(), 8080);
  }

  private static String asked(String from, String to, int port) {
    String url = "http://" + to + ":" + port + "/hostname";
    return lab.kubectl("exec", from, "--", "curl", "-s", "--max-time", "5", url).strip();
  }

  private static String denim(String node, String... words) {
    String pod =
        object("/api/v1/namespaces/kube-flannel/pods")
            .path("items")
            .valueStream()
            .filter(each -> each.at("/spec/nodeName").asString().equals(node))
            .map(each -> each.at("/metadata/name").asString())
            .findFirst()
            .orElseThrow();
    List<String> command =
        Stream.concat(
                Stream.of("exec", "--namespace=kube-flannel", pod, "-c", "kube-flannel", "--"),
                Stream.of(words))
            .toList();
    return lab.kubectl(command.toArray(String[]::new));
  }

  @Test
  void theTakeOverFromFlanneldLosesNothingAndKeepsTheSubnets() {
    assertThat(lostByTakeOver).isZero();
    assertThat(subnets()).isEqualTo(subnetsBefore);
  }

  @Test
  void theNodesSayThatTheirNetworkIsThere() {
    for (String node : NODES) {
      JsonNode object = object("/api/v1/nodes/" + node);
      assertThat(object.at("/metadata/annotations").toString())
          .contains("flannel.alpha.coreos.com/kube-subnet-manager", "\"vxlan\"");
      assertThat(object.at("/status/conditions").toString()).contains("FlannelIsUp");
      JsonNode status =
          JsonMapper.shared().readTree(denim(node, "/opt/bin/denim", "status", "-o", "json"));
      assertThat(status.path("ready").asBoolean()).isTrue();
      assertThat(status.path("paths").valueStream().map(path -> path.path("path").asString()))
          .containsExactly("vxlan");
    }
  }

  @Test
  void podsOfBeforeAndAfterReachEachOtherAndNoAddressIsGivenTwice() {
    run("new-n1", "n1", ", hostPort: 18080");
    run("new-n2", "n2");

    List<IpAddress> all =
        Stream.of("old-n1", "old-n2", "new-n1", "new-n2").map(FlannelManifestIT::address).toList();
    assertThat(all).doesNotHaveDuplicates();
    for (String from : List.of("old-n1", "new-n1")) {
      for (String to : List.of("old-n2", "new-n2")) {
        assertThat(asked(from, address(to))).isEqualTo(to);
        assertThat(asked(to, address(from))).isEqualTo(from);
      }
    }
    IpAddress node = lab.state().member("n1").address();
    assertThat(Pods.fetch(lab.namespace("n2"), node, 18080)).contains("NOW");
    assertThat(denim("n1", "/opt/bin/denim", "pod", "new-n1")).contains(address("new-n1") + "/24");
  }

  @Test
  void aPodThatIsMadeAgainIsReached() {
    run("again", "n2");
    lab.kubectl("delete", "pod", "again");
    run("again", "n2");

    assertThat(asked("old-n1", address("again"))).isEqualTo("again");
  }

  @Test
  void aRollingRestartDisturbsNobody() {
    int lost;
    try (Traffic traffic = lab.traffic("traffic-n1", "traffic-n2", PACKETS_PER_SECOND)) {
      lab.kubectl("rollout", "restart", "--namespace=kube-flannel", DAEMON_SET);
      rolledOut();
      lost = traffic.stop();
    }

    assertThat(lost).isZero();
    assertThat(subnets()).isEqualTo(subnetsBefore);
    assertThat(asked("old-n1", address("old-n2"))).isEqualTo("old-n2");
  }

  @Test
  void aServiceIsReachedByItsAddress() {
    lab.kubectl("expose", "pod", "old-n2", "--port=80", "--target-port=8080", "--name=served");
    String service =
        object("/api/v1/namespaces/default/services/served").at("/spec/clusterIP").asString();

    // kube-proxy hears of it a little later.
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .ignoreException(LabException.class)
        .until(() -> asked("old-n1", service, 80), "old-n2"::equals);
  }

  @Test
  void theDaemonSetsPodsAreReadyWithoutARestart() {
    String restarts =
        object("/api/v1/namespaces/kube-flannel/pods")
            .path("items")
            .valueStream()
            .flatMap(pod -> pod.at("/status/containerStatuses").valueStream())
            .map(status -> status.path("restartCount").asString())
            .collect(Collectors.joining(","));

    assertThat(restarts).isEqualTo("0,0");
  }
}
