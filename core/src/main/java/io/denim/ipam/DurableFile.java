package io.denim.ipam;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Writes small files so that a reader, also one after a crash, finds all of a text or none. */
final class DurableFile {
  private DurableFile() {}

  /**
   * Puts a file into its place, over what may be there.
   *
   * @param temporary where it is written first, on the same file system
   * @param mode permissions such as {@code rw-r--r--}, whatever the umask is
   */
  static void replace(Path file, String text, Path temporary, String mode) throws IOException {
    write(temporary, text, mode);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    sync(parent(file));
  }

  /**
   * Puts a file into its place unless one is there, by a hard link, which the kernel refuses then.
   *
   * @return whether it is this file now
   */
  static boolean create(Path file, String text, Path temporary, String mode) throws IOException {
    write(temporary, text, mode);
    try {
      Files.createLink(file, temporary);
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.deleteIfExists(temporary);
    }
    sync(parent(file));
    return true;
  }

  private static void write(Path temporary, String text, String mode) throws IOException {
    Files.deleteIfExists(temporary);
    try (FileChannel out =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString(mode));
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
  }

  /** Makes a directory's names durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel open = FileChannel.open(directory, StandardOpenOption.READ)) {
      open.force(true);
    }
  }

  private static Path parent(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a directory");
  }
}
