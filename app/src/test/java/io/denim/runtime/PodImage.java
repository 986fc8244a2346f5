package io.denim.runtime;

import io.denim.lab.Busybox;
import io.denim.lab.DockerArchive;
import io.denim.lab.ImageFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The image of all containers: Debian's static busybox under all its names. Sleeps unless told. */
final class PodImage {
  /** Its name; no registry has it. */
  static final String NAME = "denim.test/pod:1";

  private PodImage() {}

  /** Writes it as {@code docker save} does. */
  static void write(Path file) {
    Path busybox = Path.of("/bin/busybox");
    if (!Files.isExecutable(busybox)) {
      throw new IllegalStateException(
          "this test needs "
              + busybox
              + " of Debian's package busybox-static; ./denim test"
              + " installs it");
    }
    var files = Busybox.files(busybox);
    for (String each : List.of("dev", "etc", "proc", "sys", "tmp", "www")) {
      files.put(each, new ImageFile.Folder());
    }
    var image = new DockerArchive.Image(NAME, files, List.of("/bin/sleep", "infinity"), List.of());
    new DockerArchive(List.of(image)).write(file);
  }
}
