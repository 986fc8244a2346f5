package io.denim.cli;

import io.denim.bgp.rib.Rehearsal;
import io.denim.router.Answers.Reloaded;
import io.denim.router.Router;
import io.denim.router.RouterException;
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
    Router router =
        Router.start(file, restarted, InstantSource.system(), RandomGenerator.getDefault());
    running.complete(router);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endBySignal(router, gone), "bgp-end"));
    try {
      rehearse();
      router.awaitEnd();
    } finally {
      gone.countDown();
    }
  }

  /** A router that is up does not end by it. */
  private static void rehearse() {
    try {
      var _ = Rehearsal.run();
    } catch (RuntimeException e) {
      LOG.warn("the first routes may take longer: the rehearsal met an error of Denim's", e);
    }
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
