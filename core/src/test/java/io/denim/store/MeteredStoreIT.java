package io.denim.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.store.StoreHealth.Operation;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store that keeps account does what every store must, and the account is true. */
class MeteredStoreIT extends StoreContract {
  private static final Key CONFIG = new Key("", "config");

  private final TestClock clock = new TestClock();
  private final MemoryStore memory = new MemoryStore(clock);
  private final StoreHealth health = new StoreHealth("n1", InstantSource.system());
  private final Broken broken = new Broken(memory);

  @Override
  protected Store open() {
    return new MeteredStore(memory, health, CONFIG, Duration.ofMinutes(5));
  }

  @Override
  protected void pass(Duration time) {
    clock.pass(time);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void anAnswerThatSaysNoIsAnAnswer() {
    try (Store store = open()) {
      store.create(CONFIG, "{}", Lifetime.permanent());
      assertThatThrownBy(() -> store.create(CONFIG, "{}", Lifetime.permanent()))
          .isInstanceOf(ConflictException.class);
    }

    assertThat(health.report().reachable()).isTrue();
    assertThat(health.report().requests())
        .hasEntrySatisfying(
            Operation.CREATE,
            creates -> {
              assertThat(creates.requests()).isEqualTo(2);
              assertThat(creates.failures()).isZero();
            });
  }

  @Test
  void aStoreThatIsAwayIsNoticedThoughNobodyAsksAndSoIsItsReturn() {
    try (Store _ = new MeteredStore(broken, health, CONFIG, Duration.ofMillis(20))) {
      await().until(() -> health.report().reachable());
      broken.reason.set(Optional.of("no route to host"));
      await().until(() -> !health.report().reachable());
      assertThat(health.report().reason()).isEqualTo("no route to host");
      broken.reason.set(Optional.empty());
      await().until(() -> health.report().reachable());
    }
  }

  @Test
  void anErrorThatNobodyForesawIsToldAndDoesNotEndTheAsking() {
    try (Store _ = new MeteredStore(broken, health, CONFIG, Duration.ofMillis(20))) {
      broken.error.set(Optional.of(new NoClassDefFoundError("io/netty/Gone")));
      await().until(() -> health.report().reason().contains("io/netty/Gone"));
      broken.error.set(Optional.empty());
      await().until(() -> health.report().reachable());
    }
  }

  @Test
  void aWatchThatIsLostIsCounted() {
    try (Store store = new MeteredStore(broken, health, CONFIG, Duration.ofMinutes(5));
        Watch _ = store.watch("subnets", new Revision("1"), _ -> {})) {
      assertThat(health.report().watchRestarts()).isEqualTo(1);
    }
  }

  /** Answers only when there is no reason not to, and loses every watch. */
  private record Broken(
      Store store, AtomicReference<Optional<String>> reason, AtomicReference<Optional<Error>> error)
      implements Store {
    Broken(Store store) {
      this(store, new AtomicReference<>(Optional.empty()), new AtomicReference<>(Optional.empty()));
    }

    @Override
    public Optional<Entry> get(Key key) {
      reason
          .get()
          .ifPresent(text -> {
            throw new UnavailableException(text);
          });
      error
          .get()
          .ifPresent(thrown -> {
            throw thrown;
          });
      return store.get(key);
    }

    @Override
    public Watch watch(String collection, Revision from, Consumer<Event> events) {
      events.accept(new Event.Lost("compacted"));
      return () -> {};
    }

    @Override
    public Listing list(String collection) {
      return store.list(collection);
    }

    @Override
    public Entry create(Key key, String value, Lifetime lifetime) {
      return store.create(key, value, lifetime);
    }

    @Override
    public Entry replace(Key key, String value, Revision expected, Lifetime lifetime) {
      return store.replace(key, value, expected, lifetime);
    }

    @Override
    public void delete(Key key, Revision expected) {
      store.delete(key, expected);
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
