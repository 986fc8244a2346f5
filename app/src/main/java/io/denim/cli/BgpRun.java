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
    Hangup.handle(() -> reload(running.join()));
    rehearse(format, verbosity);
    Router router =
        Router.start(file, restarted, InstantSource.system(), RandomGenerator.getDefault());
    running.complete(router);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endBySignal(router, gone), "bgp-end"));
    try {
      router.awaitEnd();
    } finally {
      gone.countDown();
    }
  }

  /** Before it listens, and unseen: those who dial find a router that is as fast as it will be. */
  private static void rehearse(LogFormat format, int verbosity) {
    LogSetup.install(format, verbosity, OutputStream.nullOutputStream());
    try {
      var _ = Router.rehearse();
      LogSetup.install(format, verbosity, System.err);
    } catch (IOException | RuntimeException e) {
      LogSetup.install(format, verbosity, System.err);
      LOG.warn("the first sessions may take longer, nothing could be rehearsed: {}", e.toString());
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

  /** A JVM would end with 143, and services are set up for 0. */
  private static void endBySignal(Router router, CountDownLatch gone) {
    router.close();
    try {
      var _ = gone.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(router.isBroken() ? 1 : 0);
  }
}
