package io.denim.cli;

import io.denim.router.Router;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** {@code denim bgp run}: one router in this process, until SIGTERM. */
final class BgpRun {
  private BgpRun() {}

  static void run(Path file, boolean restarted, LogFormat format, int verbosity) {
    LogSetup.install(format, verbosity, System.err);
    CountDownLatch gone = new CountDownLatch(1);
    Router router =
        Router.start(file, restarted, InstantSource.system(), RandomGenerator.getDefault());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endBySignal(router, gone), "bgp-end"));
    router.awaitEnd();
    gone.countDown();
  }

  /** A JVM would end with 143, and services are set up for 0. */
  private static void endBySignal(Router router, CountDownLatch gone) {
    router.close();
    try {
      var _ = gone.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }
}
