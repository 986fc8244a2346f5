package io.denim.store;

import java.time.Duration;

final class MemoryStoreTest extends StoreContract {
  private final TestClock clock = new TestClock();

  @Override
  protected Store open() {
    return new MemoryStore(clock);
  }

  @Override
  protected void pass(Duration time) {
    clock.pass(time);
  }
}
