package io.denim.router;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * A file that is looked at from time to time. It has changed when it is another than before and the
 * same as at the last look: who writes it has come to an end. Links are followed, so that a
 * ConfigMap's change is one. Used by one thread.
 */
final class WatchedFile {
  private final Path path;
  private Optional<Stamp> taken;
  private Optional<Stamp> seen;

  /** By what a change is known. */
  private record Stamp(long size, FileTime modified, Object key) {}

  /** What it is like now is what is known of it. */
  WatchedFile(Path path) {
    this.path = path;
    taken = stamp();
    seen = taken;
  }

  Path path() {
    return path;
  }

  /** It is about to be read for another reason. */
  void look() {
    seen = stamp();
    taken = seen;
  }

  /** Whether it has changed since this was true last. A file that is away has not. */
  boolean hasChanged() {
    Optional<Stamp> now = stamp();
    boolean quiet = now.equals(seen);
    seen = now;
    if (now.isEmpty() || now.equals(taken) || !quiet) {
      return false;
    }
    taken = now;
    return true;
  }

  private Optional<Stamp> stamp() {
    try {
      BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
      return Optional.of(
          new Stamp(
              file.size(),
              file.lastModifiedTime(),
              Optional.<Object>ofNullable(file.fileKey()).orElse("")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
