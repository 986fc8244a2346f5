package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.ns.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code denim bgp run} as a service: a process that is sent signals. */
class BgpRunIT {
  @TempDir private Path directory;
  private final Namespace network = Namespace.create();
  private Optional<Process> running = Optional.empty();

  @AfterEach
  void gone() {
    running.ifPresent(Process::destroyForcibly);
    network.close();
  }

  private void awaitLog(String words) {
    Awaitility.await(words)
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(log()).contains(words));
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }

  private static void signal(Process router, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, "" + router.pid()).start().waitFor();
  }

  @Test
  void sighupReadsTheFileAgainAndSigtermEnds() throws Exception {
    Path file = directory.resolve("r.yaml");
    Files.writeString(file, "as: 64512\nrouter-id: 10.0.0.1\nlisten: []\n");
    ProcessBuilder command =
        new ProcessBuilder(
                "env",
                "--default-signal=HUP",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.denim.cli.Main",
                "bgp",
                "run",
                "" + file)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    Process router = network.call(command::start);
    running = Optional.of(router);
    awaitLog("the router runs: ");

    signal(router, "HUP");
    awaitLog("SIGHUP: file=" + file + " nothing has changed");
    Files.writeString(file, "as: 64512\nrouter-id: 10.0.0.1\nlisten: []\npears: []\n");
    signal(router, "HUP");
    awaitLog("pears: ");
    boolean runs = router.isAlive();
    signal(router, "TERM");

    assertThat(runs).isTrue();
    assertThat(router.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(router.exitValue()).isZero();
  }
}
