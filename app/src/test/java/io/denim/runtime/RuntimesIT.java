package io.denim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.AttachmentStatus;
import io.denim.lab.LabConfig;
import io.denim.lab.Output;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Containers of every runtime on nodes whose agents have installed the plugin themselves. */
class RuntimesIT {
  @TempDir private static Path directory;
  private static RuntimeLab lab;

  @BeforeAll
  static void twoNodes() {
    lab = RuntimeLab.start(directory);
  }

  @AfterAll
  static void gone() {
    lab.close();
  }

  private static IpAddress addressOf(String member) {
    return lab.lab().state().member(member).address();
  }

  private static Namespace inside(String member) {
    return lab.lab().namespace(member);
  }

  private static List<AttachmentStatus> attachments(String node, Pod pod) {
    return lab.lab().status(node).attachments().stream()
        .filter(each -> each.container().equals(pod.sandbox()))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void podsReachEachOtherOnOneNodeAndAcrossNodesInBothFamilies(RuntimeKind kind) {
    ContainerRuntime n1 = lab.runtime(kind, "n1");
    ContainerRuntime n2 = lab.runtime(kind, "n2");
    Pod a = n1.run(kind.pod("a"));
    Pod b = n1.run(kind.pod("b"));
    Pod c = n2.run(kind.pod("c"));

    assertThat(Pods.fetch(n1, a, b.address())).isEqualTo(b.name());
    assertThat(a.addresses()).hasSize(2);
    for (int family = 0; family < 2; family++) {
      assertThat(Pods.fetch(n1, a, c.addresses().get(family))).isEqualTo(c.name());
      assertThat(Pods.fetch(n2, c, a.addresses().get(family))).isEqualTo(a.name());
    }
    assertThat(Pods.fetch(inside("n1"), c.address(), ContainerRuntime.PORT)).isEqualTo(c.name());
    n1.remove(a);
    n1.remove(b);
    n2.remove(c);
  }

  @ParameterizedTest
  @EnumSource
  void aPodReachesTheOutsideByItsNodesAddress(RuntimeKind kind) {
    ContainerRuntime runtime = lab.runtime(kind, "n1");
    Pod pod = runtime.run(kind.pod("out"));

    try (EchoOfAddress _ = EchoOfAddress.start(inside(LabConfig.OUTSIDE))) {
      String outside = addressOf(LabConfig.OUTSIDE).toString();
      Output told = runtime.exec(pod, "nc", "-w", "5", outside, "" + EchoOfAddress.PORT);
      assertThat(told.out().strip()).as(told.err()).isEqualTo(addressOf("n1").toString());
    }
    runtime.remove(pod);
  }

  @ParameterizedTest
  @EnumSource
  void aPublishedPortLeadsToThePodFromEverywhere(RuntimeKind kind) {
    ContainerRuntime n1 = lab.runtime(kind, "n1");
    ContainerRuntime n2 = lab.runtime(kind, "n2");
    int port = kind.port();
    Pod pod = n1.run(kind.pod("published"), new HostPort(port, ContainerRuntime.PORT));
    Pod neighbour = n1.run(kind.pod("neighbour"));
    Pod remote = n2.run(kind.pod("remote"));
    IpAddress node = addressOf("n1");

    assertThat(Pods.fetch(inside("n2"), node, port)).isEqualTo(pod.name());
    assertThat(Pods.fetch(inside(LabConfig.OUTSIDE), node, port)).isEqualTo(pod.name());
    assertThat(Pods.fetch(inside("n1"), node, port)).isEqualTo(pod.name());
    assertThat(Pods.fetch(inside("n1"), IpAddress.parse("127.0.0.1"), port)).isEqualTo(pod.name());
    assertThat(Pods.fetch(n2, remote, node, port)).isEqualTo(pod.name());
    assertThat(Pods.fetch(n1, neighbour, node, port)).isEqualTo(pod.name());
    assertThat(Pods.fetch(n1, pod, node, port)).as("from itself").isEqualTo(pod.name());
    n1.remove(pod);
    assertThat(Pods.fetch(inside("n2"), node, port)).contains("refused");
    n1.remove(neighbour);
    n2.remove(remote);
  }

  @ParameterizedTest
  @EnumSource
  void aRemovedPodLeavesNeitherAttachmentNorAddress(RuntimeKind kind) {
    ContainerRuntime runtime = lab.runtime(kind, "n1");
    Pod pod = runtime.run(kind.pod("removed"));
    AttachmentStatus attached = attachments("n1", pod).getFirst();
    Path reservation =
        lab.node("n1").at("/var/lib/cni/networks/" + RuntimeLab.NETWORK + "/" + pod.address());

    assertThat(attached.addresses())
        .containsExactly(pod.addresses().get(0) + "/24", pod.addresses().get(1) + "/64");
    assertThat(reservation).exists();
    runtime.remove(pod);
    assertThat(attachments("n1", pod)).isEmpty();
    assertThat(reservation).doesNotExist();
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(lab.node("n1").run("ip", "-o", "link")).doesNotContain(attached.host()));
  }

  @ParameterizedTest
  @EnumSource
  void aPodWhoseProcessesAreKilledIsRemovedLikeAnyOther(RuntimeKind kind) {
    ContainerRuntime runtime = lab.runtime(kind, "n1");
    Pod pod = runtime.run(kind.pod("killed"));
    // The sandbox's process is in the same network, and has no other mark that all runtimes share.
    String processes =
        lab.node("n1").run("ip", "netns", "pids", String.valueOf(pod.netns().getFileName()));

    lab.node("n1").run("sh", "-c", "kill -9 " + processes.replace('\n', ' '));
    Awaitility.await().until(() -> !runtime.runs(pod));
    runtime.remove(pod);

    assertThat(attachments("n1", pod)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = "CONTAINERD_.*", mode = EnumSource.Mode.MATCH_ALL)
  void containerdIsKilledAndStartedAgainWhilePodsRun(RuntimeKind kind) {
    Containerd containerd = lab.containerd(kind, "n1");
    ContainerRuntime podman = lab.runtime(RuntimeKind.PODMAN, "n1");
    Pod pod = containerd.run(kind.pod("running"));
    Pod other = podman.run(kind.pod("other"));

    containerd.restart();
    containerd.awaitNetwork();

    Pod after = containerd.run(kind.pod("after"));
    assertThat(Pods.fetch(containerd, after, pod.address())).isEqualTo(pod.name());
    assertThat(Pods.fetch(containerd, pod, other.address()))
        .as("a pod of another runtime is not collected as garbage")
        .isEqualTo(other.name());
    containerd.remove(pod);
    containerd.remove(after);
    podman.remove(other);
    assertThat(attachments("n1", pod)).isEmpty();
  }

  @Test
  void podmanRestartsAContainerWithANewAttachment() {
    var podman = (Podman) lab.runtime(RuntimeKind.PODMAN, "n1");
    ContainerRuntime n2 = lab.runtime(RuntimeKind.PODMAN, "n2");
    Pod asking = n2.run("asks");
    Pod pod = podman.run("restarts");

    Pod again = podman.restart(pod);

    assertThat(Pods.fetch(n2, asking, again.address())).isEqualTo("restarts");
    assertThat(attachments("n1", again)).hasSize(1);
    podman.remove(again);
    n2.remove(asking);
  }

  @ParameterizedTest
  @EnumSource
  void whileTheAgentIsDownPodsStayAndNewOnesAreRefusedAndRemovalsAreMadeUpFor(RuntimeKind kind) {
    ContainerRuntime runtime = lab.runtime(kind, "n1");
    Pod stays = runtime.run(kind.pod("stays"));
    Pod goes = runtime.run(kind.pod("goes"));

    lab.lab().killAgent("n1");
    assertThat(Pods.fetch(inside("n1"), stays.address(), ContainerRuntime.PORT))
        .isEqualTo(stays.name());
    String refused = kind.pod("refused");
    assertThat(failure(() -> runtime.run(refused))).contains("agent");
    runtime.remove(goes);
    lab.lab().startAgent("n1");
    lab.lab().awaitReady("n1");

    Awaitility.await().untilAsserted(() -> assertThat(attachments("n1", goes)).isEmpty());
    assertThat(attachments("n1", stays)).hasSize(1);
    runtime.forget(refused);
    Pod accepted = runtime.run(kind.pod("accepted"));
    assertThat(Pods.fetch(runtime, accepted, stays.address())).isEqualTo(stays.name());
    runtime.remove(stays);
    runtime.remove(accepted);
  }

  private static String failure(Runnable body) {
    try {
      body.run();
      return "";
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void containerdKnowsByStatusWhetherTheAgentRuns() {
    Containerd containerd = lab.containerd(RuntimeKind.CONTAINERD_2_4, "n2");
    containerd.awaitNetwork();

    lab.lab().killAgent("n2");
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(containerd.networkProblem()).contains("agent"));
    lab.lab().startAgent("n2");
    lab.lab().awaitReady("n2");

    containerd.awaitNetwork();
  }
}
