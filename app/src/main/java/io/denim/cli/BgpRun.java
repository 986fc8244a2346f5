package io.denim.cli;

import io.denim.router.Answers.Reloaded;
import io.denim.router.Router;
import io.denim.router.RouterException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code denim bgp run}: one router in this process, until SIGTERM; SIGHUP reads its file again.
 */
final class BgpRun {
  private static final Logger LOG = LoggerFactory.getLogger(BgpRun.class);

  private BgpRun() {}

  static void run(Path file, boolean restarted, LogFormat format, int verbosity) {
    LogSetup.install(format, verbosity, System.err);
    CountDownLatch gone = new CountDownLatch(1);
    CompletableFuture<Router> running = new CompletableFuture<>();
    // One that comes while it starts waits: the file may have changed since it was read.
    Hangup.handle(() -> {
      var _ = running.thenAccept(BgpRun::reload);
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endBySignal(running, gone), "bgp-end"));
    try {
      Router router = start(file, restarted, format, verbosity);
      running.complete(router);
      router.awaitEnd();
    } catch (RuntimeException e) {
      var _ = running.completeExceptionally(e);
      throw e;
    } finally {
      gone.countDown();
    }
  }

  private static Router start(Path file, boolean restarted, LogFormat format, int verbosity) {
    Router.check(file);
    rehearse(format, verbosity);
    return Router.start(file, restarted, InstantSource.system(), RandomGenerator.getDefault());
  }

  /** Before it listens, and unseen: those who dial find a router that is as fast as it will be. */
  private static void rehearse(LogFormat format, int verbosity) {
    LogSetup.install(format, verbosity, OutputStream.nullOutputStream());
    String problem = "";
    try {
      problem = Router.rehearse() ? "" : "it would have taken too long";
    } catch (IOException | RuntimeException e) {
      problem = e.toString();
    }
    LogSetup.install(format, verbosity, System.err);
    if (!problem.isEmpty()) {
      LOG.warn(
          "the first sessions may take longer, not all could be rehearsed (is lo up?): {}",
          problem);
    }
    // What is left of it would stay in memory until the heap is full.
    System.gc();
  }

  private static void reload(Router router) {
    try {
      Reloaded reloaded = router.reload();
      LOG.info("SIGHUP: file={} {}", reloaded.file(), reloaded.result());
    } catch (RouterException e) {
      LOG.debug("what is wrong with the file is in the log", e);
    }
  }

  /** A JVM would end with 143, and services are set up for 0; one that failed has its own code. */
  private static void endBySignal(CompletableFuture<Router> running, CountDownLatch gone) {
    if (running.isCompletedExceptionally()) {
      return;
    }
    if (!running.isDone()) {
      Runtime.getRuntime().halt(0);
      return;
    }
    Router router = running.join();
    router.close();
    try {
      var _ = gone.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(router.isBroken() ? 1 : 0);
  }
}
