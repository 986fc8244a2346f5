package io.denim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.Busybox;
import io.denim.lab.ImageArchive;
import io.denim.lab.LabException;
import io.denim.lab.Machine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The images of a lab's Kubernetes in a real containerd. */
class ImageArchiveIT {
  @TempDir private static Path directory;

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static RuntimeLab lab;
  private static Machine node;
  private static Containerd containerd;

  @BeforeAll
  static void containerdWithTheImages() {
    lab = RuntimeLab.start(directory);
    node = lab.node("n1");
    containerd = lab.containerd(RuntimeKind.CONTAINERD_2_4, "n1");
    containerd.importImages(ImageArchive.cached(lab.peers().folder()));
  }

  @AfterAll
  static void gone() {
    lab.close();
  }

  @Test
  void allNamesAreImported() {
    assertThat(containerd.ctr("images", "list", "--quiet").lines())
        .contains(
            ImageArchive.PAUSE,
            "registry.k8s.io/pause:3.10.2",
            ImageArchive.AGNHOST,
            "registry.k8s.io/e2e-test-images/glibc-dns-testing:2.0.0",
            ImageArchive.BUSYBOX);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          curl --version            | libcurl/
          dig -v 2>&1               | DiG 9
          nc -h 2>&1                | OpenBSD netcat
          getent passwd nobody      | nobody:x:65534
          /agnhost netexec --help   | Starts a HTTP(S) server
          ls -l /bin/sh /localhost.crt /localhost.key | /localhost.key
          touch /tmp/x; ls -ld /tmp | drwxrwxrwt
          busybox --list            | zcat
          wget --help 2>&1          | BusyBox
          """)
  void aContainerHasWhatTheSuitesCall(String command, String said) {
    assertThat(run(ImageArchive.BUSYBOX, "/bin/sh", "-c", command)).contains(said);
  }

  @Test
  void agnhostServesAndCurlAsksIt() {
    ctrRun("--detach", ImageArchive.AGNHOST, "server", "/agnhost", "netexec", "--http-port=8080");

    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreException(LabException.class) // curl's, until the server listens
        .until(() -> asked("http://127.0.0.1:8080/echo?msg=hello"), "hello"::equals);
    end("server", "SIGKILL");
  }

  @Test
  void aPauseEndsAtOnceWhenItIsTold() {
    ctrRun("--detach", ImageArchive.PAUSE, "pause");

    end("pause", "SIGTERM");
  }

  @Test
  void theFileIsWrittenOnce() {
    Path first = ImageArchive.cached(lab.peers().folder());

    assertThat(ImageArchive.cached(lab.peers().folder())).isEqualTo(first).isRegularFile();
    assertThat(first.resolveSibling("bin")).isEqualTo(lab.peers().folder());
  }

  @Test
  void theNamesOfBusyboxAreThoseItLists() throws Exception {
    Path busybox = Path.of("/bin/busybox");
    String listed = node.run(busybox.toString(), "--list");

    assertThat(Busybox.files(busybox).keySet())
        .isEqualTo(listed.lines().map(each -> "bin/" + each).collect(Collectors.toSet()));
  }

  private static String asked(String url) {
    return containerd.ctr("tasks", "exec", "--exec-id", "curl", "server", "curl", "-sf", url);
  }

  /**
   * Sends a signal to a container until it ends by it, and removes the container. The kernel drops
   * what comes before the container's first program listens.
   */
  private static void end(String container, String signal) {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreException(LabException.class) // it has ended between question and signal
        .until(() -> hasEnded(container, signal));
    containerd.ctr("tasks", "delete", container);
    containerd.ctr("containers", "delete", container);
  }

  private static boolean hasEnded(String container, String signal) {
    if (containerd.ctr("tasks", "list").contains("STOPPED")) {
      return true;
    }
    containerd.ctr("tasks", "kill", "--signal", signal, container);
    return false;
  }

  private static String run(String image, String... command) {
    List<String> words = new ArrayList<>(List.of("--rm", image, "run"));
    words.addAll(List.of(command));
    return ctrRun(words.toArray(String[]::new));
  }

  private static String ctrRun(String... words) {
    List<String> all = new ArrayList<>(List.of("run", "--cgroup", node.cgroup() + "/container"));
    all.addAll(List.of(words));
    return containerd.ctr(all.toArray(String[]::new));
  }
}
