package io.denim.runtime;

import io.denim.lab.DockerArchive;
import io.denim.lab.ImageFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Denim's container image, of what was built for this test, under the two names that the manifest
 * beside this class has.
 */
final class DenimImage {
  private static final Path SCRIPT = Path.of("..", "tools", "image").toAbsolutePath().normalize();
  private static final Path FOLDER = Path.of("target", "image").toAbsolutePath();
  private static final List<String> NAMES =
      List.of("denim.test/flannel:1", "denim.test/flannel-cni-plugin:1");

  private DenimImage() {}

  /** The folder that {@code tools/image} has laid out. */
  static Path folder() {
    try {
      Process script =
          new ProcessBuilder(SCRIPT.toString(), FOLDER.toString(), "--built")
              .redirectErrorStream(true)
              .start();
      var said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (script.waitFor() != 0) {
        throw new IllegalStateException(SCRIPT + " failed: " + said);
      }
      return FOLDER;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + SCRIPT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the image was made", e);
    }
  }

  /** The image as a file that runtimes import. */
  static Path archive() {
    SortedMap<String, ImageFile> files = files(folder());
    var archive =
        new DockerArchive(
            NAMES.stream()
                .map(name -> new DockerArchive.Image(name, files, List.of(), List.of()))
                .toList());
    Path file = FOLDER.resolveSibling("image-" + archive.identity() + ".tar");
    if (!Files.exists(file)) {
      archive.write(file);
    }
    return file;
  }

  private static SortedMap<String, ImageFile> files(Path folder) {
    var files = new TreeMap<String, ImageFile>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.filter(path -> !path.equals(folder)).toList()) {
        files.put(folder.relativize(each).toString(), file(each));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the image in " + folder, e);
    }
    return files;
  }

  private static ImageFile file(Path each) throws IOException {
    if (Files.isSymbolicLink(each)) {
      return new ImageFile.Link(Files.readSymbolicLink(each).toString());
    }
    if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
      return each.endsWith("tmp") ? new ImageFile.OpenFolder() : new ImageFile.Folder();
    }
    return new ImageFile.Copy(each);
  }
}
