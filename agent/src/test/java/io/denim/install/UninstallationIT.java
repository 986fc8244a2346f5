package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.install.Removal.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UninstallationIT {
  @TempDir Path directory;

  private Path conf;
  private Path bin;
  private Path data;

  @BeforeEach
  void installed() throws IOException {
    conf = directory.resolve("net.d");
    bin = directory.resolve("bin");
    data = directory.resolve("data");
    ConfFolder folder = new ConfFolder(conf);
    folder.make();
    folder.put(Conflist.FILE, Conflist.content());
    folder.put("10-flannel.conflist", "{}".getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(bin);
    Files.writeString(bin.resolve("loopback"), "the reference plugin");
    Files.writeString(bin.resolve("bridge"), "the reference plugin");
    assertThat(new ShimBinaries(bin, "denim-cni 1".getBytes(StandardCharsets.UTF_8)).install())
        .isEmpty();
    for (String file : List.of("store/log", "attachments/.1.tmp", "journal/c1:eth0")) {
      Files.createDirectories(data.resolve(file).getParent());
      Files.writeString(data.resolve(file), "x");
    }
  }

  private Uninstallation uninstallation() {
    return new Uninstallation(conf, bin, data);
  }

  private List<Removal> all(boolean dry) {
    List<Removal> done = new ArrayList<>(uninstallation().conflist(dry));
    done.addAll(uninstallation().binaries(dry));
    done.addAll(uninstallation().state(dry));
    return done;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.sorted().toList();
    }
  }

  private static List<String> words(List<Removal> removals, Path below) {
    return removals.stream()
        .map(each ->
            each.part()
                + " "
                + below.relativize(Path.of(each.object()))
                + " "
                + each.outcome()
                + (each.note().isEmpty() ? "" : ": " + each.note()))
        .toList();
  }

  @Test
  void denimsFilesGoAndThoseOfOthersStay() throws IOException {
    assertThat(words(all(false), directory))
        .containsExactly(
            "conflist net.d/05-denim.conflist removed",
            "binary bin/denim-cni removed",
            "binary bin/flannel removed",
            "binary bin/portmap removed",
            "binary bin/bandwidth removed",
            "binary bin/loopback kept: it is not Denim's",
            "state data/attachments removed",
            "state data/journal removed",
            "state data/store removed",
            "state data removed");
    assertThat(files())
        .containsExactly(
            directory,
            bin,
            bin.resolve("bridge"),
            bin.resolve("loopback"),
            conf,
            conf.resolve("10-flannel.conflist"));
    assertThat(all(false)).extracting(Removal::outcome).containsExactly(Outcome.KEPT);
  }

  @Test
  void aDryRunTellsTheSameAndChangesNothing() throws IOException {
    List<Path> before = files();
    assertThat(words(all(true), directory))
        .startsWith("conflist net.d/05-denim.conflist would be removed")
        .contains(
            "binary bin/loopback kept: it is not Denim's", "state data/store would be removed")
        .hasSize(9);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void anotherVersionsConflistAndBinariesAreDenimsToo() throws IOException {
    Files.writeString(conf.resolve(Conflist.FILE), "{}");
    Files.writeString(bin.resolve("denim-cni"), "denim-cni 0");
    all(false);
    assertThat(conf.resolve(Conflist.FILE)).doesNotExist();
    assertThat(bin.resolve("denim-cni")).doesNotExist();
  }

  @Test
  void otherFilesOfTheDataFolderStayWithIt() throws IOException {
    Files.writeString(data.resolve("notes"), "x");
    assertThat(words(uninstallation().state(false), directory))
        .endsWith("state data/notes kept: it is not Denim's");
    assertThat(data.resolve("notes")).exists();
    assertThat(data.resolve("store")).doesNotExist();
  }

  @Test
  void aLinkIsDeletedAndNotFollowed() throws IOException {
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("precious"), "x");
    Files.createSymbolicLink(data.resolve("networks"), elsewhere);
    Files.createSymbolicLink(data.resolve("store/link"), elsewhere);
    uninstallation().state(false);
    assertThat(data).doesNotExist();
    assertThat(elsewhere.resolve("precious")).exists();
  }

  @Test
  void attachedPodsAreThoseWithARecord() throws IOException {
    assertThat(uninstallation().attached()).isEmpty();
    for (String name : List.of("c2:eth0", "c1:eth0")) {
      Files.createFile(data.resolve("attachments").resolve(name));
    }
    assertThat(uninstallation().attached()).containsExactly("c1:eth0", "c2:eth0");
  }

  @Test
  void whatCannotBeRemovedIsToldAndStopsNothing() throws IOException {
    Files.delete(conf.resolve(Conflist.FILE));
    Files.createDirectories(conf.resolve(Conflist.FILE).resolve("in-the-way"));
    assertThat(words(all(false), directory))
        .startsWith("conflist net.d/05-denim.conflist failed: directory not empty")
        .contains("binary bin/denim-cni removed");
  }
}
