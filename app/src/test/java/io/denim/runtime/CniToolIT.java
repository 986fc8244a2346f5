package io.denim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.Machine;
import io.denim.lab.Output;
import io.denim.net.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin called by the specification's own client, and as Multus calls it. */
class CniToolIT {
  private static final String SECOND =
      """
      {"cniVersion": "1.1.0", "name": "second", "type": "denim-cni", "bridge": "br-second",
       "isGateway": true, "ipam": {"type": "host-local", "subnet": "10.99.0.0/24"}}
      """;

  @TempDir private static Path directory;
  private static RuntimeLab lab;
  private static Machine node;
  private static Plugin plugin;

  @BeforeAll
  static void aNode() throws Exception {
    lab = RuntimeLab.start(directory);
    node = lab.node("n1");
    plugin = new Plugin(node, lab.peers());
    Files.writeString(
        node.at("/etc/cni/net.d/50-tool.conflist"),
        """
        {"cniVersion": "1.1.0", "name": "tool", "plugins": [
          {"type": "denim-cni", "capabilities": {"portMappings": true}}]}
        """);
  }

  @AfterAll
  static void gone() {
    lab.close();
  }

  private static String netns(String name) {
    node.run("ip", "netns", "add", name);
    return "/run/netns/" + name;
  }

  private static Output tool(String verb, String netns) {
    return plugin.tool(Map.of(), verb, "tool", netns);
  }

  @Test
  void whatItAddsItChecksAndDeletesAnyNumberOfTimes() {
    String netns = netns("one");

    Output added = tool("add", netns);
    assertThat(added.succeeded()).as(added.toString()).isTrue();
    assertThat(tool("check", netns)).isEqualTo(new Output(0, "", ""));
    node.run("ip", "netns", "exec", "one", "ip", "address", "flush", "dev", "eth0");
    assertThat(tool("check", netns).code()).as("without its addresses").isNotZero();
    assertThat(tool("del", netns)).isEqualTo(new Output(0, "", ""));
    assertThat(tool("del", netns)).isEqualTo(new Output(0, "", ""));
    Awaitility.await()
        .until(() -> !node.run("ip", "netns", "exec", "one", "ip", "-o", "link").contains("eth0"));
  }

  @Test
  void garbageIsCollectedAndOtherNetworksAreLeftAlone() {
    ContainerRuntime containerd = lab.runtime(RuntimeKind.CONTAINERD_2_4, "n1");
    Pod pod = containerd.run("kept");
    String netns = netns("two");
    Output added = tool("add", netns);
    Path reservation = node.at("/var/lib/cni/networks/tool/" + Plugin.address(added));
    assertThat(reservation).exists();

    assertThat(tool("gc", netns)).isEqualTo(new Output(0, "", ""));

    assertThat(reservation).doesNotExist();
    assertThat(Pods.fetch(lab.lab().namespace("n1"), pod.address(), ContainerRuntime.PORT))
        .isEqualTo("kept");
    containerd.remove(pod);
  }

  @Test
  void aPortIsPublishedByCapability() {
    String netns = netns("three");
    Map<String, String> mapping =
        Map.of(
            "CAP_ARGS",
            """
            {"portMappings": [{"hostPort": 19090, "containerPort": 8080, "protocol": "tcp"}]}
            """);
    IpAddress address = lab.lab().state().member("n1").address();
    node.run("sh", "-c", "mkdir -p /run/www && echo three > /run/www/index.html");

    plugin.tool(mapping, "add", "tool", netns);
    node.run("ip", "netns", "exec", "three", "busybox", "httpd", "-p", "8080", "-h", "/run/www");

    assertThat(Pods.fetch(lab.lab().namespace("n2"), address, 19090)).isEqualTo("three");
    assertThat(plugin.tool(mapping, "del", "tool", netns).succeeded()).isTrue();
    assertThat(Pods.fetch(lab.lab().namespace("n2"), address, 19090)).contains("refused");
  }

  @Test
  void statusTellsWhetherPodsCanBeAttached() {
    assertThat(tool("status", "/run/netns/none")).isEqualTo(new Output(0, "", ""));
    lab.lab().killAgent("n1");
    Output down = tool("status", "/run/netns/none");
    lab.lab().startAgent("n1");
    lab.lab().awaitReady("n1");

    assertThat(down.code()).isNotZero();
    assertThat(down.err() + down.out()).contains("agent");
    assertThat(tool("status", "/run/netns/none")).isEqualTo(new Output(0, "", ""));
  }

  @Test
  void aSecondNetworkIsAddedToARunningContainerAndTakenAwayAgain() {
    ContainerRuntime containerd = lab.runtime(RuntimeKind.CONTAINERD_2_4, "n1");
    Pod a = containerd.run("a");
    Pod b = containerd.run("b");

    Output addedA = plugin.call("ADD", a, "net1", SECOND);
    Output addedB = plugin.call("ADD", b, "net1", SECOND);

    assertThat(addedA.code()).as(addedA.toString()).isZero();
    IpAddress second = IpAddress.parse(Plugin.address(addedB));
    assertThat(second.toString()).startsWith("10.99.0.");
    assertThat(Pods.fetch(containerd, a, second)).isEqualTo("b");
    assertThat(Pods.fetch(containerd, a, b.address())).isEqualTo("b");
    assertThat(containerd.exec(a, "ip", "route", "get", second.toString()).out()).contains("net1");
    assertThat(plugin.call("DEL", b, "net1", SECOND).code()).isZero();
    assertThat(Pods.fetch(containerd, a, b.address())).as("the first network").isEqualTo("b");
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(containerd.exec(b, "ip", "-o", "link").out())
                .contains("eth0")
                .doesNotContain("net1"));
    assertThat(plugin.call("DEL", a, "net1", SECOND).code()).isZero();
    containerd.remove(a);
    containerd.remove(b);
    assertThat(node.at("/var/lib/cni/networks/second/" + second)).doesNotExist();
  }
}
