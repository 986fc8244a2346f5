package io.denim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a person calls them, in a folder of their own, so that two runs do not meet. */
class DemoIT {
  @TempDir Path runtime;

  private record Result(int code, String text) {}

  private Result denim(String... words) throws IOException, InterruptedException {
    Process process = start(words);
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Result(process.waitFor(), text);
  }

  private Process start(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.denim.cli.Main"));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("XDG_RUNTIME_DIR", runtime.toString());
    builder.environment().put("DENIM_ENTERED", "1");
    return builder.start();
  }

  @Test
  void theDemoShowsWhoReachesWhomAndAMasqueradedPacketAndTakesTheLabDown() throws Exception {
    Result demo = denim("demo");
    assertThat(demo.text())
        .contains("56 of 56 reached")
        .contains("the address of node n1: masqueraded; answered in")
        .contains("The lab is down again");
    assertThat(demo.code()).isZero();
    assertThat(denim("lab", "status").text()).contains("no lab is up");
  }

  @Test
  void aLabIsStartedLookedAtEnteredAndTakenDown() throws Exception {
    assertThat(denim("lab", "up").code()).isZero();
    try {
      assertThat(denim("lab", "up").text()).contains("lab demo is up already");
      assertThat(denim("lab", "status", "-o", "json").text())
          .contains("\"peer\" : \"n3\"")
          .contains("192.168.2.11 is in another subnet");
      assertThat(denim("lab", "ping", "n1-p1", "n4-p2").text()).contains("vxlan").contains(" ms");
      assertThat(denim("lab", "exec", "n1-p1", "cat", "/proc/net/dev").text()).contains("eth0");
      Path file = runtime.resolve("n1.pcap");
      Process capturing = start("lab", "capture", "n1", "-i", "eth0", "-c", "40");
      Process recording = start("lab", "capture", "n1", "-i", "eth0", "-c", "40", "-w", "" + file);
      Awaitility.await()
          .pollInSameThread()
          .atMost(Duration.ofSeconds(60))
          .until(() -> {
            // More than the few packets by which IPv6 looks for routers.
            denim("lab", "ping", "n1-p1", "n4-p2", "-c", "20");
            return !capturing.isAlive() && !recording.isAlive();
          });
      String lines = new String(capturing.getInputStream().readAllBytes(), UTF_8);
      assertThat(lines)
          .contains(" eth0 out ", "ip 192.168.1.11 > 192.168.2.12 ttl 64; udp ", "; vxlan 1; eth ")
          .contains("; icmp echo request ");
      assertThat(file).isNotEmptyFile();
      assertThat(denim("lab", "capture", "n1", "-i", "eth7").text())
          .contains("n1 has no device eth7; present: [cni0, eth0, flannel.1, lo, ");
      Result wrong = denim("lab", "exec", "n9", "true");
      assertThat(wrong.text()).contains("nothing in lab demo is called n9; present: [r1, n1");
      assertThat(wrong.code()).isEqualTo(1);
    } finally {
      assertThat(denim("lab", "down").text()).contains("lab demo is down");
    }
  }

  @Test
  void twoLabsOfOneFileAreUpUnderDifferentNames() throws Exception {
    Path file = Files.writeString(runtime.resolve("lab.yaml"), "{name: one, nodes: 1}");
    assertThat(denim("lab", "up", "" + file).code()).isZero();
    try {
      Result other = denim("lab", "up", "--name", "two", "" + file);
      assertThat(other.text()).contains("lab two is up: 1 nodes, 2 pods");
      assertThat(denim("lab", "ping").text())
          .contains("several labs are up: [one, two]; name one with --lab");
      assertThat(denim("lab", "ping", "--lab", "two", "n1-p1", "outside").text()).contains(" ms");
      assertThat(denim("lab", "down", "--lab", "two").text()).contains("lab two is down");
    } finally {
      assertThat(denim("lab", "down").text()).contains("lab one is down");
    }
  }
}
