package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.FakeAgent.Request;
import io.denim.cni.Shim.Outcome;
import io.denim.linux.Descriptor;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shim between a runtime and an agent that is there. */
class ShimIT {
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path directory;
  private Shim shim;

  @BeforeEach
  void takeTheProgram() throws Exception {
    shim = new Shim(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ADD", "CHECK", "DEL", "GC", "STATUS", "NONSENSE"})
  void aCallReachesTheAgentWithItsNamespaceAndTheAnswerComesBack(String verb) throws Exception {
    try (Namespace pod = Namespace.create();
        var agent = new FakeAgent(shim.socket(), FakeAgent.answering(0, "{\"ips\":[]}\n"))) {
      Map<String, String> variables =
          Map.of(
              "CNI_COMMAND", verb,
              "CNI_CONTAINERID", "c0ffee",
              "CNI_NETNS", pod.path().toString(),
              "CNI_IFNAME", "eth0",
              "CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAME=web",
              "CNI_PATH", "/opt/cni/bin:/usr/lib/cni",
              "CNI_NETNS_OVERRIDE", "1");
      variables.forEach(shim::with);
      shim.with("CNI_OTHER", "no").with("PATH", "/bin");

      Outcome outcome = shim.call(verb, "{\"cniVersion\":\"1.1.0\"}");

      assertThat(outcome).isEqualTo(new Outcome(0, "{\"ips\":[]}\n", ""));
      Request request = agent.request();
      assertThat(request.words()).isEqualTo(variables);
      assertThat(request.stdin()).isEqualTo("{\"cniVersion\":\"1.1.0\"}");
      assertThat(request.namespace()).hasValue(pod.inode());
    }
  }

  @Test
  void whatIsDoneInsideANamespaceComesOpenedThere() throws Exception {
    try (Namespace pod = Namespace.create();
        var agent = new FakeAgent(shim.socket(), FakeAgent.answering(0, ""))) {
      shim.with("CNI_NETNS", pod.path().toString()).call("ADD", "{}");

      Request came = agent.request();
      assertThat(came.descriptors()).containsOnlyKeys("netns", "route", "ipv6");
      try (Namespace adopted =
              Namespace.adopt(
                  came.descriptor("netns"),
                  Optional.of(came.descriptor("route")),
                  Optional.of(came.descriptor("ipv6")));
          Rtnetlink outside = Rtnetlink.open(adopted);
          Rtnetlink inside = Rtnetlink.open(pod)) {
        outside.execute(Links.up(1));
        Sysctl.of(adopted).write("net/ipv6/conf/lo/accept_dad", "7");

        assertThat(inside.link(1).orElseThrow().up()).isTrue();
        assertThat(Sysctl.of(pod).read("net/ipv6/conf/lo/accept_dad")).contains("7");
      }
    }
  }

  /** The agent of flannel's DaemonSet has /run/flannel of the node and nothing else. */
  @Test
  void anAgentInAContainerIsHandedFoldersOfTheNodeWithoutAWayOutOfThem() throws Exception {
    try (var agent = new FakeAgent(shim.socket(), FakeAgent.answering(0, "{}"))) {
      String node =
          """
          set -e
          mount -t tmpfs run /run
          mkdir -p /run/flannel/denim /run/lib
          mount --bind %s /run/flannel/denim
          mount --bind /run/lib /var/lib
          exec env -i CNI_COMMAND=STATUS CNI_PATH=/opt/cni/bin %s </dev/null
          """
              .formatted(directory, directory.resolve("denim-cni"));
      Process process = new ProcessBuilder("unshare", "--mount", "sh", "-c", node).start();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .as(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("{}");

      Request came = agent.request();
      assertThat(came.descriptors()).containsOnlyKeys("cni", "net");
      try (Descriptor cni = came.descriptor("cni");
          Descriptor net = came.descriptor("net")) {
        Path folder = cni.path();
        Files.createDirectories(folder.resolve("networks/cbr0"));
        assertThat(folder.resolve("networks/cbr0")).isDirectory();
        assertThat(Files.getAttribute(folder.resolve(".."), "unix:ino"))
            .isEqualTo(Files.getAttribute(folder.resolve("."), "unix:ino"));
        assertThat(folder.resolve("../../../etc")).doesNotExist();
        assertThat(net.path().resolve("ipv4/ip_forward")).isRegularFile();
        assertThat(net.path().resolve("../kernel")).doesNotExist();
      }
    }
  }

  @Test
  void whatIsNotSetIsNotSent() throws Exception {
    try (var agent = new FakeAgent(shim.socket(), FakeAgent.answering(0, ""))) {
      Outcome outcome = shim.with("CNI_ARGS", "").call("STATUS", "");

      assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
      Request request = agent.request();
      assertThat(request.payload()).isEqualTo("CNI_COMMAND=STATUS\0CNI_ARGS=\0\0");
      assertThat(request.namespace()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"/nowhere, 2", "'', 2", "/dev/null/x, 20"})
  void whyANamespaceCannotBeOpenedIsSent(String path, String errno) throws Exception {
    try (var agent = new FakeAgent(shim.socket(), FakeAgent.answering(0, ""))) {
      shim.with("CNI_NETNS", path).call("ADD", "{}");

      Request request = agent.request();
      assertThat(request.variables())
          .containsEntry("CNI_NETNS", path)
          .containsEntry("DENIM_NETNS_ERRNO", errno);
      assertThat(request.namespace()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 255})
  void theAnswersExitCodeIsTheShims(int code) throws Exception {
    try (var _ = new FakeAgent(shim.socket(), FakeAgent.answering(code, "{\"code\":7}"))) {
      assertThat(shim.call("ADD", "{}")).isEqualTo(new Outcome(code, "{\"code\":7}", ""));
    }
  }

  @Test
  void stdinIsPassedOctetByOctet() throws Exception {
    byte[] stdin = new byte[MEBIBYTE];
    for (int i = 0; i < stdin.length; i++) {
      stdin[i] = (byte) (i * 31 + i / 256);
    }
    String large = "x".repeat(MEBIBYTE);
    try (var agent = new FakeAgent(shim.socket(), FakeAgent.answering(0, large))) {
      Outcome outcome = shim.call("ADD", stdin);

      assertThat(outcome.out()).isEqualTo(large);
      assertThat(agent.request().stdin()).isEqualTo(new String(stdin, StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void aConfigurationOfMoreThanAMebibyteIsNotSent() throws Exception {
    try (var _ = new FakeAgent(shim.socket(), FakeAgent.answering(0, ""))) {
      byte[] stdin = new byte[MEBIBYTE + 1];
      Arrays.fill(stdin, (byte) ' ');

      for (String verb : new String[] {"ADD", "DEL"}) {
        assertThat(shim.call(verb, stdin).assertError(6).json().get("details").asString())
            .isEqualTo("it has at most 1048576 octets (1 MiB)");
      }
    }
  }

  @Test
  void variablesThatAreTooLongAreNotSent() throws Exception {
    try (var _ = new FakeAgent(shim.socket(), FakeAgent.answering(0, ""))) {
      shim.with("CNI_ARGS", "x".repeat(65_536));

      Outcome outcome = shim.call("ADD", "{\"cniVersion\":\"0.4.0\"}").assertError(4);

      assertThat(outcome.json().get("cniVersion").asString()).isEqualTo("0.4.0");
      assertThat(outcome.json().get("details").asString()).contains("at most 65536 octets");
    }
  }

  @ParameterizedTest
  @CsvSource({"ADD, 11", "CHECK, 11", "GC, 11", "STATUS, 50"})
  void anAgentThatClosesEarlyIsToTryAgainLater(String verb, int code) throws Exception {
    try (var _ = new FakeAgent(shim.socket(), FakeAgent.closing(), FakeAgent.dyingAtWork())) {
      for (int i = 0; i < 2; i++) {
        assertThat(shim.call(verb, "{}").assertError(code).json().get("details").asString())
            .startsWith("it closed the connection without an answer at " + shim.socket());
      }
    }
  }

  @Test
  void anAgentThatSaysNothingIsWaitedForOnlySoLong() throws Exception {
    try (var _ = new FakeAgent(shim.socket(), FakeAgent.silent(), FakeAgent.silent())) {
      shim.with("DENIM_CNI_WAIT", "1").with("CNI_CONTAINERID", "c").with("CNI_IFNAME", "eth0");

      assertThat(shim.call("ADD", "{}").assertError(11).json().get("details").asString())
          .startsWith("it did not answer in time at " + shim.socket());
      assertThat(shim.call("DEL", "{}")).isEqualTo(new Outcome(0, "", ""));
      assertThat(shim.journal().resolve("c:eth0")).exists();
    }
  }

  /** Lengths, most significant octet first, and what follows them. */
  @ParameterizedTest
  @ValueSource(
      strings = {"00000000", "ffffffff", "7fffffff00", "00110001007b7d", "000000", "00000003007b"})
  void anAnswerThatIsNoFrameIsNotPrinted(String octets) throws Exception {
    var address = UnixDomainSocketAddress.of(shim.socket());
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address)) {
      Thread agent = Thread.ofPlatform().start(() -> answer(server, octets));

      Outcome outcome = shim.call("ADD", "{}").assertError(11);

      assertThat(outcome.json().get("msg").asString()).isEqualTo("Denim's agent gave no answer");
      agent.join();
    }
  }

  private static void answer(ServerSocketChannel server, String octets) {
    try (SocketChannel connection = server.accept()) {
      ByteBuffer request = ByteBuffer.allocate(4 + "CNI_COMMAND=ADD\0\0{}".length());
      while (request.hasRemaining()) {
        connection.read(request);
      }
      connection.write(ByteBuffer.wrap(HexFormat.of().parseHex(octets)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDelThatTheAgentAnswersIsNotJournalled() throws Exception {
    try (var _ = new FakeAgent(shim.socket(), FakeAgent.answering(0, ""))) {
      shim.with("CNI_CONTAINERID", "c").with("CNI_IFNAME", "eth0").call("DEL", "{}");

      assertThat(Files.exists(shim.journal())).isFalse();
    }
  }
}
