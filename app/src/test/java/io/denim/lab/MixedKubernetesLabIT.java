package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Denim and flanneld as the network of one Kubernetes with both address families. */
class MixedKubernetesLabIT {
  @TempDir Path directory;

  private static String pod(String node, String name) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: NAME, labels: {app: web}}
    spec:
      nodeName: NODE
      terminationGracePeriodSeconds: 0
      containers:
      - {name: main, image: "IMAGE", imagePullPolicy: Never, args: [netexec, --http-port=8080]}
    ---
    """
        .replace("NAME", name)
        .replace("NODE", node)
        .replace("IMAGE", ImageArchive.AGNHOST);
  }

  @Test
  void podsReachEachOtherInBothFamiliesAndByService() {
    LabConfig config =
        LabConfig.nodes(2)
            .dualStack()
            .netConf("EnableNFTables", true)
            .agent("n2", AgentKind.FLANNELD)
            .kubernetes()
            .build();
    try (Lab lab = Lab.start(config, directory, TestPrograms.find(), _ -> {})) {
      lab.kubernetes()
          .apply(
              pod("n1", "denims")
                  + pod("n2", "flannels")
                  + """
                  apiVersion: v1
                  kind: Service
                  metadata: {name: web}
                  spec:
                    ipFamilyPolicy: RequireDualStack
                    selector: {app: web}
                    ports: [{port: 80, targetPort: 8080}]
                  """);
      lab.kubernetes().awaitPodReady("denims");
      lab.kubernetes().awaitPodReady("flannels");
      LabState state = lab.state().withPods();

      for (String pod : new String[] {"denims", "flannels"}) {
        String other = pod.equals("denims") ? "flannels" : "denims";
        assertThat(state.member(pod).addresses()).hasSize(2);
        for (String address : state.member(other).addresses()) {
          Awaitility.await()
              .atMost(Duration.ofSeconds(20))
              .until(() -> Reach.between(state, pod, address, 1).reached());
        }
        for (String family : new String[] {"--ipv4", "--ipv6"}) {
          Awaitility.await()
              .atMost(Duration.ofMinutes(1))
              .until(
                  () ->
                      lab.kubectl(
                          "exec",
                          pod,
                          "--",
                          "sh",
                          "-c",
                          "curl --silent --max-time 5 " + family + " http://web/hostname || true"),
                  name -> name.equals("denims") || name.equals("flannels"));
        }
      }
    }
  }
}
