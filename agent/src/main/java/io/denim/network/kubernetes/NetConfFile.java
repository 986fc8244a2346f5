package io.denim.network.kubernetes;

import io.denim.network.Membership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * net-conf.json, followed live. kubelet replaces what it mounts from a ConfigMap by giving the link
 * {@code ..data} beside it another target, so the folder is listened to; a look now and then is for
 * what inotify does not tell, such as a file that is a link to elsewhere.
 */
final class NetConfFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final Duration LOOK = Duration.ofSeconds(30);

  /** While there is no folder to listen to. */
  private static final Duration EARLY_LOOK = Duration.ofSeconds(1);

  /** A file that is being written is read when it has rested for so long. */
  private static final Duration REST = Duration.ofMillis(50);

  private static final int RESTS = 20;
  private static final long LARGEST = 1 << 20;

  private final Path file;
  private final Path folder;
  private final Runnable changed;
  private Optional<String> text = Optional.empty();
  private String problem = "";
  private @Nullable WatchService service;
  private @Nullable WatchKey key;
  private boolean started;
  private volatile boolean open = true;

  NetConfFile(Path file, Runnable changed) {
    this.file = file;
    Path absolute = file.toAbsolutePath();
    this.folder = Optional.ofNullable(absolute.getParent()).orElse(absolute);
    this.changed = changed;
  }

  /** Reads it and begins to follow it; called again it does nothing. */
  void follow() {
    synchronized (this) {
      if (started || !open) {
        return;
      }
      started = true;
      try {
        service = folder.getFileSystem().newWatchService();
      } catch (IOException e) {
        LOG.warn("{} is looked at every {} s only: {}", file, LOOK.toSeconds(), e.toString());
      }
    }
    var _ = listen();
    var _ = read();
    Thread.ofVirtual().name("net-conf").start(this::run);
  }

  private void run() {
    try {
      while (open) {
        await(listen());
        if (open && read()) {
          changed.run();
        }
      }
    } catch (ClosedWatchServiceException e) {
      // That is how it is closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Listens at the folder, unless it does already.
   *
   * @return how long to wait for something to be heard; not at all where listening has just begun,
   *     since what happened before was not heard
   */
  private Duration listen() {
    WatchService at;
    synchronized (this) {
      at = service;
    }
    if (at == null) {
      return LOOK;
    }
    WatchKey now = key;
    if (now != null && now.isValid()) {
      return LOOK;
    }
    try {
      key =
          folder.register(
              at,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE);
      return Duration.ZERO;
    } catch (IOException e) {
      key = null;
      return EARLY_LOOK;
    }
  }

  private void await(Duration time) throws InterruptedException {
    WatchService at;
    synchronized (this) {
      at = service;
    }
    if (at == null) {
      Thread.sleep(time);
      return;
    }
    Duration wait = time;
    for (int rest = 0; rest < RESTS; rest++) {
      WatchKey heard = at.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
      if (heard == null) {
        return;
      }
      var _ = heard.pollEvents();
      heard.reset();
      wait = REST;
    }
  }

  /** Whether it is another than before. */
  private boolean read() {
    Optional<String> now = Optional.empty();
    String trouble = "";
    try {
      if (Files.size(file) > LARGEST) {
        trouble = file + " is larger than " + LARGEST + " bytes and is not read";
      } else {
        now = Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      }
    } catch (NoSuchFileException e) {
      trouble =
          "there is no network configuration: "
              + file
              + " does not exist; mount the ConfigMap kube-flannel-cfg there or say where it is by"
              + " --net-config-path";
    } catch (IOException e) {
      trouble = "the network configuration " + file + " cannot be read: " + e;
    }
    synchronized (this) {
      Optional<String> next = now.or(() -> text);
      String told =
          trouble.isEmpty() || next.isEmpty() ? trouble : trouble + "; the last one stays in force";
      boolean other = !next.equals(text) || !told.equals(problem);
      text = next;
      problem = told;
      return other;
    }
  }

  /** What it holds; what it held last when it is gone. */
  synchronized Optional<String> text() {
    return text;
  }

  /** Why it cannot be read; empty when it can. */
  synchronized Optional<String> problem() {
    return Optional.of(problem).filter(words -> !words.isEmpty());
  }

  @Override
  public void close() {
    open = false;
    WatchService at;
    synchronized (this) {
      at = service;
    }
    try {
      if (at != null) {
        at.close();
      }
    } catch (IOException e) {
      LOG.debug("the watch of {} was not closed", folder, e);
    }
  }
}
