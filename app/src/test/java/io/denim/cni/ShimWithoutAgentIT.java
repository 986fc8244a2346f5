package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.Shim.Outcome;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shim where there is no agent, or none is needed. */
class ShimWithoutAgentIT {
  @TempDir Path directory;
  private Shim shim;

  @BeforeEach
  void takeTheProgram() throws Exception {
    shim = new Shim(directory).with("DENIM_CNI_WAIT", "1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"})
  void theVersionsAreToldInTheVersionThatWasAskedIn(String version) throws Exception {
    Outcome outcome = shim.call("VERSION", "{ \"cniVersion\" : \"" + version + "\" }");

    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                0,
                "{\"cniVersion\":\""
                    + version
                    + "\",\"supportedVersions\":[\"0.1.0\",\"0.2.0\",\"0.3.0\",\"0.3.1\","
                    + "\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n",
                ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"cniVersion\"",
        "{\"cniVersion\":",
        "{\"cniVersion\":\"",
        "{\"cniVersion\":\"0.4.0",
        "{\"cniVersion\":\"\"}",
        "{\"cniVersion\":7}",
        "{\"cniVersion\":\"0.4\\\"\"}",
        "{\"cniVersion\":\"0.4\0\"}",
        "{\"cniVersion\":\"0123456789012345678901234567890123\"}",
      })
  void aVersionThatCannotBeReadIsTheNewest(String stdin) throws Exception {
    assertThat(shim.call("VERSION", stdin).json().get("cniVersion").asString()).isEqualTo("1.1.0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void runByHandItSaysWhatItIs(boolean empty) throws Exception {
    Outcome outcome = empty ? shim.call("", "") : shim.run(new byte[0]);

    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err())
        .matches(
            """
            denim-cni \\d+\\.\\d+\\.\\d+, the CNI plugin of Denim; container runtimes call it\\.
            CNI versions: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0
            """);
  }

  @ParameterizedTest
  @CsvSource({"ADD, 11", "CHECK, 11", "GC, 11", "STATUS, 50"})
  void anAgentThatIsDownIsToTryAgainLater(String verb, int code) throws Exception {
    Outcome outcome =
        shim.call(verb, "{\"name\":\"x\",\"cniVersion\":\"0.3.1\"}").assertError(code);

    assertThat(outcome.json().get("cniVersion").asString()).isEqualTo("0.3.1");
    assertThat(outcome.json().get("msg").asString()).isEqualTo("Denim's agent is not there");
    assertThat(outcome.json().get("details").asString())
        .isEqualTo(
            "cannot connect to "
                + shim.socket()
                + ": No such file or directory; see that \"denim agent\" runs on this node and"
                + " what it logs, then try again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ADD", "STATUS"})
  void anAgentThatComesBackMeanwhileAnswers(String verb) throws Exception {
    shim.with("DENIM_CNI_WAIT", "20");
    var call = new FutureTask<>(() -> shim.call(verb, "{}"));
    Thread.startVirtualThread(call);
    Thread.sleep(300);
    try (var _ = new FakeAgent(shim.socket(), FakeAgent.answering(0, "there"))) {
      assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo(new Outcome(0, "there", ""));
    }
  }

  @Test
  void aSocketThatADeadAgentLeftIsAnAgentThatIsDown() throws Exception {
    var address = UnixDomainSocketAddress.of(shim.socket());
    ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address).close();

    assertThat(shim.call("ADD", "{}").assertError(11).json().get("details").asString())
        .contains("Connection refused");
  }

  @Test
  void anAgentThatHasNoRoomForMoreIsToTryAgainLater() throws Exception {
    var address = UnixDomainSocketAddress.of(shim.socket());
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address, 1);
      try (var _ = SocketChannel.open(address);
          var _ = SocketChannel.open(address)) {
        assertThat(shim.call("ADD", "{}").assertError(11).json().get("details").asString())
            .contains("Resource temporarily unavailable");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/no\"where\\\tü", "/x123456789"})
  void aPathOfAnyKindIsToldInJson(String piece) throws Exception {
    String path = piece.repeat(20);

    Outcome outcome = shim.with("DENIM_CNI_SOCKET", path).call("ADD", "{}").assertError(11);

    String asOctets =
        new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    assertThat(outcome.json().get("details").asString())
        .startsWith("cannot connect to " + asOctets + ": Filename too long;");
  }

  @Test
  void aDelIsJournalledAsItWouldHaveBeenSent() throws Exception {
    shim.with("CNI_CONTAINERID", "c0ffee").with("CNI_IFNAME", "eth0").with("CNI_NETNS", "/gone");
    byte[] stdin = "{\"name\":\"é\0\"}".getBytes(StandardCharsets.ISO_8859_1);
    String sent;
    try (var agent = new FakeAgent(shim.socket(), FakeAgent.answering(0, ""))) {
      shim.call("DEL", stdin);
      sent = agent.request().payload();
    }

    Outcome outcome = shim.call("DEL", stdin);

    assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
    Path entry = shim.journal().resolve("c0ffee:eth0");
    assertThat(Files.readString(entry, StandardCharsets.ISO_8859_1)).isEqualTo(sent);
    assertThat(entries()).containsExactly("c0ffee:eth0");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(entry)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shim.journal())))
        .isEqualTo("rwx------");
  }

  private List<String> entries() throws Exception {
    try (Stream<Path> files = Files.list(shim.journal())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aDelThatIsRepeatedIsOneEntry() throws Exception {
    shim.with("CNI_CONTAINERID", "c").with("CNI_IFNAME", "eth0");
    shim.call("DEL", "first");
    shim.call("DEL", "second");
    shim.with("CNI_IFNAME", "net1").call("DEL", "third");

    assertThat(entries()).containsExactly("c:eth0", "c:net1");
    assertThat(Files.readString(shim.journal().resolve("c:eth0"))).endsWith("\0\0second");
  }

  @Test
  void anAgentThatComesUpMeanwhileGetsTheDelAfterItIsJournalled() throws Exception {
    shim.with("CNI_CONTAINERID", "c").with("CNI_IFNAME", "eth0");
    var journalled = new AtomicBoolean();
    try (var agent =
        new FakeAgent(
            shim.socket(),
            FakeAgent.closing(),
            (agent_, connection) -> {
              journalled.set(Files.exists(shim.journal().resolve("c:eth0")));
              FakeAgent.answering(0, "").meet(agent_, connection);
            })) {
      assertThat(shim.call("DEL", "{}")).isEqualTo(new Outcome(0, "", ""));

      assertThat(agent.request().variables()).containsEntry("CNI_COMMAND", "DEL");
      assertThat(journalled).isTrue();
    }
  }

  @Test
  void anAgentThatDiesOfADelTwiceLeavesItJournalled() throws Exception {
    shim.with("CNI_CONTAINERID", "c").with("CNI_IFNAME", "eth0");
    try (var _ = new FakeAgent(shim.socket(), FakeAgent.dyingAtWork(), FakeAgent.dyingAtWork())) {
      assertThat(shim.call("DEL", "{}")).isEqualTo(new Outcome(0, "", ""));

      assertThat(entries()).containsExactly("c:eth0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../c", "a/b", ".c", "a:b", "a b", "ä"})
  void aContainerThatCannotBeAFileIsNotJournalled(String container) throws Exception {
    shim.with("CNI_CONTAINERID", container).with("CNI_IFNAME", "eth0");

    assertThat(shim.call("DEL", "{}").assertError(4).json().get("msg").asString())
        .isEqualTo("invalid CNI_CONTAINERID");
    assertThat(shim.journal()).doesNotExist();
  }

  @Test
  void aContainersNameHasItsLongest() throws Exception {
    shim.with("CNI_IFNAME", "i".repeat(15));

    assertThat(shim.with("CNI_CONTAINERID", "c".repeat(200)).call("DEL", "{}").code()).isZero();
    shim.with("CNI_CONTAINERID", "c".repeat(201)).call("DEL", "{}").assertError(4);
    assertThat(entries()).containsExactly("c".repeat(200) + ":" + "i".repeat(15));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "../eth0", "a:b", "a b", "a\tb", "sixteen-letters-"})
  void anInterfaceThatCannotBeAFileIsNotJournalled(String name) throws Exception {
    shim.with("CNI_CONTAINERID", "c").with("CNI_IFNAME", name);

    Outcome outcome = shim.call("DEL", "{}").assertError(4);

    assertThat(outcome.json().get("msg").asString()).isEqualTo("invalid CNI_IFNAME");
    assertThat(outcome.json().get("details").asString()).endsWith("got \"" + name + "\"");
    assertThat(shim.journal()).doesNotExist();
  }

  @Test
  void aJournalThatCannotBeWrittenFailsTheDel() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    shim.with("CNI_CONTAINERID", "c").with("CNI_IFNAME", "eth0");

    Outcome outcome =
        shim.with("DENIM_CNI_JOURNAL", file + "/journal").call("DEL", "{}").assertError(5);

    assertThat(outcome.json().get("details").asString())
        .isEqualTo("cannot write to " + file + "/journal: Not a directory");
  }
}
