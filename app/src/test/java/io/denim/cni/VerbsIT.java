package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.Shim.Outcome;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Each verb by the real program and a real agent, and what happens while there is none. */
class VerbsIT {
  private static final String CONFIG =
      """
      {"cniVersion":"1.1.0","name":"pods","type":"denim-cni","runtimeConfig":{\
      "portMappings":[{"hostPort":8080,"containerPort":80}]}}\
      """;

  @TempDir Path directory;

  private final Namespace node = Namespace.create();
  private final Namespace container = Namespace.create();
  private Optional<Process> agent = Optional.empty();
  private Shim shim;

  @BeforeEach
  void aNodeWithAnAgent() throws Exception {
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      var pair = new LinkKind.VethPair("far", MacAddress.local(2), 1500, Optional.empty());
      kernel.execute(
          Links.create(Links.Spec.of("eth0", pair).mac(MacAddress.local(1)).mtu(1500).upAtOnce()));
      int index = kernel.link("eth0").orElseThrow().index();
      kernel.execute(Links.up(kernel.link("far").orElseThrow().index()));
      kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("192.0.2.1/24")));
      kernel.execute(
          Route.via(Cidr.ALL_V4, IpAddress.parse("192.0.2.2"), index, false, Route.RTPROT_BOOT)
              .replace());
    }
    Files.writeString(
        directory.resolve("net-conf.json"),
        "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"host-gw\"}}");
    shim =
        new Shim(Files.createDirectories(directory.resolve("shim")))
            .with("DENIM_CNI_SOCKET", directory.resolve("cni.sock").toString())
            .with("DENIM_CNI_JOURNAL", directory.resolve("data/journal").toString())
            .with("CNI_PATH", "/opt/cni/bin")
            .with("CNI_CONTAINERID", "c1")
            .with("CNI_IFNAME", "eth0")
            .with("CNI_NETNS", container.path().toString());
    start();
  }

  @AfterEach
  void gone() throws Exception {
    kill();
    container.close();
    node.close();
  }

  private void start() throws Exception {
    agent =
        Optional.of(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.denim.cli.Main",
                    "agent",
                    "--netns=" + node.path(),
                    "--node-name=n1",
                    "--data-dir=" + directory.resolve("data"),
                    "--subnet-file=" + directory.resolve("subnet.env"),
                    "--socket=" + directory.resolve("agent.sock"),
                    "--cni-socket=" + directory.resolve("cni.sock"),
                    "--cni-data-dir=" + directory.resolve("networks"),
                    "-net-config-path=" + directory.resolve("net-conf.json"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
                .start());
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> shim.call("STATUS", CONFIG).code() == 0);
  }

  private void kill() throws Exception {
    agent.orElseThrow().destroyForcibly();
    assertThat(agent.orElseThrow().waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void assertDone(Outcome outcome) {
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.code()).isZero();
  }

  private static int error(Outcome outcome) {
    assertThat(outcome.code()).isEqualTo(1);
    return outcome.json().get("code").asInt();
  }

  private static String behind(Outcome added) {
    ObjectNode config = (ObjectNode) JsonMapper.shared().readTree(CONFIG);
    config.set("prevResult", added.json());
    return config.toString();
  }

  private static String keeping(String list) {
    return CONFIG.substring(0, CONFIG.length() - 1)
        + ",\"cni.dev/valid-attachments\":"
        + list
        + "}";
  }

  private List<String> names(String folder) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(folder))) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private boolean isAttached() {
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      return inside.link("eth0").isPresent();
    }
  }

  @Test
  void eachVerbDoesItsWork() throws Exception {
    Outcome added = shim.call("ADD", CONFIG);

    assertThat(added.code()).as(added.out()).isZero();
    assertThat(added.json().get("interfaces").get(2).get("sandbox").asString())
        .isEqualTo(container.path().toString());
    assertThat(isAttached()).isTrue();
    assertThat(error(shim.call("ADD", CONFIG))).isEqualTo(101);
    assertDone(shim.call("CHECK", behind(added)));
    assertDone(shim.call("GC", keeping("[{\"containerID\":\"c1\",\"ifname\":\"eth0\"}]")));
    assertDone(shim.call("CHECK", behind(added)));
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      inside.execute(Links.mtu(inside.link("eth0").orElseThrow().index(), 1300));
    }
    assertThat(error(shim.call("CHECK", behind(added)))).isEqualTo(100);
    assertDone(shim.call("DEL", behind(added)));
    assertDone(shim.call("DEL", CONFIG));
    assertThat(error(shim.call("CHECK", behind(added)))).isEqualTo(3);
    assertThat(names("data/attachments")).isEmpty();
    assertThat(shim.call("ADD", CONFIG).code()).isZero();
    assertDone(shim.call("GC", keeping("[]")));
    assertThat(names("data/attachments")).isEmpty();
  }

  @Test
  void aNamespaceThatIsGoneIsSaidByAddAndNoObstacleToDel() throws Exception {
    assertThat(shim.call("ADD", CONFIG).code()).isZero();
    shim.with("CNI_NETNS", directory.resolve("no-such-namespace").toString());

    assertDone(shim.call("DEL", CONFIG));

    assertThat(names("data/attachments")).isEmpty();
    assertThat(error(shim.call("ADD", CONFIG))).isEqualTo(3);
    shim.with("CNI_NETNS", directory.resolve("net-conf.json").toString());
    assertThat(error(shim.call("ADD", CONFIG))).isEqualTo(8);
    shim.with("CNI_NETNS", node.path().toString());
    assertThat(error(shim.call("ADD", CONFIG))).isEqualTo(8);
  }

  @Test
  void aDelWhileTheAgentIsAwayIsDoneWhenItIsBack() throws Exception {
    assertThat(shim.call("ADD", CONFIG).code()).isZero();
    kill();

    assertDone(shim.call("DEL", CONFIG));
    assertThat(error(shim.call("STATUS", CONFIG))).isEqualTo(50);
    assertThat(error(shim.call("ADD", CONFIG))).isEqualTo(11);
    assertThat(names("data/journal")).containsExactly("c1:eth0");
    start();

    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          assertThat(names("data/journal")).isEmpty();
          assertThat(names("data/attachments")).isEmpty();
          assertThat(isAttached()).isFalse();
        });
  }

  @Test
  void aContainerOutlivesItsAgent() throws Exception {
    Outcome added = shim.call("ADD", CONFIG);
    kill();
    start();

    assertDone(shim.call("CHECK", behind(added)));
    assertDone(shim.call("DEL", CONFIG));
  }
}
