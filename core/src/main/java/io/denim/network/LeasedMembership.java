package io.denim.network;

import io.denim.ipam.Acquired;
import io.denim.ipam.FlannelLayout;
import io.denim.ipam.SubnetAllocator;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetOrigin;
import io.denim.store.Entry;
import io.denim.store.Event;
import io.denim.store.GrowingPause;
import io.denim.store.Listing;
import io.denim.store.MeteredStore;
import io.denim.store.Revision;
import io.denim.store.Store;
import io.denim.store.StoreException;
import io.denim.store.StoreHealth;
import io.denim.store.Watch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network whose nodes lease their subnets from each other in a store, as flannel's do in etcd.
 * Events come on the store's threads; one virtual thread lists again what a watch has lost, and
 * lets go of what has vanished for long.
 */
public final class LeasedMembership implements Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final List<String> COLLECTIONS =
      List.of("", FlannelLayout.SUBNETS, FlannelLayout.NODES);

  private final String node;
  private final StoreHealth health;
  private final MeteredStore store;
  private final SubnetAllocator allocator;
  private final Duration renewMargin;
  private final LeaseBook book;
  private final Map<String, Watch> watches = new HashMap<>();
  private final Map<String, Integer> turns = new HashMap<>();
  private final Set<String> lost = new HashSet<>();
  private Runnable changed = () -> {};
  private Optional<String> configuration = Optional.empty();
  private boolean configurationRead;
  private boolean configurationGone;
  private boolean answering = true;
  private @Nullable Acquired held;
  private String written = "";
  private boolean ownLost;
  private boolean following;
  private boolean closed;
  private @Nullable View view;

  /**
   * A membership that follows nothing yet.
   *
   * @param node the node's name, the same after a restart
   * @param store where the network is kept; stays the caller's
   * @param renewMargin how long before its end a lease is renewed
   * @param clock tells when what has vanished has been away for long
   */
  public LeasedMembership(
      String node, Store store, Duration renewMargin, InstantSource clock, RandomGenerator random) {
    this.node = node;
    this.health = new StoreHealth(node, clock);
    this.store = new MeteredStore(store, health, FlannelLayout.CONFIG, MeteredStore.USUAL_QUIET);
    this.allocator = new SubnetAllocator(this.store, random);
    this.renewMargin = renewMargin;
    this.book = new LeaseBook(node, clock);
  }

  @Override
  public SubnetOrigin origin() {
    return SubnetOrigin.LEASES;
  }

  @Override
  public void follow(Runnable onChange) {
    synchronized (this) {
      changed = onChange;
    }
    for (String collection : COLLECTIONS) {
      read(collection);
    }
    synchronized (this) {
      if (!following) {
        following = true;
        Thread.ofVirtual().name("membership-" + node).start(this::mend);
      }
    }
  }

  /** Lists a collection and hears it from that instant. */
  private void read(String collection) {
    Optional<Watch> before;
    int turn;
    synchronized (this) {
      before = Optional.ofNullable(watches.remove(collection));
      turn = turns.merge(collection, 1, Integer::sum);
    }
    before.ifPresent(Watch::close);
    Listing listing = store.list(collection);
    synchronized (this) {
      if (closed) {
        return;
      }
      listed(collection, listing);
      view = null;
      lost.remove(collection);
    }
    ring();
    Watch watch;
    try {
      // Not by a thread that holds the lock: it may take its time, and the view is waited for.
      watch = watch(collection, listing.revision(), event -> take(collection, turn, event));
    } catch (StoreException e) {
      lose(collection);
      throw e;
    }
    synchronized (this) {
      if (!closed) {
        watches.put(collection, watch);
        return;
      }
    }
    watch.close();
  }

  /** Of what stands beside the collections, nothing but the configuration is the network's. */
  private Watch watch(String collection, Revision from, Consumer<Event> events) {
    return collection.isEmpty()
        ? store.watch(FlannelLayout.CONFIG, from, events)
        : store.watch(collection, from, events);
  }

  private synchronized void lose(String collection) {
    lost.add(collection);
    notifyAll();
  }

  private void listed(String collection, Listing listing) {
    switch (collection) {
      case FlannelLayout.SUBNETS -> leases(listing);
      case FlannelLayout.NODES -> book.nodes(listing);
      default ->
          configuration(
              listing.entries().stream()
                  .filter(entry -> entry.key().equals(FlannelLayout.CONFIG))
                  .map(Entry::value)
                  .findFirst());
    }
  }

  private void leases(Listing listing) {
    book.leases(listing);
    Optional<Entry> own =
        listing.entries().stream().filter(entry -> isOwn(entry.key().name())).findFirst();
    ownLost = held != null && own.filter(entry -> entry.value().equals(written)).isEmpty();
  }

  private void configuration(Optional<String> now) {
    if (configurationGone && now.isPresent()) {
      book.countVanishedAnew();
    }
    configurationRead = true;
    configurationGone = now.isEmpty() && configuration.isPresent();
    configuration = now.or(() -> configuration);
  }

  private boolean isOwn(String lease) {
    return held != null && held.entry().key().name().equals(lease);
  }

  private void take(String collection, int turn, Event event) {
    synchronized (this) {
      if (turns.getOrDefault(collection, 0) != turn) {
        // Of a watch from before the collection was listed, which says more.
        return;
      }
      view = null;
      switch (event) {
        case Event.Put(Entry entry) -> put(entry);
        case Event.Deleted(var key, _) when key.equals(FlannelLayout.CONFIG) ->
            configuration(Optional.empty());
        case Event.Deleted(var key, _) when collection.equals(FlannelLayout.SUBNETS) -> {
          book.leaseGone(key.name());
          ownLost |= isOwn(key.name());
        }
        case Event.Deleted(var key, _) when collection.equals(FlannelLayout.NODES) ->
            book.nodeGone(key.name());
        case Event.Deleted _ -> {
          // Something else beside the configuration.
        }
        case Event.Lost(String reason) -> {
          LOG.info("watch of \"{}\" is begun anew: {}", collection, reason);
          lose(collection);
        }
      }
    }
    ring();
  }

  private void put(Entry entry) {
    switch (entry.key().collection()) {
      case FlannelLayout.SUBNETS -> {
        book.lease(entry);
        if (isOwn(entry.key().name())) {
          ownLost = !entry.value().equals(written);
        }
      }
      case FlannelLayout.NODES -> book.node(entry);
      default -> {
        if (entry.key().equals(FlannelLayout.CONFIG)) {
          configuration(Optional.of(entry.value()));
        }
      }
    }
  }

  private void ring() {
    Runnable call;
    synchronized (this) {
      call = changed;
    }
    call.run();
  }

  /** The thread that lists again. */
  private void mend() {
    GrowingPause pause = new GrowingPause(FIRST_PAUSE, LONGEST_PAUSE);
    try {
      for (List<String> toRead = toRead(); !toRead.isEmpty(); toRead = toRead()) {
        try {
          toRead.forEach(this::read);
          pause.reset();
        } catch (StoreException e) {
          LOG.debug("listing again failed, tried again soon: {}", e.getMessage());
          Thread.sleep(pause.next());
        } catch (RuntimeException e) {
          LOG.warn("node={} cannot follow its network, tried again soon", node, e);
          Thread.sleep(pause.next());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for what has to be listed again; gives nothing when the membership is closed. */
  private List<String> toRead() throws InterruptedException {
    while (true) {
      synchronized (this) {
        if (closed) {
          return List.of();
        }
        if (!lost.isEmpty()) {
          return List.copyOf(lost);
        }
        if (book.hasVanished()) {
          wait(LOOK.toMillis());
        } else {
          wait();
        }
      }
      letGo();
    }
  }

  /**
   * Lets go of what has vanished for long. A store without the configuration has lost all of its
   * data: nobody can join there, so it says nothing about who lives. Nor does one that has not
   * answered meanwhile, since those that live could not publish themselves.
   */
  void letGo() {
    synchronized (this) {
      boolean answers = health.report().reachable();
      if (answers && !answering) {
        book.countVanishedAnew();
        view = null;
      }
      answering = answers;
      if (!answers || configurationGone || !lost.isEmpty() || !book.settleVanished()) {
        return;
      }
      view = null;
    }
    ring();
  }

  @Override
  public synchronized View view() {
    if (view == null) {
      List<String> problems = new ArrayList<>(book.problems());
      if (configurationRead && configuration.isEmpty()) {
        problems.add(
            "there is no network configuration in the store; put net-conf.json under \""
                + FlannelLayout.CONFIG
                + "\"");
      } else if (configurationGone) {
        problems.add(
            "the network configuration \""
                + FlannelLayout.CONFIG
                + "\" is gone from the store; the last one stays in force, put it again");
      }
      view = new View(configuration, book.peers(), Map.of(), ownLost, book.unreadable(), problems);
    }
    return view;
  }

  @Override
  public synchronized Optional<FlannelLease> published() {
    return book.published();
  }

  @Override
  public Held join(FlannelConfig config, FlannelLease lease, Optional<SubnetEnv> previous) {
    synchronized (this) {
      book.asks(lease);
    }
    return held(allocator.acquire(node, config, lease, previous));
  }

  @Override
  public Held publish(FlannelLease lease) {
    Acquired before;
    synchronized (this) {
      if (held == null) {
        throw new IllegalStateException("node " + node + " has not joined");
      }
      before = held;
    }
    return held(allocator.renew(before, lease));
  }

  private Held held(Acquired acquired) {
    synchronized (this) {
      held = acquired;
      written = acquired.entry().value();
      ownLost = false;
      book.own(acquired.entry().key().name());
      view = null;
    }
    ring();
    return new Held(
        acquired.record(),
        acquired.entry().key().toString(),
        acquired.how(),
        acquired.untilRenewal(renewMargin));
  }

  @Override
  public void announceReady() {
    // A lease says it all.
  }

  @Override
  public StoreHealth health() {
    return health;
  }

  @Override
  public void close() {
    List<Watch> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(watches.values());
      watches.clear();
      notifyAll();
    }
    store.close();
    open.forEach(Watch::close);
  }
}
