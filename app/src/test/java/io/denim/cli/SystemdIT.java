package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** packaging/denim.service, as it stands, under a systemd of its own. */
class SystemdIT {
  private static final Path UNIT = Path.of("../packaging/denim.service");
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /** What every unit with default dependencies wants to be there. */
  private static final List<String> TARGETS =
      List.of("sysinit.target", "basic.target", "shutdown.target", "network-online.target");

  @TempDir Path folder;

  private Path cgroup = Path.of("/nonexistent");
  private List<Process> systemd = List.of();

  @BeforeEach
  void aMachineBoots() throws IOException {
    Path units = Files.createDirectories(folder.resolve("units"));
    for (String target : TARGETS) {
      Files.writeString(units.resolve(target), "[Unit]\nDefaultDependencies=no\n");
    }
    Files.writeString(units.resolve("multi-user.target"), "[Unit]\nDefaultDependencies=no\n");
    Files.copy(UNIT, units.resolve("denim.service"));
    enable(units);
    // Shorter, so that the test is; and a log that can be read from outside.
    Path more = Files.createDirectories(units.resolve("denim.service.d"));
    Files.writeString(
        more.resolve("test.conf"),
        "[Service]\nWatchdogSec=10\nRestartSec=0\nStandardError=append:" + log() + "\n");
    Files.writeString(
        folder.resolve("net-conf.json"),
        "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"}}");
    String classPath = System.getProperty("java.class.path");
    Path java = Path.of(System.getProperty("java.home"));
    Path denim = folder.resolve("denim");
    Files.writeString(
        denim,
        "#!/bin/sh\nexec '%s' --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -cp '%s' io.denim.cli.Main \"$@\"\n"
            .formatted(java.resolve("bin/java"), classPath));
    assertThat(denim.toFile().setExecutable(true)).isTrue();
    boot(java, classPath);
  }

  /** As systemctl enable does. */
  private static void enable(Path units) throws IOException {
    Path wants = Files.createDirectories(units.resolve("multi-user.target.wants"));
    Files.createSymbolicLink(wants.resolve("denim.service"), Path.of("../denim.service"));
  }

  private void boot(Path java, String classPath) throws IOException {
    Path script = folder.resolve("systemd.sh");
    try (InputStream in =
        Objects.requireNonNull(SystemdIT.class.getResourceAsStream("systemd.sh"))) {
      Files.copy(in, script);
    }
    assertThat(script.toFile().setExecutable(true)).isTrue();
    cgroup = Files.createTempDirectory(cgroups(), "denim-systemd-");
    List<String> command = new ArrayList<>();
    command.addAll(List.of(script.toString(), cgroup.toString(), folder.toString()));
    command.add(java.toString());
    command.addAll(List.of(classPath.split(File.pathSeparator, -1)));
    systemd =
        List.of(
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("boot.log").toFile())
                .start());
  }

  /** Where this machine has the hierarchy of cgroup2. */
  private static Path cgroups() throws IOException {
    return Files.readAllLines(Path.of("/proc/mounts")).stream()
        .map(line -> line.split(" "))
        .filter(words -> words[2].equals("cgroup2"))
        .map(words -> Path.of(words[1]))
        .findFirst()
        .orElseThrow(() -> new AssertionError("this machine has no cgroup2 file system mounted"));
  }

  @AfterEach
  void andIsGone() throws IOException {
    for (Process each : systemd) {
      each.destroyForcibly();
    }
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> {
          try (Stream<Path> all = Files.walk(cgroup)) {
            for (Path each :
                all.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
              Files.delete(each);
            }
          }
        });
  }

  private Path log() {
    return folder.resolve("log");
  }

  /** Runs a command inside. */
  private String inside(String... command) throws IOException {
    ProcessHandle first =
        systemd.getFirst().toHandle().children().findFirst().orElseThrow(() -> failed("no init"));
    List<String> words = new ArrayList<>(List.of("nsenter", "-a", "-t", "" + first.pid()));
    words.addAll(List.of(command));
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return out;
  }

  private AssertionError failed(String what) {
    return new AssertionError(what + "\n" + text(folder.resolve("boot.log")) + text(log()));
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** What systemd knows of the service. */
  private Map<String, String> service() throws IOException {
    return inside("systemctl", "show", "denim.service")
        .lines()
        .map(line -> line.split("=", 2))
        .filter(pair -> pair.length == 2)
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, _) -> a));
  }

  private void awaitService(Map<String, String> properties) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(service())
                .as(() -> failed("service").getMessage())
                .containsAllEntriesOf(properties));
  }

  @Test
  void itGetsReadyIsStartedAnewWhenItHangsAndEndsWhenTold() throws IOException {
    awaitService(Map.of("ActiveState", "active", "NRestarts", "0"));
    Map<String, String> first = service();
    assertThat(first.get("StatusText")).isEqualTo("ready: 0 peers, 0 attached interfaces");
    assertThat(inside("cat", "/run/flannel/subnet.env")).contains("FLANNEL_NETWORK=10.244.0.0/16");
    assertThat(
            inside("systemd-analyze", "verify", folder.resolve("units/denim.service").toString()))
        .isEmpty();

    inside("kill", "-STOP", Objects.requireNonNull(first.get("MainPID")));
    awaitService(Map.of("ActiveState", "active", "NRestarts", "1"));
    assertThat(service().get("MainPID")).isNotEqualTo(first.get("MainPID"));

    inside("systemctl", "stop", "denim.service");
    awaitService(
        Map.of(
            "ActiveState", "inactive",
            "Result", "success",
            "ExecMainStatus", "0",
            "StatusText", "ending; pods keep their network"));
    assertThat(inside("ip", "-d", "link", "show", "flannel.1")).contains("vxlan", "mtu 1450");
  }
}
