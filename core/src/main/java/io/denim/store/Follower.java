package io.denim.store;

import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A watch of an embedded store: reads the history at its own pace, on a virtual thread. */
final class Follower implements Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  private final History history;
  private final InstantSource clock;
  private final String collection;
  private final Consumer<Event> consumer;
  private volatile boolean open = true;

  Follower(History history, InstantSource clock, String collection, Consumer<Event> consumer) {
    this.history = history;
    this.clock = clock;
    this.collection = collection;
    this.consumer = consumer;
  }

  void start(History.Cursor from) {
    Thread.ofVirtual().name("denim-watch-" + collection).start(() -> run(from));
  }

  private void run(History.Cursor from) {
    History.Cursor cursor = from;
    try {
      while (open) {
        switch (history.await(cursor, () -> open)) {
          case History.Next.Changes next -> {
            deliver(next.changes());
            cursor = next.after();
          }
          case History.Next.Gap gap -> {
            deliver(new Event.Lost(gap.reason()));
            open = false;
          }
          case History.Next.Closed closed -> open = false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(List<Change> changes) {
    for (Change change : changes) {
      if (open && change.key().collection().equals(collection)) {
        deliver(event(change));
      }
    }
  }

  private Event event(Change change) {
    return switch (change) {
      case Change.Put put -> new Event.Put(History.entry(put, clock.millis()));
      case Change.Delete delete ->
          new Event.Deleted(delete.key(), new Revision(Long.toString(delete.revision())));
    };
  }

  private void deliver(Event event) {
    try {
      consumer.accept(event);
    } catch (RuntimeException e) {
      LOG.error("a watch of {} could not take {}", collection, event, e);
    }
  }

  @Override
  public void close() {
    open = false;
    history.wakeAll();
  }
}
