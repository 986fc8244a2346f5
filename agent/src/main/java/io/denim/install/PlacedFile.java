package io.denim.install;

import io.denim.ipam.DurableFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** A file that is there whole or not at all, for readers at any time and after a crash. */
final class PlacedFile {
  private PlacedFile() {}

  /**
   * Puts a file into its place, over what may be there: by a dot-file beside it that no runtime
   * reads, synced and renamed.
   *
   * @param mode permissions such as {@code rw-r--r--}, whatever the umask is
   */
  static void put(Path file, byte[] content, String mode) throws IOException {
    DurableFile.replace(file, content, temporary(file), mode, DurableFile.Sync.YES);
  }

  /** Where {@link #put} writes first; a crash may leave it there. */
  static Path temporary(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".tmp");
  }

  /** What went wrong, without the file's name, which the caller tells. */
  static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "something else is in its place";
    }
    if (!(e instanceof FileSystemException known)) {
      return e.toString();
    }
    // Where the JDK has a type of its own for an error, it says no more than its name.
    String type = e.getClass().getSimpleName().replace("Exception", "");
    return Optional.ofNullable(known.getReason())
        .orElse(type.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT));
  }
}
