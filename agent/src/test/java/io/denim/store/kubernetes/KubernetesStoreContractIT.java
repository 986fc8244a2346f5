package io.denim.store.kubernetes;

import io.denim.store.Store;
import io.denim.store.StoreContract;
import io.denim.store.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

final class KubernetesStoreContractIT extends StoreContract {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir private static Path folder = Path.of("");
  private static @Nullable ApiServer server;

  private final TestClock clock = new TestClock();
  private final String namespace = "contract-" + NUMBER.incrementAndGet();
  private final KubernetesApi api = KubernetesApi.of(server().administrator());

  @BeforeAll
  static void start() {
    server = ApiServer.start(folder);
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  private static ApiServer server() {
    return Optional.ofNullable(server).orElseThrow();
  }

  @AfterEach
  void closeApi() {
    api.close();
  }

  @Override
  protected Store open() {
    server().namespace(namespace);
    return new KubernetesStore(api, namespace, clock, new Random(1));
  }

  @Override
  protected void pass(Duration time) {
    clock.pass(time);
  }
}
