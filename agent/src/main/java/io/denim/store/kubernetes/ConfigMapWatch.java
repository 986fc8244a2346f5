package io.denim.store.kubernetes;

import io.denim.store.Event;
import io.denim.store.Key;
import io.denim.store.Revision;
import io.denim.store.UnavailableException;
import io.denim.store.Watch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watch of a {@link KubernetesStore}. It remembers the entries that will expire, looks at the
 * clock, and tells the end of each once: when its time has come, or when it is deleted or written
 * over after that. One virtual thread delivers everything.
 */
final class ConfigMapWatch implements Watch {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesStore.class);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final String collection;
  private final InstantSource clock;
  private final Consumer<Event> consumer;
  private final Consumer<ConfigMapWatch> atEnd;
  private final BlockingQueue<WatchEvent<Stored>> events = new LinkedBlockingQueue<>();

  /** Entries with an end that has not been told, by the names of their keys. */
  private final Map<String, Stored> ending = new HashMap<>();

  /** Versions whose end was told although their ConfigMaps are still there. */
  private final Map<String, String> ended = new HashMap<>();

  private @Nullable ObjectWatch<Stored> source;
  private volatile boolean open = true;

  ConfigMapWatch(
      String collection,
      InstantSource clock,
      Consumer<Event> consumer,
      Consumer<ConfigMapWatch> atEnd) {
    this.collection = collection;
    this.clock = clock;
    this.consumer = consumer;
    this.atEnd = atEnd;
  }

  /**
   * Starts it.
   *
   * @param from the version after which the watch tells of everything itself
   * @param lister puts all that is there now into a map, for the ends of what is not written again
   * @param opener opens the watch of the ConfigMaps
   */
  void begin(
      String from,
      Consumer<Map<String, Stored>> lister,
      Function<Consumer<WatchEvent<Stored>>, ObjectWatch<Stored>> opener) {
    Thread.ofVirtual().name("store-watch-" + collection).start(() -> run(from, lister));
    ObjectWatch<Stored> opened = opener.apply(events::add);
    synchronized (this) {
      source = opened;
    }
    if (!open) {
      opened.close();
    }
  }

  /** Something may have ended. */
  void look() {
    events.add(new WatchEvent.Heard<>());
  }

  private void run(String from, Consumer<Map<String, Stored>> lister) {
    try {
      learn(from, lister);
      while (open) {
        WatchEvent<Stored> event = events.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        tellEnds();
        if (event != null) {
          take(event);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      // A watch that ended without a word would be waited for for ever.
      LOG.error("a watch of {} met an error of Denim's", collection, e);
      deliver(new Event.Lost("an error of Denim's, which the log has: " + e));
    } finally {
      close();
    }
  }

  /** The ends of what was there before; an entry whose time has already come is told to be gone. */
  private void learn(String from, Consumer<Map<String, Stored>> lister)
      throws InterruptedException {
    Map<String, Stored> known = new HashMap<>();
    while (open) {
      try {
        known.clear();
        lister.accept(known);
        known.values().stream()
            .filter(stored -> stored.end().isPresent())
            // A later one is told when it comes, and only then may its end be.
            .filter(stored -> !Revisions.isOlder(from, stored.resourceVersion()))
            .forEach(stored -> ending.put(stored.name(), stored));
        return;
      } catch (UnavailableException e) {
        LOG.debug("a watch of {} cannot list yet: {}", collection, e.getMessage());
        Thread.sleep(LOOK);
      }
    }
  }

  private void tellEnds() {
    List<Stored> due =
        ending.values().stream().filter(stored -> stored.expired(clock.instant())).toList();
    for (Stored stored : due) {
      ending.remove(stored.name());
      ended.put(stored.name(), stored.resourceVersion());
      deliver(deleted(stored));
    }
  }

  private void take(WatchEvent<Stored> event) {
    switch (event) {
      case WatchEvent.Put<Stored>(Stored stored) -> {
        if (stored.belongsTo(collection)) {
          put(stored);
        }
      }
      case WatchEvent.Deleted<Stored>(Stored stored) -> {
        if (stored.belongsTo(collection)) {
          ending.remove(stored.name());
          if (ended.remove(stored.name()) == null) {
            deliver(deleted(stored));
          }
        }
      }
      case WatchEvent.Heard<Stored> _, WatchEvent.Interrupted<Stored> _ -> {
        // Not told: the watch goes on.
      }
      case WatchEvent.Expired<Stored>(String reason) -> {
        deliver(new Event.Lost(reason));
        open = false;
      }
    }
  }

  private void put(Stored stored) {
    if (stored.resourceVersion().equals(ended.get(stored.name()))) {
      // Learnt from the listing, and over by now.
      return;
    }
    ended.remove(stored.name());
    ending.remove(stored.name());
    if (stored.end().isPresent()) {
      ending.put(stored.name(), stored);
    }
    deliver(new Event.Put(stored.entry(new Key(collection, stored.name()), clock)));
    tellEnds();
  }

  private Event deleted(Stored stored) {
    return new Event.Deleted(
        new Key(collection, stored.name()), new Revision(stored.resourceVersion()));
  }

  private void deliver(Event event) {
    if (!open) {
      return;
    }
    try {
      consumer.accept(event);
    } catch (RuntimeException e) {
      LOG.error("a watch of {} could not take {}", collection, event, e);
    }
  }

  @Override
  public void close() {
    open = false;
    look();
    ObjectWatch<Stored> running;
    synchronized (this) {
      running = source;
    }
    if (running != null) {
      running.close();
    }
    atEnd.accept(this);
  }
}
