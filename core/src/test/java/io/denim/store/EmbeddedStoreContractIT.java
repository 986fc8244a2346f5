package io.denim.store;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedStoreContractIT extends StoreContract {
  private final TestClock clock = new TestClock();

  @TempDir private Path directory = Path.of("");

  @Override
  protected Store open() {
    return new EmbeddedStore(directory.resolve("store"), clock);
  }

  @Override
  protected void pass(Duration time) {
    clock.pass(time);
  }
}
