package io.denim.store;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the embedded stores of this JVM on one directory that its journal has changed: at once and
 * directly when one of them wrote, by inotify when another process did. One inotify instance serves
 * them all (fs.inotify.max_user_instances is 128 by default). A ring means "look", no more.
 */
final class Doorbell implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
  private static final OncePerFile<Shared> IN_THIS_JVM = new OncePerFile<>();

  private final Object fileKey;
  private final Shared shared;
  private final Runnable onRing;

  private Doorbell(Object fileKey, Shared shared, Runnable onRing) {
    this.fileKey = fileKey;
    this.shared = shared;
    this.onRing = onRing;
  }

  /** Hangs a bell at a directory's journal. */
  static Doorbell hang(Path directory, Path journal, Runnable onRing) {
    Object key = key(directory);
    Shared shared = IN_THIS_JVM.use(key, () -> Shared.watching(directory, journal.getFileName()));
    Doorbell bell = new Doorbell(key, shared, onRing);
    shared.hung.add(bell);
    return bell;
  }

  private static Object key(Path directory) {
    try {
      return Objects.requireNonNull(
          Files.readAttributes(directory, BasicFileAttributes.class).fileKey(),
          "a file system without inode numbers");
    } catch (IOException e) {
      throw new UnavailableException("cannot look at the store's folder " + directory, e);
    }
  }

  /** Rings at the other stores of this JVM. */
  void ring() {
    for (Doorbell other : shared.hung) {
      if (!equals(other)) {
        other.onRing.run();
      }
    }
  }

  @Override
  public void close() {
    shared.hung.remove(this);
    try {
      IN_THIS_JVM.release(fileKey);
    } catch (Exception e) {
      throw new UnavailableException("cannot close the watch of a store's directory: " + e, e);
    }
  }

  /** The inotify instance and who listens. */
  private static final class Shared implements AutoCloseable {
    private final List<Doorbell> hung = new CopyOnWriteArrayList<>();
    private final Path name;
    private final List<WatchService> service;

    private Shared(Path name, List<WatchService> service) {
      this.name = name;
      this.service = service;
    }

    static Shared watching(Path directory, Path name) {
      try {
        WatchService service = directory.getFileSystem().newWatchService();
        directory.register(
            service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
        Shared shared = new Shared(name, List.of(service));
        Thread.ofVirtual().name("denim-store-inotify").start(() -> shared.listen(service));
        return shared;
      } catch (IOException e) {
        LOG.warn(
            "changes by other processes are seen late, by polling: no inotify for {} ({})",
            directory,
            e.toString());
        return new Shared(name, List.of());
      }
    }

    private void listen(WatchService from) {
      try {
        while (true) {
          WatchKey key = from.take();
          boolean rings = false;
          for (WatchEvent<?> event : key.pollEvents()) {
            rings |= event.context() == null || event.context().equals(name);
          }
          if (rings) {
            hung.forEach(bell -> bell.onRing.run());
          }
          key.reset();
        }
      } catch (ClosedWatchServiceException e) {
        LOG.debug("watch of {} closed", name);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() throws IOException {
      for (WatchService open : service) {
        open.close();
      }
    }
  }
}
