package io.denim.store.etcd;

import io.denim.store.Store;
import io.denim.store.StoreContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class EtcdStoreContractIT extends StoreContract {
  @TempDir private static Path folder = Path.of("");
  private static @Nullable EtcdServer server;

  private final String prefix = "/" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    server = EtcdServer.start(folder);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  protected Store open() {
    String endpoint = server == null ? "" : server.endpoint();
    return EtcdStore.open(EtcdOptions.plain(endpoint, prefix), new Random());
  }

  @Override
  @SuppressWarnings("ThreadSleep") // etcd measures by the clock of the machine
  protected void pass(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
