package io.denim.install;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Waits for a change in one folder, by inotify. A folder that was deleted or moved is followed
 * again when it is there again. Used by one thread; {@link #close} by any.
 */
final class Watcher implements AutoCloseable {
  private final WatchService service;
  private Optional<WatchKey> key = Optional.empty();
  private Optional<Object> identity = Optional.empty();

  private Watcher(WatchService service) {
    this.service = service;
  }

  /**
   * Opens one; it hears nothing until {@link #follow}.
   *
   * @throws IOException when the host has no inotify instance left
   */
  static Watcher open(Path folder) throws IOException {
    return new Watcher(folder.getFileSystem().newWatchService());
  }

  /** Listens at this folder, unless it does already. */
  void follow(Path folder) throws IOException {
    Optional<Object> present =
        Optional.ofNullable(Files.readAttributes(folder, BasicFileAttributes.class).fileKey());
    // The key of a deleted folder is invalid, even where the new one got its inode.
    if (key.filter(WatchKey::isValid).isPresent() && present.equals(identity)) {
      return;
    }
    key.ifPresent(WatchKey::cancel);
    key =
        Optional.of(
            folder.register(
                service,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE));
    identity = present;
  }

  /**
   * Waits for a change, or until the time is over.
   *
   * @return false when this is closed
   */
  boolean await(Duration time) {
    try {
      WatchKey heard = service.poll(time.toMillis(), TimeUnit.MILLISECONDS);
      while (heard != null) {
        // What has changed does not matter: all is looked at.
        var _ = heard.pollEvents();
        heard.reset();
        heard = service.poll();
      }
      return true;
    } catch (ClosedWatchServiceException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
