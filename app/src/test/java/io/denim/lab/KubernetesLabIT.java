package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.AttachmentStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Real kubelets with Denim as their network. */
class KubernetesLabIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MANY = 100;

  @TempDir private static Path directory;
  private static Lab lab;

  @BeforeAll
  static void aCluster() {
    LabConfig config =
        LabConfig.nodes(2).subnets("10.1.0.0/24").flannel("vxlan").kubernetes().build();
    lab = Lab.start(config, directory, TestPrograms.find(), _ -> {});
  }

  @AfterAll
  static void gone() {
    lab.close();
  }

  private static String pod(String node, String name, String app, String more) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: NAME, labels: {app: APP}}
    spec:
      nodeName: NODE
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: IMAGE
        imagePullPolicy: Never
        args: [netexec, --http-port=8080]
        readinessProbe: {httpGet: {path: /hostname, port: 8080}, periodSeconds: 1}
    MORE
    ---
    """
        .replace("NAME", name)
        .replace("APP", app)
        .replace("NODE", node)
        .replace("IMAGE", ImageArchive.AGNHOST)
        .replace("MORE", more.indent(4).stripTrailing());
  }

  private static void runPods(String app) {
    lab.kubernetes().apply(pod("n1", app + "1", app, "") + pod("n2", app + "2", app, ""));
    lab.kubernetes().awaitPodReady(app + "1");
    lab.kubernetes().awaitPodReady(app + "2");
  }

  private static String exec(String pod, String... command) {
    String[] words =
        IntStream.range(0, command.length + 3)
            .mapToObj(i -> i < 3 ? List.of("exec", pod, "--").get(i) : command[i - 3])
            .toArray(String[]::new);
    return lab.kubectl(words).strip();
  }

  private static String fetch(String pod, String host) {
    return exec(pod, "curl", "--silent", "--max-time", "5", "http://" + host + "/hostname");
  }

  private static String addressOf(String pod) {
    return object("pods/" + pod).at("/status/podIP").asString("");
  }

  private static JsonNode object(String path) {
    return lab.kubernetes().api().get("/api/v1/namespaces/default/" + path);
  }

  private static void delete(String... podsAndMore) {
    for (String each : podsAndMore) {
      lab.kubectl("delete", "--now", each);
    }
  }

  @Test
  void kubernetesFindsTheNodesReadyAndGivesThemTheirSubnets() {
    for (String node : List.of("n1", "n2")) {
      // Not at once when another test has restarted its agent.
      lab.kubernetes().awaitNodeReady(node);
      assertThat(lab.status(node).subnets())
          .containsExactly(lab.kubernetes().podCidrs(node).getFirst().toString());
      assertThat(lab.kubectl("describe", "node", node)).contains("FlannelIsUp");
    }
  }

  @Test
  void podsReachEachOtherServicesByNameAndAddressAndTheOutside() {
    runPods("web");
    lab.kubernetes()
        .apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
            """);
    String service = object("services/web").at("/spec/clusterIP").asString("");

    assertThat(fetch("web1", addressOf("web2") + ":8080")).isEqualTo("web2");
    assertThat(fetch("web2", addressOf("web1") + ":8080")).isEqualTo("web1");
    Predicate<String> answered = name -> name.equals("web1") || name.equals("web2");
    awaitAnswer("web1", "web", answered);
    assertThat(fetch("web1", "web.default.svc.cluster.local")).matches(answered);
    awaitAnswer("web2", service, answered);
    assertThat(exec("web1", "ping", "-c", "1", "203.0.113.2")).contains(" 0% packet loss");
    assertThat(
            lab.kubectl("get", "--raw", "/api/v1/namespaces/default/pods/web2:8080/proxy/hostname"))
        .as("the API server reaches pods")
        .isEqualTo("web2");
    delete("pod/web1", "pod/web2", "service/web");
  }

  /** Each node's kube-proxy comes to know a service when it does. */
  private static void awaitAnswer(String pod, String host, Predicate<String> answered) {
    Awaitility.await().atMost(PATIENCE).until(() -> exec(pod, "sh", "-c", curl(host)), answered);
  }

  /** One whose failure is told by what it prints. */
  private static String curl(String host) {
    return "curl --silent --max-time 5 http://" + host + "/hostname || true";
  }

  @Test
  void probesDecideAndLogsTell() {
    lab.kubernetes()
        .apply(
            pod(
                "n1",
                "probed",
                "probed",
                "livenessProbe: {exec: {command: [test, \"!\", -e, /tmp/dead]}, periodSeconds: 1, timeoutSeconds: 10,"
                    + " failureThreshold: 1}"));
    lab.kubernetes().awaitPodReady("probed");
    Awaitility.await()
        .untilAsserted(() -> assertThat(lab.kubectl("logs", "probed")).contains("GET /hostname"));

    exec("probed", "touch", "/tmp/dead");

    Awaitility.await()
        .atMost(PATIENCE)
        .until(() ->
            object("pods/probed").at("/status/containerStatuses/0/restartCount").asInt(0) > 0);
    lab.kubernetes().awaitPodReady("probed");
    delete("pod/probed");
  }

  @Test
  void aHundredPodsOnANodeStartAndAreDeleted() {
    long begin = System.nanoTime();
    lab.kubernetes()
        .apply(
            """
            apiVersion: apps/v1
            kind: ReplicaSet
            metadata: {name: many}
            spec:
              replicas: MANY
              selector: {matchLabels: {app: many}}
              template:
                metadata: {labels: {app: many}}
                spec:
                  nodeName: n1
                  terminationGracePeriodSeconds: 0
                  containers:
                  - {name: main, image: "IMAGE", imagePullPolicy: Never}
            """
                .replace("MANY", "" + MANY)
                .replace("IMAGE", ImageArchive.PAUSE));
    Awaitility.await()
        .atMost(PATIENCE.multipliedBy(5))
        .until(
            () ->
                lab.kubernetes()
                    .api()
                    .get("/apis/apps/v1/namespaces/default/replicasets/many")
                    .at("/status/readyReplicas")
                    .asInt(0),
            ready -> ready == MANY);
    long started = System.nanoTime();
    assertThat(attachments("many")).hasSize(MANY);

    lab.kubectl("delete", "replicaset", "many", "--cascade=foreground");

    Awaitility.await()
        .atMost(PATIENCE.multipliedBy(5))
        .until(
            () -> object("pods?labelSelector=app%3Dmany").path("items").size(), size -> size == 0);
    // Without a time of grace the objects are gone before the containers.
    Awaitility.await().atMost(PATIENCE.multipliedBy(5)).until(() -> attachments("many").isEmpty());
    System.out.printf(
        "%d pods on one node: ready after %.1f s, gone after %.1f s more%n",
        MANY, (started - begin) / 1e9, (System.nanoTime() - started) / 1e9);
  }

  private static List<AttachmentStatus> attachments(String app) {
    return lab.status("n1").attachments().stream()
        .filter(each -> each.pod().startsWith("default/" + app))
        .toList();
  }

  @Test
  void agentsThatAreRestartedInTurnDisturbNobody() {
    runPods("talks");
    LabState state = lab.state().withPods();

    try (Traffic traffic = Traffic.between(state, "talks1", "talks2", 500)) {
      lab.restartAgent("n1");
      lab.restartAgent("n2");
      assertThat(traffic.stop()).as("packets lost of " + traffic.sent()).isZero();
    }

    assertThat(Reach.between(state, "talks2", "talks1", 3))
        .matches(Reach.Row::reached)
        .extracting(Reach.Row::path)
        .isEqualTo("vxlan");
    delete("pod/talks1", "pod/talks2");
  }
}
