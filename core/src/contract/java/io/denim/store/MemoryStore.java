package io.denim.store;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** A store without files, for tests of what uses a store. */
public final class MemoryStore implements Store {
  private final History history = new History();
  private final InstantSource clock;

  /** An empty store whose times to live are measured on this clock. */
  public MemoryStore(InstantSource clock) {
    this.clock = clock;
  }

  private synchronized Change change(Function<Draft, Change> work) {
    Draft draft = new Draft(history, clock);
    try {
      return work.apply(draft);
    } finally {
      history.apply(draft.changes());
    }
  }

  private Entry put(Function<Draft, Change> work) {
    return switch (change(work)) {
      case Change.Put put -> History.entry(put, clock.millis());
      case Change.Delete delete -> throw new IllegalStateException("deleted");
    };
  }

  private synchronized void expire() {
    history.apply(new Draft(history, clock).changes());
  }

  @Override
  public Optional<Entry> get(Key key) {
    expire();
    return history.find(key).map(put -> History.entry(put, clock.millis()));
  }

  @Override
  public Listing list(String collection) {
    expire();
    return history.list(collection, clock.millis());
  }

  @Override
  public Watch watch(String collection, Revision from, Consumer<Event> events) {
    Follower follower = new Follower(history, clock, collection, events);
    follower.start(history.cursor(Long.parseLong(from.token())));
    return follower;
  }

  @Override
  public Entry create(Key key, String value, Lifetime lifetime) {
    return put(draft -> draft.create(key, value, lifetime));
  }

  @Override
  public Entry replace(Key key, String value, Revision expected, Lifetime lifetime) {
    return put(draft -> draft.replace(key, value, expected, lifetime));
  }

  @Override
  public void delete(Key key, Revision expected) {
    change(draft -> draft.delete(key, expected));
  }

  @Override
  public void close() {
    history.close();
  }
}
