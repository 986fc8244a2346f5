package io.denim.store;

import io.denim.store.StoreHealth.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A store that keeps account of what it is asked. When it has not been heard of for a while it asks
 * by itself, so that the account is true on a day on which nothing happens.
 */
public final class MeteredStore implements Store {
  /** How long nothing may be heard of a store in everyday use. */
  public static final Duration USUAL_QUIET = Duration.ofSeconds(30);

  private static final Duration ASKED_AGAIN = Duration.ofSeconds(5);

  private final Store store;
  private final StoreHealth health;
  private final Thread prober;

  /**
   * Keeps account of a store.
   *
   * @param store stays the caller's; closing this one only ends the asking
   * @param probed the entry that it asks for by itself; it need not be there
   * @param quiet how long nothing may be heard before it asks
   */
  public MeteredStore(Store store, StoreHealth health, Key probed, Duration quiet) {
    this.store = store;
    this.health = health;
    prober = Thread.ofVirtual().name("store-probe").start(() -> probe(probed, quiet));
  }

  private void probe(Key key, Duration quiet) {
    try {
      while (true) {
        Thread.sleep(health.untilQuiet(quiet));
        if (health.untilQuiet(quiet).isZero()) {
          try {
            var _ = get(key);
          } catch (RuntimeException | Error e) {
            // The account says it, whatever it was.
            Thread.sleep(quiet.compareTo(ASKED_AGAIN) < 0 ? quiet : ASKED_AGAIN);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private <T> T metered(Operation operation, Supplier<T> request) {
    long start = System.nanoTime();
    try {
      T answer = request.get();
      health.answered(operation, since(start));
      return answer;
    } catch (ConflictException | NotFoundException e) {
      health.answered(operation, since(start));
      throw e;
    } catch (StoreException e) {
      failed(operation, start, String.valueOf(e.getMessage()));
      throw e;
    } catch (RuntimeException | Error e) {
      failed(operation, start, "an error of Denim's: " + e);
      throw e;
    }
  }

  private void failed(Operation operation, long start, String reason) {
    if (!Thread.currentThread().isInterrupted()) {
      health.failed(operation, since(start), reason);
    }
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Override
  public Optional<Entry> get(Key key) {
    return metered(Operation.GET, () -> store.get(key));
  }

  @Override
  public Listing list(String collection) {
    return metered(Operation.LIST, () -> store.list(collection));
  }

  @Override
  public Watch watch(String collection, Revision from, Consumer<Event> events) {
    return metered(Operation.WATCH, () -> store.watch(collection, from, heard(events)));
  }

  @Override
  public Watch watch(Key key, Revision from, Consumer<Event> events) {
    return metered(Operation.WATCH, () -> store.watch(key, from, heard(events)));
  }

  private Consumer<Event> heard(Consumer<Event> events) {
    return event -> {
      switch (event) {
        case Event.Lost _ -> health.watchRestarted();
        case Event.Put _, Event.Deleted _ -> health.heard();
      }
      events.accept(event);
    };
  }

  @Override
  public Entry create(Key key, String value, Lifetime lifetime) {
    return metered(Operation.CREATE, () -> store.create(key, value, lifetime));
  }

  @Override
  public Entry replace(Key key, String value, Revision expected, Lifetime lifetime) {
    return metered(Operation.REPLACE, () -> store.replace(key, value, expected, lifetime));
  }

  @Override
  public void delete(Key key, Revision expected) {
    var _ =
        metered(
            Operation.DELETE,
            () -> {
              store.delete(key, expected);
              return true;
            });
  }

  @Override
  public void close() {
    prober.interrupt();
  }
}
