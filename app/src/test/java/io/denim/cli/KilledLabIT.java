package io.denim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.LabState;
import io.denim.lab.TestPrograms;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a lab with real programs that is killed, and what takes it away. */
class KilledLabIT {
  @TempDir Path runtime;

  @AfterEach
  void gone() throws IOException {
    LabState.read(folder()).flatMap(LabState::process).ifPresent(ProcessHandle::destroyForcibly);
  }

  private Path folder() {
    return runtime.resolve("denim/lab/killed");
  }

  private Process denim(String... words) throws IOException {
    List<String> command = new ArrayList<>(TestPrograms.find().self());
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("XDG_RUNTIME_DIR", runtime.toString());
    builder.environment().put("DENIM_ENTERED", "1");
    builder.environment().put(Programs.PEERS, TestPrograms.find().peers().folder().toString());
    return builder.start();
  }

  private String said(String... words) throws IOException {
    return new String(denim(words).getInputStream().readAllBytes(), UTF_8);
  }

  private static Stream<Path> cgroups(long lab) {
    return in(new File("/sys/fs/cgroup"))
        .flatMap(each -> Stream.concat(Stream.of(each), in(each)))
        .filter(each -> each.getName().startsWith("denim-" + lab + "-"))
        .map(File::toPath);
  }

  /** Nothing when the folder is gone: others remove theirs meanwhile. */
  private static Stream<File> in(File folder) {
    return Stream.ofNullable(folder.listFiles()).flatMap(Stream::of);
  }

  @Test
  void itsProgramsEndWithItAndDownTakesTheRestAway() throws Exception {
    Path file =
        Files.writeString(
            runtime.resolve("lab.yaml"),
            """
            name: killed
            nodes: 1
            kubernetes: {kubeProxy: false, dns: false}
            """);
    assertThat(said("lab", "up", file.toString())).contains("lab killed is up: 1 nodes");
    LabState state = LabState.read(folder()).orElseThrow();
    assertThat(said("lab", "kubectl", "get", "nodes")).contains("n1 ", " Ready ");
    assertThat(said("lab", "status")).contains("control plane:", "Kubernetes", "ready");
    assertThat(said("lab", "exec", "n1", "ls", "/etc/cni/net.d")).contains("05-denim.conflist");
    assertThat(cgroups(state.pid())).isNotEmpty();

    state.process().orElseThrow().destroyForcibly();

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            Stream.of("cp", "n1")
                .map(name -> state.member(name).machine())
                .allMatch(pid -> ProcessHandle.of(pid).isEmpty()));
    assertThat(said("lab", "kubectl", "get", "nodes")).contains("no lab is up");
    assertThat(said("lab", "down")).contains("lab killed is down");
    assertThat(runtime.resolve("denim/lab")).isEmptyDirectory();
    assertThat(cgroups(state.pid())).isEmpty();
    assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(runtime.toString());
  }
}
