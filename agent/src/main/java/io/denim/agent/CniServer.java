package io.denim.agent;

import io.denim.attach.Plugin;
import io.denim.cni.Call;
import io.denim.linux.LinuxException;
import io.denim.linux.unix.Frame;
import io.denim.linux.unix.FrameException;
import io.denim.linux.unix.UnixConnection;
import io.denim.linux.unix.UnixServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code denim-cni} on a Unix socket: a frame with the request and the descriptor of the
 * container's namespace comes, a frame with what is to be printed goes. A few requests are worked
 * on at a time, the others wait: the kernel does such work one by one anyhow, and a burst of pods
 * takes no more memory than a few.
 */
final class CniServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CniServer.class);
  private static final int WORKERS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Of the list of descriptors, the variables and the configuration, as the shim has them. */
  private static final int LARGEST = (1 << 10) + (64 << 10) + Call.MAX_CONFIG;

  private final Plugin plugin;
  private final UnixServer server;
  private final ExecutorService workers =
      Executors.newFixedThreadPool(WORKERS, Thread.ofPlatform().name("cni-", 0).daemon().factory());

  /** Begins to listen. */
  CniServer(Path socket, Plugin plugin) {
    this.plugin = plugin;
    this.server = UnixServer.bind(socket);
    Thread.ofPlatform().name("cni-accept").daemon().start(this::serve);
  }

  private void serve() {
    while (true) {
      try {
        Optional<UnixConnection> connection = server.accept();
        if (connection.isEmpty()) {
          return;
        }
        workers.execute(() -> answer(connection.get()));
      } catch (LinuxException e) {
        LOG.warn("cni: {}", e.getMessage());
        pause();
      } catch (java.util.concurrent.RejectedExecutionException e) {
        return;
      }
    }
  }

  /** Too many open files, for example, go by. */
  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(100));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(UnixConnection connection) {
    try (connection;
        Frame request = connection.receive(LARGEST, PATIENCE)) {
      connection.send(plugin.answer(request.payload(), request.descriptors()));
    } catch (FrameException.Gone e) {
      LOG.debug("cni: a caller went away: {}", e.getMessage());
    } catch (FrameException e) {
      LOG.warn("cni: a request was not answered: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("cni: a request was not answered", e);
    }
  }

  /** Ends when the requests that are being worked on have been answered. */
  @Override
  public void close() {
    server.close();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(2, TimeUnit.SECONDS)) {
        LOG.warn("cni: requests are still being worked on; the next start undoes what is left");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
