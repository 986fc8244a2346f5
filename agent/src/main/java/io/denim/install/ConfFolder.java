package io.denim.install;

import io.denim.ipam.DurableFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder of CNI configurations that a runtime watches, such as /etc/cni/net.d. */
final class ConfFolder {
  /** What runtimes read (libcni's ConfFiles as containerd and CRI-O call it). */
  private static final List<String> ENDINGS = List.of(".conf", ".conflist", ".json");

  /** Made and deleted to be noticed; its ending is none that is read. */
  private static final String RELOAD = ".denim-reload";

  /** Octets; what is longer is no configuration that anybody wrote. */
  private static final int LARGEST = 1 << 20;

  private static final Comparator<String> BY_OCTETS =
      (one, other) ->
          Arrays.compareUnsigned(
              one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));

  private final Path path;

  ConfFolder(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /** Makes the folder where it is missing. */
  void make() throws IOException {
    Files.createDirectories(path);
  }

  /** The names of the files that runtimes read, in their order. */
  List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      return all.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
          .map(file -> file.getFileName().toString())
          .filter(ConfFolder::isRead)
          .sorted(BY_OCTETS)
          .toList();
    }
  }

  private static boolean isRead(String name) {
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /** Whether runtimes read the file of this name before that of the other. */
  static boolean isBefore(String name, String other) {
    return BY_OCTETS.compare(name, other) < 0;
  }

  /**
   * The octets of a file.
   *
   * @throws NoSuchFileException when it is gone
   * @throws IOException also when it is longer than a mebibyte
   */
  byte[] read(String name) throws IOException {
    try (InputStream in = Files.newInputStream(path.resolve(name))) {
      byte[] content = in.readNBytes(LARGEST + 1);
      if (content.length > LARGEST) {
        throw new IOException("longer than " + LARGEST + " octets");
      }
      return content;
    }
  }

  /** Whether the file has these octets; not when it is missing or cannot be read. */
  boolean holds(String name, byte[] content) {
    try {
      return Arrays.equals(read(name), content);
    } catch (IOException e) {
      // Then it is written anew, and if that fails too it is told.
      return false;
    }
  }

  /** Puts a file there, and makes the runtimes load the folder again. */
  void put(String name, byte[] content) throws IOException {
    PlacedFile.put(path.resolve(name), content, "rw-r--r--");
    // A rename from within the folder is a birth of the file, which containerd does not hear
    // (containerd #11715); the end of a file it does.
    Path reload = path.resolve(RELOAD);
    Files.deleteIfExists(reload);
    Files.newOutputStream(reload, StandardOpenOption.CREATE_NEW).close();
    Files.delete(reload);
  }

  /**
   * Deletes a file, which runtimes notice.
   *
   * @return whether there was one
   */
  boolean delete(String name) throws IOException {
    boolean was = Files.deleteIfExists(path.resolve(name));
    if (was) {
      DurableFile.sync(path);
    }
    return was;
  }

  /** Deletes what a killed agent may have left of writing this file. */
  void deleteRemnants(String name) throws IOException {
    Files.deleteIfExists(PlacedFile.temporary(path.resolve(name)));
    Files.deleteIfExists(path.resolve(RELOAD));
  }
}
