package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.StatusServer;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent installs on a node, and how it goes again. */
class UninstallIT {
  @TempDir Path directory;

  private final Namespace node = Namespace.create();
  private final Rtnetlink kernel = Rtnetlink.open(node);
  private final List<Process> started = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void aHostWithADefaultRoute() {
    kernel.execute(
        Links.create(
            Links.Spec.of("eth0", new LinkKind.Bridge()).mac(MacAddress.local(1)).upAtOnce()));
    int index = kernel.link("eth0").orElseThrow().index();
    kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("10.1.0.1/24")));
    kernel.execute(
        Route.via(Cidr.ALL_V4, IpAddress.parse("10.1.0.254"), index, false, 3).replace());
  }

  @AfterEach
  void gone() {
    started.forEach(Process::destroyForcibly);
    kernel.close();
    node.close();
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  private Process agent(String... more) throws IOException {
    Files.writeString(
        path("net-conf.json"), "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"}}");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.denim.cli.Main", "agent"));
    command.addAll(
        List.of(
            "--netns=" + node.path(),
            "--node-name=n1",
            "--data-dir=" + path("data"),
            "--subnet-file=" + path("subnet.env"),
            "--socket=" + path("agent.sock"),
            "--net-config-path=" + path("net-conf.json"),
            "--cni-socket=" + path("cni.sock"),
            "--cni-data-dir=" + path("networks"),
            "--cni-conf-dir=" + path("net.d"),
            "--cni-bin-dir=" + path("bin"),
            "--ip-masq"));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(path("log").toFile())
            .start();
    started.add(process);
    return process;
  }

  private int uninstall(String... more) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> words =
        new ArrayList<>(
            List.of(
                "uninstall",
                "--cni-conf-dir=" + path("net.d"),
                "--cni-bin-dir=" + path("bin"),
                "--data-dir=" + path("data"),
                "--socket=" + path("agent.sock")));
    words.addAll(List.of(more));
    var toOut = new PrintWriter(out);
    var toErr = new PrintWriter(err);
    return Main.run(words, Map.of(), new RealActions(toOut, toErr), toOut, toErr);
  }

  @Test
  void whatAReadyAgentInstallsStaysUntilItIsUninstalled() throws Exception {
    Files.createDirectories(path("net.d"));
    Files.writeString(path("net.d/00-other.conf"), "{\"name\":\"other\",\"type\":\"bridge\"}");
    Process agent = agent();
    Path conflist = path("net.d/05-denim.conflist");
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(conflist));
    assertThat(path("subnet.env")).exists();
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(StatusServer.ask(path("agent.sock")).problems())
                .singleElement()
                .asString()
                .contains("00-other.conf comes before 05-denim.conflist"));
    assertThat(path("bin/denim-cni")).isExecutable();

    assertThat(uninstall()).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("denim: the agent still runs on this node")
        .hasLineCount(1);
    assertThat(conflist).exists();

    agent.destroy();
    assertThat(agent.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(conflist).exists();

    Path record = path("data/attachments/c1:eth0");
    Files.writeString(record, "{}");
    assertThat(uninstall()).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("denim: 1 pods are still attached by Denim (c1:eth0)")
        .contains("--force");
    assertThat(conflist).exists();

    assertThat(uninstall("--dry-run", "--network", "--netns=" + node.path(), "-o", "yaml"))
        .isZero();
    assertThat(out.toString())
        .contains("object: \"c1:eth0\"", "attached: needs --force", "would be removed")
        .doesNotContain("\"removed\"");
    assertThat(conflist).exists();
    assertThat(kernel.link("cni0")).isPresent();

    assertThat(uninstall("--force", "--network", "--netns=" + node.path())).isZero();
    assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", " | ")))
        .contains(
            "PART | OBJECT | OUTCOME | NOTE",
            "conflist | " + conflist + " | removed | -",
            "network | bridge cni0 | removed | -",
            "network | vxlan flannel.1 | removed | -",
            "network | table inet denim | removed | -",
            "binary | " + path("bin/denim-cni") + " | removed | -",
            "state | " + path("data") + " | removed | -");
    assertThat(path("data")).doesNotExist();
    assertThat(path("bin")).isEmptyDirectory();
    assertThat(path("net.d/00-other.conf")).exists();
    assertThat(kernel.links()).extracting(Link::name).containsExactlyInAnyOrder("lo", "eth0");

    assertThat(uninstall("--network", "--netns=" + node.path())).isZero();
    assertThat(out.toString()).isEqualTo("none\n");
  }

  @Test
  void anAgentThatIsNotReadyInstallsNothing() throws Exception {
    Process agent = agent("--iface=eth7");
    assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(agent.exitValue()).isEqualTo(1);
    assertThat(path("net.d")).doesNotExist();
    assertThat(path("bin")).doesNotExist();
  }

  @Test
  void whereNothingIsInstalledNothingIsDone() {
    assertThat(uninstall()).isZero();
    assertThat(out.toString()).isEqualTo("none\n");
    assertThat(directory).isEmptyDirectory();
  }
}
