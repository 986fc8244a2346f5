package io.denim.network.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class NetConfFileIT {
  /** Long before the look that comes in any case. */
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path folder = Path.of("");
  private final AtomicInteger rings = new AtomicInteger();
  private Optional<NetConfFile> followed = Optional.empty();

  private NetConfFile follow(Path file) {
    NetConfFile netConf = new NetConfFile(file, rings::incrementAndGet);
    followed = Optional.of(netConf);
    netConf.follow();
    return netConf;
  }

  @AfterEach
  void close() {
    followed.ifPresent(NetConfFile::close);
  }

  private static void awaitText(NetConfFile netConf, String text) {
    await().atMost(SOON).until(() -> netConf.text().equals(Optional.of(text)));
  }

  /** As kubelet's atomic writer does: data in a folder of its own, and a link that is renamed. */
  private void mount(String version, String text) throws IOException {
    Files.createDirectory(folder.resolve("..v" + version));
    Files.writeString(folder.resolve("..v" + version).resolve("net-conf.json"), text);
    Path link = folder.resolve("..data_tmp");
    Files.createSymbolicLink(link, Path.of("..v" + version));
    Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    if (!Files.isSymbolicLink(folder.resolve("net-conf.json"))) {
      Files.createSymbolicLink(folder.resolve("net-conf.json"), Path.of("..data/net-conf.json"));
    }
  }

  @Test
  void aMountedConfigMapIsFollowedWhenKubeletReplacesIt() throws IOException {
    mount("1", "{\"a\":1}");
    NetConfFile netConf = follow(folder.resolve("net-conf.json"));
    assertThat(netConf.text()).contains("{\"a\":1}");

    mount("2", "{\"a\":2}");

    awaitText(netConf, "{\"a\":2}");
    await().atMost(SOON).until(() -> rings.get() > 0);
  }

  @Test
  void aFileThatIsMissingIsToldAndTakenUpWhenItComes() throws IOException {
    Path file = folder.resolve("later").resolve("net-conf.json");
    NetConfFile netConf = follow(file);
    assertThat(netConf.text()).isEmpty();
    assertThat(netConf.problem().orElseThrow())
        .contains(file.toString(), "kube-flannel-cfg", "--net-config-path");

    Files.createDirectory(folder.resolve("later"));
    Files.writeString(file, "{}");

    awaitText(netConf, "{}");
    assertThat(netConf.problem()).isEmpty();
  }

  @Test
  void aFileThatGoesAwayStaysInForceAndIsTold() throws IOException {
    Path file = Files.writeString(folder.resolve("net-conf.json"), "{}");
    NetConfFile netConf = follow(file);

    Files.delete(file);

    await().atMost(SOON).until(() -> netConf.problem().isPresent());
    assertThat(netConf.problem().orElseThrow()).contains("the last one stays in force");
    assertThat(netConf.text()).contains("{}");
  }

  @Test
  void aFolderThatIsMadeAnewIsFollowedAgain() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Path file = Files.writeString(inner.resolve("net-conf.json"), "{\"a\":1}");
    NetConfFile netConf = follow(file);

    Files.delete(file);
    Files.delete(inner);
    await().atMost(SOON).until(() -> netConf.problem().isPresent());
    Files.createDirectory(inner);
    Files.writeString(file, "{\"a\":2}");

    awaitText(netConf, "{\"a\":2}");
  }
}
