package io.denim.bgp.speaker;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.policy.Source;
import io.denim.bgp.rib.NextHops;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.rib.RoutePage;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.rib.SourceInfo;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Notification;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A BGP speaker: peers, routes, and one thread. All public methods may be called by any thread and
 * wait until the speaker's own has done what they ask.
 */
public final class Speaker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Speaker.class);

  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

  /** A loop that comes so late was held up as a whole. */
  private static final long LATE = TimeUnit.SECONDS.toNanos(1);

  /** So much is read of a session at a time; the longest message (RFC 8654) is whole in it. */
  private static final int BUFFER = 64 << 10;

  /** So many connections are taken at a time. */
  private static final int MOST_ACCEPTED = 256;

  /** So many changed prefixes are enough for a flush while more comes. */
  private static final int MANY = 20_000;

  /** No change waits longer than this for others to come with it. */
  private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(5);

  private final Core core;
  private final Thread thread;
  private final Listeners listeners;
  private final Roster roster;
  private final byte[] buffer = new byte[BUFFER];
  private volatile boolean closed;
  private long nextTick;
  private long waitingSince;

  /** What a speaker needs of the world. */
  public record World(
      Sockets sockets,
      NextHops nextHops,
      Rib.Listener listener,
      RandomGenerator random,
      Monitor monitor) {
    /** With nobody who sees the messages. */
    public World(
        Sockets sockets, NextHops nextHops, Rib.Listener listener, RandomGenerator random) {
      this(sockets, nextHops, listener, random, Monitor.NOBODY);
    }

    /** The same, and somebody sees the messages. */
    public World seenBy(Monitor seer) {
      return new World(sockets, nextHops, listener, random, seer);
    }

    /** Java's sockets, all next hops equally near, and nobody who installs routes. */
    public static World plain(RandomGenerator random) {
      return new World(new PlainSockets(), NextHops.ALL_EQUAL, Rib.Listener.NOBODY, random);
    }
  }

  private Speaker(SpeakerConfig config, World world, Selector selector) {
    SourceInfo local =
        new SourceInfo(
            0, "", Source.LOCAL, config.routerId().low32(), config.routerId(), config.as(), false);
    Rib rib = new Rib(local, world.random().nextLong(), world.nextHops(), world.listener());
    core =
        new Core(
            SpeakerConfig.of(config.routerId(), config.as()),
            rib,
            world.sockets(),
            selector,
            world.random(),
            world.monitor());
    listeners = new Listeners(core);
    roster = new Roster(core, listeners);
    thread = new Thread(this::run, "bgp");
    thread.setDaemon(true);
  }

  /**
   * Starts a speaker.
   *
   * @throws IOException when it cannot listen
   */
  public static Speaker start(SpeakerConfig config, World world) throws IOException {
    Speaker speaker = new Speaker(config, world, Selector.open());
    try {
      speaker.core.restarting(config.restarting());
      speaker.core.deferredUntil(System.nanoTime() + config.selectionDeferral().toNanos());
      for (Listener listener : Listeners.inOrder(config.listeners())) {
        speaker.listeners.listen(listener);
      }
      // Before anybody is let in: who dials while it starts is no stranger.
      speaker.roster.change(config);
      speaker.listeners.takeEarly(speaker.roster);
      speaker.thread.start();
      return speaker;
    } catch (IOException | RuntimeException e) {
      speaker.close();
      throw e;
    }
  }

  /** Whether its thread runs: only an error of Denim's ends it before it is closed. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** Where it is to listen, and cannot. */
  public List<Listener> closedListeners() {
    return ask(listeners::closed);
  }

  /** Where it listens: with the ports that the kernel chose for those that were 0. */
  public List<InetSocketAddress> addresses() {
    return ask(listeners::addresses);
  }

  /** Goes over to another description. What is the same in both is not touched. */
  public void apply(SpeakerConfig next) {
    run(() -> roster.change(next));
  }

  /** Announces a route of its own, in the place of one of the same kind to the same prefix. */
  public void announce(LocalRoute route) {
    run(() -> roster.originate(route));
  }

  /** Takes back what was announced under this kind. */
  public void withdraw(Cidr prefix, String kind) {
    run(() -> core.rib.takeBack(prefix, kind));
  }

  /** Next hops are nearer or farther than they were. */
  public void nextHopsChanged() {
    run(core.rib::nextHopsChanged);
  }

  /** All peers as they are now, by name. */
  public List<PeerStatus> peers() {
    return ask(() -> {
      long now = System.nanoTime();
      return roster.all().stream()
          .map(peer -> PeerStatus.of(peer, core, now))
          .sorted(Comparator.comparing(PeerStatus::name))
          .toList();
    });
  }

  /**
   * Ends a peer's session and begins it anew.
   *
   * @return false when there is no such peer
   */
  public boolean reset(String name, String communication) {
    return ask(() ->
        roster
            .named(name)
            .map(peer -> {
              peer.reset(Notification.cease(4, communication), System.nanoTime());
              return true;
            })
            .orElse(false));
  }

  /**
   * Looks at a peer's routes again without ending its session.
   *
   * @param in asks the peer for its routes
   * @param out tells the peer all routes
   * @return false when there is no such peer, or no session with it
   */
  public boolean refresh(String name, boolean in, boolean out) {
    return ask(() ->
        roster
            .named(name)
            .flatMap(Peer::session)
            .map(session -> {
              if (in) {
                session.askAgain();
              }
              if (out) {
                session.agreement().families().forEach(session::tellAgain);
              }
              return true;
            })
            .orElse(false));
  }

  /**
   * Makes routes by a peer the last choice before its session ends, or ends that (RFC 8326): what
   * it is told has the community GRACEFUL_SHUTDOWN, and what it announces has LOCAL_PREF 0.
   *
   * @return false when there is no such peer
   */
  public boolean drain(String name, boolean on) {
    return ask(() -> {
      Optional<Peer> peer = roster.named(name);
      peer.ifPresent(found -> roster.drain(found, on));
      return peer.isPresent();
    });
  }

  /**
   * A peer of a range that is away is drained no more.
   *
   * @return false when it was not
   */
  public boolean drainNoMore(PeerAddress peer) {
    return ask(() -> core.drain.remove(peer));
  }

  /**
   * All peers are told that routes by this speaker are the last choice, or none is any more. What
   * they announce is taken as before, since none of them is better than another.
   */
  public void drainAll(boolean on) {
    run(() -> roster.drainAll(on));
  }

  /** Whether all peers are drained at once. */
  public boolean isDrained() {
    return ask(core.drain::isAll);
  }

  /**
   * Routes to some prefixes, of both families, in the order of the prefixes.
   *
   * @param from the peer by whose paths; empty for all
   */
  public List<RouteView> routes(Predicate<Cidr> prefixes, Optional<String> from) {
    return ask(() -> {
      List<RouteView> routes = new ArrayList<>();
      for (Family family : Family.values()) {
        Predicate<SourceInfo> sources = info -> from.isEmpty() || info.name().equals(from.get());
        routes.addAll(core.rib.routes(family, prefixes, sources, seconds(System.nanoTime())));
      }
      return routes;
    });
  }

  /** A part of the same, from a place on; others have their turn between two parts. */
  public RoutePage page(RoutePage.Place first, Predicate<Cidr> prefixes, Optional<String> from) {
    Predicate<SourceInfo> sources = info -> from.isEmpty() || info.name().equals(from.get());
    return ask(() -> core.rib.page(first, prefixes, sources, seconds(System.nanoTime())));
  }

  /** The tables as they are now. */
  public TableStatus tables() {
    return ask(() -> TableStatus.of(core));
  }

  /** To how many prefixes of a family there is a route that may be used. */
  public int chosen(Family family) {
    return ask(() -> core.rib.chosen(family));
  }

  /**
   * Follows the best routes (Loc-RIB, RFC 4271 1.1) from now on: the follower is told nothing but
   * what it asks for by {@link Following#next}.
   *
   * @param follower is called by the speaker's thread, which waits meanwhile
   */
  public Following follow(Following.Follower follower) {
    return ask(() -> new Following(core, follower));
  }

  /**
   * What a peer is told of each prefix, as it leaves.
   *
   * @return empty when there is no session with such a peer
   */
  public Optional<Map<Cidr, List<AttributeSet>>> told(String peer) {
    return ask(
        () -> roster.named(peer).flatMap(Peer::session).map(session -> session.outflow().told()));
  }

  /**
   * Why a peer is told of a prefix what it is told, or nothing, in words.
   *
   * @return empty when there is no session with such a peer in the prefix's family
   */
  public Optional<String> explain(Cidr prefix, String peer) {
    return ask(() ->
        roster
            .named(peer)
            .flatMap(Peer::session)
            .flatMap(session -> session.outflow().explain(prefix)));
  }

  private void run(Runnable task) {
    ask(() -> {
      task.run();
      return true;
    });
  }

  private <T> T ask(Supplier<T> question) {
    return core.questions().ask(thread, question);
  }

  private static int seconds(long nanos) {
    return (int) TimeUnit.NANOSECONDS.toSeconds(nanos);
  }

  /** The thread. */
  private void run() {
    try {
      while (!closed) {
        turn();
      }
    } catch (IOException e) {
      LOG.error("the speaker ends: its sockets are of no use any more", e);
    } catch (RuntimeException e) {
      LOG.error("the speaker ends by an error of Denim's", e);
    }
  }

  private void turn() throws IOException {
    long now = System.nanoTime();
    boolean hurry = core.rib.waiting() > 0 || !core.questions().isEmpty();
    if (hurry) {
      core.selector.selectNow();
    } else {
      core.selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nextTick - now)));
    }
    now = System.nanoTime();
    core.questions().answer();
    Set<SelectionKey> ready = core.selector.selectedKeys();
    boolean more = !ready.isEmpty();
    for (SelectionKey key : ready) {
      serve(key, now);
    }
    ready.clear();
    int waiting = core.rib.waiting();
    if (waiting > 0) {
      waitingSince = waitingSince == 0 ? now : waitingSince;
      if (!more || waiting >= MANY || now - waitingSince > LONGEST_WAIT) {
        core.convergence.changed(waitingSince);
        core.rib.flush();
        waitingSince = 0;
      }
    } else {
      waitingSince = 0;
    }
    write(now);
    if (!more) {
      // Else the next flush does it: somebody waits now.
      core.rib.reclaim();
    }
    if (core.convergence.isPending() && roster.isUpToDate()) {
      core.convergence.reached(System.nanoTime());
    }
    if (now - nextTick >= 0) {
      tick(now);
    }
  }

  private void serve(SelectionKey key, long now) {
    if (!key.isValid()) {
      return;
    }
    if (key.attachment() instanceof ServerSocketChannel listener) {
      accept(listener, now);
    } else if (key.attachment() instanceof Connection connection) {
      Peer peer = connection.peer();
      try {
        if (key.isConnectable()) {
          peer.connected(connection, now);
        } else if (key.isReadable()) {
          connection.read(buffer);
        }
      } catch (RuntimeException e) {
        LOG.error("peer {} met an error of Denim's", peer.config().name(), e);
        peer.lost(connection, "an error of Denim's: " + e);
      }
    }
  }

  /** Many that wait, since a network may start at once; others have their turn before the rest. */
  private void accept(ServerSocketChannel listener, long now) {
    try {
      SocketChannel channel = listener.accept();
      for (int left = MOST_ACCEPTED; channel != null; left--) {
        roster.accept(channel, now);
        channel = left > 1 ? listener.accept() : null;
      }
    } catch (IOException e) {
      LOG.warn("cannot take a connection: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("a connection met an error of Denim's", e);
    }
  }

  private void write(long now) {
    for (Peer peer : roster.all()) {
      try {
        peer.write(now);
      } catch (RuntimeException e) {
        alone(peer, e, now);
      }
    }
  }

  /** What goes wrong with one peer by an error of Denim's costs the others nothing. */
  private static void alone(Peer peer, RuntimeException error, long now) {
    LOG.error("peer {} met an error of Denim's", peer.config().name(), error);
    peer.reset(Notification.cease(8, ""), now);
  }

  private void tick(long now) {
    boolean late = nextTick != 0 && now - nextTick > LATE;
    nextTick = now + TICK;
    for (Peer peer : roster.all()) {
      try {
        peer.tick(now, late);
      } catch (RuntimeException e) {
        alone(peer, e, now);
      }
      if (peer.dynamic() && peer.isIdle()) {
        roster.end(peer, Notification.cease(3, ""), now);
      }
    }
    core.lingering.tick(now);
    core.refusals.tick(now);
    if (core.restarting() && (now - core.deferredUntil() >= 0 || roster.isComplete())) {
      core.restarting(false);
      LOG.info("the restart is over");
      roster.all().forEach(peer -> peer.session().ifPresent(Session::restarted));
    }
  }

  /**
   * Ends all sessions for good: peers are told, and drop the routes at once.
   *
   * @param communication why, for the people at the other ends
   */
  public void shutDown(String communication) {
    try {
      run(() ->
          roster
              .all()
              .forEach(peer -> peer.stop(Notification.cease(2, communication), System.nanoTime())));
    } finally {
      close();
    }
  }

  /** Ends without a word: peers that agreed to keep the routes until it is back. */
  @Override
  public void close() {
    closed = true;
    if (!core.selector.isOpen()) {
      return;
    }
    core.selector.wakeup();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
      listeners.close();
      for (SelectionKey key : core.selector.keys()) {
        Closing.quietly(key.channel());
      }
      core.close();
      core.selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debug("closing failed", e);
    }
  }
}
