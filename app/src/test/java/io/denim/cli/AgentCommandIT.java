package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code denim agent} as a service runs it: a process with flanneld's flags. */
class AgentCommandIT {
  private static final String VXLAN =
      "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"}}";

  @TempDir Path directory;

  private final Namespace node = Namespace.create();
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void aHostWithADefaultRoute() {
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      var pair = new LinkKind.VethPair("far", MacAddress.local(2), 1500, Optional.empty());
      kernel.execute(
          Links.create(Links.Spec.of("eth0", pair).mac(MacAddress.local(1)).mtu(1500).upAtOnce()));
      int index = kernel.link("eth0").orElseThrow().index();
      kernel.execute(Links.up(kernel.link("far").orElseThrow().index()));
      kernel.execute(Links.up(kernel.link("lo").orElseThrow().index()));
      kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("10.1.0.1/24")));
      kernel.execute(
          Route.via(Cidr.ALL_V4, IpAddress.parse("10.1.0.254"), index, false, 3).replace());
    }
  }

  @AfterEach
  void gone() {
    started.forEach(Process::destroyForcibly);
    node.close();
  }

  private Process agent(String config, String... more) throws IOException {
    Path conf = directory.resolve("net-conf.json");
    Files.writeString(conf, config);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.denim.cli.Main", "agent"));
    command.addAll(
        List.of(
            "--netns=" + node.path(),
            "--node-name=n1",
            "--store-dir=" + directory.resolve("store"),
            "--data-dir=" + directory.resolve("data"),
            "--subnet-file=" + env(),
            "--socket=" + directory.resolve("agent.sock"),
            "--cni-socket=" + directory.resolve("cni.sock"),
            "--cni-data-dir=" + directory.resolve("networks"),
            "-net-config-path=" + conf));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    started.add(process);
    return process;
  }

  private Path env() {
    return directory.resolve("subnet.env");
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }

  private void awaitEnv() {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(env()));
  }

  private String get(int port, String path) throws IOException {
    SocketChannel channel = node.call(SocketChannel::open);
    try (channel) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      String request = "GET " + path + " HTTP/1.0\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void itWritesSubnetEnvAnswersProbesAndEndsWithNoughtWhenTold() throws Exception {
    Process process = agent(VXLAN, "--healthz-port", "8081", "--ip-masq");
    awaitEnv();
    Awaitility.await()
        .untilAsserted(() -> assertThat(get(8081, "/readyz")).endsWith("flanneld is ready"));
    assertThat(get(8081, "/healthz")).contains(" 200 ").endsWith("flanneld is running");
    process.destroy();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(log()).isZero();
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      assertThat(kernel.link("flannel.1")).isPresent();
    }
  }

  @Test
  void withABlackholeRouteTheSubnetIsHeldByIt() throws Exception {
    agent(VXLAN, "--ip-blackhole-route");
    awaitEnv();
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      assertThat(kernel.link("cni0")).isEmpty();
      assertThat(kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN))
          .anyMatch(route -> route.type() == Route.Type.BLACKHOLE);
    }
  }

  @Test
  void aConfigurationThatIsNotValidStopsTheStartAndLeavesNothing() throws Exception {
    Process process =
        agent("{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\",\"VNI\":-1}}");
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(log()).contains("net-conf.json is not valid").contains("Backend.VNI").contains("-1");
    assertThat(env()).doesNotExist();
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      assertThat(kernel.link("flannel.1")).isEmpty();
    }
  }

  @Test
  void anInterfaceThatIsNotThereStopsTheStartAndTheOthersAreNamed() throws Exception {
    Process process = agent(VXLAN, "--iface=eth7");
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(log()).contains("no interface matches --iface [eth7]").contains("10.1.0.1/24");
    assertThat(env()).doesNotExist();
  }

  @Test
  void aDeviceOfAnotherKindUnderOurNameIsNotTouched() throws Exception {
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      var pair = new LinkKind.VethPair("other", MacAddress.local(4), 1234, Optional.empty());
      kernel.execute(Links.create(Links.Spec.of("cni0", pair).mac(MacAddress.local(3)).mtu(1234)));
      var before = kernel.link("cni0").orElseThrow();
      agent(VXLAN);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(log()).contains("cannot create bridge cni0: EEXIST"));
      assertThat(kernel.link("cni0")).contains(before);
      assertThat(kernel.addresses()).noneMatch(a -> a.ifindex() == before.index());
      assertThat(env()).doesNotExist();
    }
  }
}
