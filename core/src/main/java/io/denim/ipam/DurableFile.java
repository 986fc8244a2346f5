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
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/**
 * Writes small files so that a reader finds all of a text or none. After a crash of the machine
 * that holds for files that were synced; the others may then be empty.
 */
public final class DurableFile {
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rw-------");

  private DurableFile() {}

  /** Whether a file outlives a crash of the machine; syncing costs milliseconds. */
  public enum Sync {
    /** It does. */
    YES,
    /** It may be empty then. */
    NO
  }

  /**
   * Puts a file into its place, over what may be there.
   *
   * @param temporary where it is written first, on the same file system
   * @param mode permissions such as {@code rw-r--r--}, whatever the umask is
   */
  public static void replace(Path file, byte[] content, Path temporary, String mode, Sync sync)
      throws IOException {
    write(temporary, content, mode, sync);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    if (sync == Sync.YES) {
      sync(parent(file));
    }
  }

  /**
   * Puts a file into its place unless one is there, by a hard link, which the kernel refuses then.
   * It is not synced.
   *
   * @return whether it is this file now
   */
  static boolean create(Path file, String text, Path temporary, String mode) throws IOException {
    write(temporary, text.getBytes(StandardCharsets.UTF_8), mode, Sync.NO);
    try {
      Files.createLink(file, temporary);
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.deleteIfExists(temporary);
    }
    return true;
  }

  private static void write(Path temporary, byte[] content, String mode, Sync sync)
      throws IOException {
    Files.deleteIfExists(temporary);
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
    try (FileChannel out =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(permissions))) {
      if (!permissions.equals(PRIVATE)) {
        // The umask may have taken some of them away.
        Files.setPosixFilePermissions(temporary, permissions);
      }
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      if (sync == Sync.YES) {
        out.force(true);
      }
    }
  }

  /** Makes a directory's names durable. */
  public static void sync(Path directory) throws IOException {
    try (FileChannel open = FileChannel.open(directory, StandardOpenOption.READ)) {
      open.force(true);
    }
  }

  private static Path parent(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a directory");
  }
}
