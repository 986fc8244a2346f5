package io.denim.ipam;

import io.denim.model.InvalidConfigException;
import io.denim.model.SubnetEnv;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;

/**
 * The file in which flannel's CNI plugin finds what a node has been given, {@code
 * /run/flannel/subnet.env}. Readers see the old or the new content, never a part.
 */
public final class SubnetEnvFile {
  private final Path file;

  /** The file at this path. */
  public SubnetEnvFile(Path file) {
    this.file = file.toAbsolutePath();
  }

  /**
   * Reads the file; empty when there is none.
   *
   * @throws InvalidConfigException when it is not such a file
   * @throws AllocationException when it cannot be read
   */
  public Optional<SubnetEnv> read() {
    try {
      return Optional.of(SubnetEnv.parse(Files.readString(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new AllocationException("cannot read " + file + ": " + e, e);
    }
  }

  /**
   * Writes the file, mode 0644, making its directory (0755) if that is missing.
   *
   * @throws AllocationException when it cannot be written
   */
  public void write(SubnetEnv env) {
    Path directory = Objects.requireNonNull(file.getParent(), "a file is in a directory");
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
      DurableFile.replace(
          file,
          env.format().getBytes(StandardCharsets.UTF_8),
          temporary,
          "rw-r--r--",
          DurableFile.Sync.YES);
    } catch (IOException e) {
      throw new AllocationException("cannot write " + file + ": " + e, e);
    }
  }
}
