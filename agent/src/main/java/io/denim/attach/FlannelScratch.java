package io.denim.attach;

import io.denim.ipam.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The files in which flannel's own plugin keeps, for each container, the configuration that it gave
 * to its delegate. Denim writes them too, so that the plugin can delete what Denim has added, and
 * reads them to delete what the plugin has added.
 */
final class FlannelScratch {
  private FlannelScratch() {}

  static Path file(Path folder, String container) {
    return folder.resolve(container);
  }

  static void write(Path file, String json) {
    Path folder = file.toAbsolutePath().getParent();
    try {
      if (folder != null && !Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
      DurableFile.replace(
          file, json.getBytes(StandardCharsets.UTF_8), temporary, "rw-------", DurableFile.Sync.NO);
    } catch (IOException e) {
      throw new AttachmentException("cannot write flannel's file " + file + ": " + e, e);
    }
  }

  static Optional<String> read(Path file) {
    try {
      // What is no UTF-8 is no JSON either, which the reader says.
      return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new AttachmentException("cannot read flannel's file " + file + ": " + e, e);
    }
  }

  static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new AttachmentException("cannot remove flannel's file " + file + ": " + e, e);
    }
  }
}
