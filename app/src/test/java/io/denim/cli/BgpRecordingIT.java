package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.mrt.MrtReader;
import io.denim.bgp.mrt.MrtRecord;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.router.PeerSummary;
import io.denim.router.Router;
import io.denim.router.RouterClient;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code denim bgp capture} and {@code denim bgp dump} of a router that has a session. */
@Timeout(120)
class BgpRecordingIT {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private final Namespace network = Namespace.create();
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void twoRoutersHaveASession() {
    try (Rtnetlink kernel = Rtnetlink.open(network)) {
      kernel.execute(Links.up(kernel.link("lo").orElseThrow().index()));
    }
    start("one", 1, 2, "routes: [{prefix: 10.1.1.0/24, next-hop: 10.9.9.9}]");
    start("two", 2, 1, "routes: [{prefix: 'fd00:1::/64', next-hop: 'fd00::9', med: 7}]");
    await().atMost(LONG).until(() -> new RouterClient(control("two")).peers().getFirst().in() == 1);
  }

  @AfterEach
  void gone() throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
    }
    network.close();
  }

  private void start(String name, int self, int other, String more) {
    try {
      Path file =
          Files.writeString(
              directory.resolve(name + ".yaml"),
              """
              as: 64512
              router-id: 10.0.0.%1$d
              listen: [{address: 127.0.0.%1$d, port: 1790}]
              control: %3$s
              peers:
                - {name: peer, address: 127.0.0.%2$d, port: 1790, local-address: 127.0.0.%1$d,
                   as: 64512, connect-retry: 1, families: [ipv4, ipv6]}
              %4$s
              """
                  .formatted(self, other, control(name), more));
      running.push(
          network.call(() -> Router.start(file, false, InstantSource.system(), new Random(self))));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path control(String name) {
    return directory.resolve(name + ".sock");
  }

  private int denim(String... words) {
    PrintWriter to = new PrintWriter(err);
    return Main.run(List.of(words), Map.of(), new RealActions(to, to), to, to);
  }

  private static List<MrtRecord> read(Path file) throws IOException {
    List<MrtRecord> all = new ArrayList<>();
    try (MrtReader reader = new MrtReader(new BufferedInputStream(Files.newInputStream(file)))) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        all.add(next.get());
      }
      assertThat(reader.truncatedAt()).isEmpty();
      assertThat(reader.skipped()).isZero();
    }
    return all;
  }

  /** Types and subtypes, by the lengths alone as other readers walk a file. */
  private static List<String> kinds(Path file) throws IOException {
    List<String> kinds = new ArrayList<>();
    ByteBuffer octets = ByteBuffer.wrap(Files.readAllBytes(file));
    while (octets.hasRemaining()) {
      int _ = octets.getInt();
      kinds.add(octets.getShort() + "/" + octets.getShort());
      octets.position(octets.position() + 4 + octets.getInt(octets.position()));
    }
    return kinds;
  }

  @Test
  void aCaptureOfSoManyRecordsBeginsWithTheOpensOfTheSession() throws IOException {
    Path file = directory.resolve("two.mrt");

    int code =
        denim(
            "bgp",
            "capture",
            "" + file,
            "--control",
            "" + control("two"),
            "--peer",
            "peer",
            "--count",
            "3");

    assertThat(code).as(err::toString).isZero();
    assertThat(kinds(file)).containsExactly("17/7", "17/4", "17/5");
    assertThat(read(file).get(1))
        .isInstanceOfSatisfying(
            MrtRecord.Message.class,
            message -> {
              assertThat(message.type()).isEqualTo(1);
              assertThat(message.form().sent()).isFalse();
              assertThat(message.session().peer()).isEqualTo(IpAddress.parse("127.0.0.1"));
            });
    assertThat(err.toString()).endsWith("3 records, " + Files.size(file) + " octets\n");
  }

  @Test
  void aCaptureEndsAfterAWhileAndOfNobodyItSaysSo() throws IOException {
    Path file = directory.resolve("short.mrt");

    int code = denim("bgp", "capture", "" + file, "--control", "" + control("two"), "--for", "3");
    int wrong =
        denim("bgp", "capture", "" + file, "--control", "" + control("two"), "--peer", "nobody");

    assertThat(code).as(err::toString).isZero();
    assertThat(read(file)).hasSizeGreaterThanOrEqualTo(3);
    assertThat(wrong).isEqualTo(1);
    assertThat(err.toString()).contains("denim: no peer is called \"nobody\"; there are peer");
  }

  @Test
  void ctrlCLeavesAWholeFile() throws Exception {
    Path file = directory.resolve("all.mrt");
    Process capture =
        // What runs in the background of a shell has SIGINT ignored, and so has what it starts.
        new ProcessBuilder(
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.denim.cli.Main",
                "bgp",
                "capture",
                "" + file,
                "--control",
                "" + control("two"))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    running.push(capture::destroyForcibly);
    await().atMost(LONG).until(() -> Files.exists(file) && read(file).size() >= 3);

    new ProcessBuilder("kill", "-INT", "" + capture.pid()).start().waitFor();

    assertThat(capture.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(capture.exitValue()).isZero();
    assertThat(Files.readString(directory.resolve("log")))
        .endsWith("records, " + Files.size(file) + " octets\n");
  }

  @Test
  void aDumpHasTheRoutesAsTheyCameAndTheRoutersOwn() throws IOException {
    Path file = directory.resolve("table.mrt");

    int code = denim("bgp", "dump", "" + file, "--control", "" + control("two"));

    assertThat(code).as(err::toString).isZero();
    assertThat(kinds(file)).containsExactly("13/1", "13/2", "13/4");
    List<MrtRecord> records = read(file);
    assertThat(((MrtRecord.Peers) records.getFirst()).peers())
        .containsExactly(
            new MrtRecord.Peer(IpAddress.parse("10.0.0.2"), IpAddress.parse("10.0.0.2"), 64512),
            new MrtRecord.Peer(IpAddress.parse("10.0.0.1"), IpAddress.parse("127.0.0.1"), 64512));
    MrtRecord.Routes theirs = (MrtRecord.Routes) records.get(1);
    assertThat(theirs.prefix()).isEqualTo(Cidr.parse("10.1.1.0/24"));
    assertThat(theirs.entries()).extracting(MrtRecord.Entry::peer).containsExactly(1);
    assertThat(theirs.entries().getFirst().attributes().toString()).contains("4003040a090909");
    MrtRecord.Routes ours = (MrtRecord.Routes) records.get(2);
    assertThat(ours.prefix()).isEqualTo(Cidr.parse("fd00:1::/64"));
    assertThat(ours.entries()).extracting(MrtRecord.Entry::peer).containsExactly(0);
    assertThat(ours.entries().getFirst().attributes().toString())
        .as("MP_REACH_NLRI with nothing but the next hop")
        .contains("800e1110fd000000000000000000000000000009");
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(new RouterClient(control("two")).peers())
                .extracting(PeerSummary::out)
                .containsExactly(1L));
  }
}
