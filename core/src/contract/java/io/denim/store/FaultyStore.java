package io.denim.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A store in front of another one that fails when it is told to: it does not answer, loses its
 * watches, holds their events back, or has lost its data. For tests of what uses a store.
 */
public final class FaultyStore implements Store {
  private final List<Relay> relays = new ArrayList<>();
  private Store behind;
  private boolean down;
  private boolean holding;
  private int lists;
  private int refusals;

  /** As good as the store behind it, which stays the caller's. */
  public FaultyStore(Store behind) {
    this.behind = behind;
  }

  /** Does not answer from now on. Watches go on waiting and tell nothing. */
  public synchronized void goDown() {
    down = true;
    holding = true;
  }

  /** Answers again, and watches tell what they have missed. */
  public void comeBack() {
    synchronized (this) {
      down = false;
    }
    release();
  }

  /** Another store is behind it from now on: all watches are lost. */
  public void replace(Store other) {
    synchronized (this) {
      behind = other;
      down = false;
      holding = false;
    }
    loseWatches();
  }

  /** What a watch would tell is kept until {@link #release}. */
  public synchronized void hold() {
    holding = true;
  }

  /** Tells what was held, in order. */
  public synchronized void release() {
    holding = false;
    notifyAll();
  }

  /** All watches are lost, and what they have not told they never will. */
  public void loseWatches() {
    List<Relay> open;
    synchronized (this) {
      open = List.copyOf(relays);
      relays.clear();
    }
    open.forEach(Relay::lose);
  }

  /** Refuses to begin this many watches. */
  public synchronized void refuseWatches(int count) {
    refusals = count;
  }

  /** How often something was listed. */
  public synchronized int lists() {
    return lists;
  }

  /** How many watches are open. */
  public synchronized int watches() {
    return relays.size();
  }

  private <T> T ask(Supplier<T> question) {
    synchronized (this) {
      if (down) {
        throw new UnavailableException("the store was told not to answer");
      }
    }
    return question.get();
  }

  private synchronized Store behind() {
    return behind;
  }

  @Override
  public Optional<Entry> get(Key key) {
    return ask(() -> behind().get(key));
  }

  @Override
  public Listing list(String collection) {
    return ask(() -> {
      synchronized (this) {
        lists++;
      }
      return behind().list(collection);
    });
  }

  @Override
  public Watch watch(String collection, Revision from, Consumer<Event> events) {
    return ask(() -> {
      Relay relay;
      synchronized (this) {
        if (refusals > 0) {
          refusals--;
          throw new UnavailableException("the store was told to refuse this watch");
        }
        relay = new Relay(events);
        relays.add(relay);
      }
      relay.begin(behind().watch(collection, from, relay::take));
      return relay;
    });
  }

  @Override
  public Entry create(Key key, String value, Lifetime lifetime) {
    return ask(() -> behind().create(key, value, lifetime));
  }

  @Override
  public Entry replace(Key key, String value, Revision expected, Lifetime lifetime) {
    return ask(() -> behind().replace(key, value, expected, lifetime));
  }

  @Override
  public void delete(Key key, Revision expected) {
    ask(() -> {
      behind().delete(key, expected);
      return true;
    });
  }

  @Override
  public void close() {
    loseWatches();
  }

  /** Passes events on, one at a time and in order, when it may. */
  private final class Relay implements Watch {
    private final Consumer<Event> consumer;
    private final Queue<Event> events = new ArrayDeque<>();
    private Optional<Watch> inner = Optional.empty();
    private boolean open = true;

    Relay(Consumer<Event> consumer) {
      this.consumer = consumer;
      Thread.ofVirtual().start(this::pass);
    }

    void begin(Watch watch) {
      synchronized (FaultyStore.this) {
        inner = Optional.of(watch);
      }
    }

    void take(Event event) {
      synchronized (FaultyStore.this) {
        events.add(event);
        FaultyStore.this.notifyAll();
      }
    }

    private void pass() {
      try {
        for (Optional<Event> event = next(); event.isPresent(); event = next()) {
          consumer.accept(event.get());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private Optional<Event> next() throws InterruptedException {
      synchronized (FaultyStore.this) {
        while (open && (holding || events.isEmpty())) {
          FaultyStore.this.wait();
        }
        return open ? Optional.of(events.remove()) : Optional.empty();
      }
    }

    void lose() {
      close();
      consumer.accept(new Event.Lost("the watch was told to end"));
    }

    @Override
    public void close() {
      Optional<Watch> ended;
      synchronized (FaultyStore.this) {
        open = false;
        ended = inner;
        relays.remove(this);
        FaultyStore.this.notifyAll();
      }
      ended.ifPresent(Watch::close);
    }
  }
}
