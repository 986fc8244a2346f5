package io.denim.bgp.speaker;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.policy.Source;
import io.denim.bgp.rib.NextHops;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.rib.SourceInfo;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Notification;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
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

  private static final int BUFFER = 256 << 10;

  /** So many changed prefixes are enough for a flush while more comes. */
  private static final int MANY = 20_000;

  /** No change waits longer than this for others to come with it. */
  private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(5);

  private final Core core;
  private final Thread thread;
  private final Queue<Runnable> asked = new ConcurrentLinkedQueue<>();
  private final Map<IpAddress, Peer> peers = new LinkedHashMap<>();
  private final Map<Listener, ServerSocketChannel> listeners = new HashMap<>();
  private final Map<IpAddress, String> signed = new HashMap<>();
  private final Map<Cidr, LocalRoute> configured = new HashMap<>();
  private final byte[] buffer = new byte[BUFFER];
  private volatile boolean closed;
  private long nextTick;
  private long waitingSince;

  /** What a speaker needs of the world. */
  public record World(
      Sockets sockets, NextHops nextHops, Rib.Listener listener, RandomGenerator random) {
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
            world.random());
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
      for (Listener listener : config.listeners()) {
        speaker.listen(listener);
      }
      speaker.thread.start();
      speaker.apply(config);
      return speaker;
    } catch (IOException | RuntimeException e) {
      speaker.close();
      throw e;
    }
  }

  private void listen(Listener listener) throws IOException {
    ServerSocketChannel channel = core.sockets.listen(listener);
    channel.register(core.selector, SelectionKey.OP_ACCEPT, channel);
    listeners.put(listener, channel);
    signed.forEach((peer, password) -> sign(listener, channel, peer, Optional.of(password)));
  }

  /** On a listener of the peer's family its key must be there before it dials. */
  private void sign(
      Listener listener, ServerSocketChannel channel, IpAddress peer, Optional<String> password) {
    if (listener.address().family() != peer.family()) {
      return;
    }
    try {
      core.sockets.sign(channel, peer, password);
    } catch (IOException e) {
      LOG.error("cannot set the password of peer {}: {}", peer, e.getMessage());
    }
  }

  private void changePasswords(List<PeerConfig> peers) {
    Map<IpAddress, String> next = new HashMap<>();
    peers.forEach(
        peer -> peer.password().ifPresent(password -> next.put(peer.address(), password)));
    Set<IpAddress> touched = new HashSet<>(signed.keySet());
    touched.addAll(next.keySet());
    for (IpAddress peer : touched) {
      if (!Objects.equals(signed.get(peer), next.get(peer))) {
        Optional<String> password = Optional.ofNullable(next.get(peer));
        listeners.forEach((listener, channel) -> sign(listener, channel, peer, password));
      }
    }
    signed.clear();
    signed.putAll(next);
  }

  /** Where it listens: with the ports that the kernel chose for those that were 0. */
  public List<InetSocketAddress> addresses() {
    return ask(() -> {
      List<InetSocketAddress> addresses = new ArrayList<>();
      for (ServerSocketChannel channel : listeners.values()) {
        try {
          addresses.add((InetSocketAddress) channel.getLocalAddress());
        } catch (IOException e) {
          LOG.debug("a listener is closed already", e);
        }
      }
      return addresses;
    });
  }

  /** Goes over to another description. What is the same in both is not touched. */
  public void apply(SpeakerConfig next) {
    run(() -> change(next));
  }

  /** Announces a route of its own, in the place of one of the same kind to the same prefix. */
  public void announce(LocalRoute route) {
    run(() -> originate(route));
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
      return peers.values().stream()
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
        named(name)
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
        named(name)
            .flatMap(Peer::session)
            .map(session -> {
              if (in) {
                session.askAgain();
              }
              if (out) {
                session.families().forEach(session::tellAgain);
              }
              return true;
            })
            .orElse(false));
  }

  private Optional<Peer> named(String name) {
    return peers.values().stream().filter(peer -> peer.config().name().equals(name)).findFirst();
  }

  private void run(Runnable task) {
    ask(() -> {
      task.run();
      return true;
    });
  }

  private <T> T ask(Supplier<T> question) {
    if (Thread.currentThread() == thread || !thread.isAlive()) {
      return question.get();
    }
    FutureTask<T> task = new FutureTask<>(question::get);
    asked.add(task);
    core.selector.wakeup();
    try {
      while (true) {
        try {
          return task.get(1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          if (!thread.isAlive()) {
            throw new IllegalStateException("the speaker is closed", e);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the speaker", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private void change(SpeakerConfig next) {
    SpeakerConfig before = core.config();
    core.config(next);
    changeListeners(next);
    changePasswords(next.peers());
    long now = System.nanoTime();
    Set<IpAddress> wanted = new HashSet<>();
    boolean all =
        !before.routerId().equals(next.routerId())
            || before.as() != next.as()
            || !before.clusterId().equals(next.clusterId());
    for (PeerConfig config : next.peers()) {
      wanted.add(config.address());
      Peer known = peers.get(config.address());
      if (known == null) {
        begin(config, false, now);
      } else if (all || !known.config().equals(config)) {
        known.change(config, now);
      }
    }
    for (Peer peer : List.copyOf(peers.values())) {
      if (!wanted.contains(peer.config().address()) && !isOfRange(peer, next, now)) {
        end(peer, Notification.cease(3, "this peer is not configured any more"), now);
      }
    }
    changeRoutes(next.routes());
  }

  private boolean isOfRange(Peer peer, SpeakerConfig next, long now) {
    Optional<PeerRange> range = range(next, peer.config().address());
    if (!peer.dynamic() || range.isEmpty()) {
      return false;
    }
    PeerConfig config = range.get().peer(peer.config().address());
    if (!config.equals(peer.config())) {
      peer.change(config, now);
    }
    return true;
  }

  private void changeListeners(SpeakerConfig next) {
    for (Listener gone : Set.copyOf(listeners.keySet())) {
      if (!next.listeners().contains(gone)) {
        closeQuietly(listeners.remove(gone));
      }
    }
    for (Listener wanted : next.listeners()) {
      if (!listeners.containsKey(wanted)) {
        try {
          listen(wanted);
        } catch (IOException e) {
          LOG.error("cannot listen at {}: {}", wanted, e.getMessage());
        }
      }
    }
  }

  private void changeRoutes(List<LocalRoute> routes) {
    Map<Cidr, LocalRoute> next = new HashMap<>();
    routes.forEach(route -> next.put(route.prefix(), route));
    for (LocalRoute before : List.copyOf(configured.values())) {
      LocalRoute now = next.get(before.prefix());
      if (now == null || !now.kind().equals(before.kind())) {
        core.rib.takeBack(before.prefix(), before.kind());
        configured.remove(before.prefix());
      }
    }
    next.values().stream()
        .filter(route -> !route.equals(configured.get(route.prefix())))
        .forEach(this::originate);
    configured.putAll(next);
  }

  private void originate(LocalRoute route) {
    IpAddress self = route.prefix().address().isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
    AttributeSetBuilder set =
        AttributeSet.builder().origin(route.origin()).nextHop(route.nextHop().orElse(self));
    route.med().ifPresent(set::med);
    route.localPref().ifPresent(set::localPref);
    route.communities().forEach(set::addCommunity);
    route.largeCommunities().forEach(set::addLargeCommunity);
    core.rib.originate(route.prefix(), set.build(), route.kind(), seconds(System.nanoTime()));
  }

  private static int seconds(long nanos) {
    return (int) TimeUnit.NANOSECONDS.toSeconds(nanos);
  }

  private Peer begin(PeerConfig config, boolean dynamic, long now) {
    Peer peer = new Peer(core, config, core.rib.newPeer(), dynamic, now);
    peers.put(config.address(), peer);
    return peer;
  }

  private void end(Peer peer, Notification notification, long now) {
    peer.stop(notification, false, now);
    core.rib.removePeer(peer.number());
    peers.remove(peer.config().address());
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
    boolean hurry = core.rib.waiting() > 0 || !asked.isEmpty();
    if (hurry) {
      core.selector.selectNow();
    } else {
      core.selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nextTick - now)));
    }
    now = System.nanoTime();
    for (Runnable task = asked.poll(); task != null; task = asked.poll()) {
      task.run();
    }
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
        core.rib.flush();
        waitingSince = 0;
      }
    }
    write(now);
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
      if (key.isConnectable()) {
        peer.connected(connection, now);
      } else if (key.isReadable()) {
        connection.read(buffer);
      }
    }
  }

  /** All that wait: a network may start at once. */
  private void accept(ServerSocketChannel listener, long now) {
    try {
      SocketChannel channel = listener.accept();
      while (channel != null) {
        accept(channel, now);
        channel = listener.accept();
      }
    } catch (IOException e) {
      LOG.warn("cannot take a connection: {}", e.getMessage());
    }
  }

  private void accept(SocketChannel channel, long now) throws IOException {
    IpAddress from;
    try {
      InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
      from = IpAddress.ofBytes(remote.getAddress().getAddress());
    } catch (IOException e) {
      // It has gone already.
      closeQuietly(channel);
      return;
    }
    Peer peer = peers.get(from);
    if (peer == null) {
      Optional<PeerRange> range = range(core.config(), from);
      if (range.isEmpty() || isFull(range.get())) {
        refuse(channel, from, now);
        return;
      }
      peer = begin(range.get().peer(from), true, now);
    }
    try {
      peer.accept(channel, now);
    } catch (IOException e) {
      LOG.warn("cannot take the connection of peer {}: {}", peer.config().name(), e.getMessage());
      closeQuietly(channel);
    }
  }

  private static Optional<PeerRange> range(SpeakerConfig config, IpAddress address) {
    return config.ranges().stream()
        .filter(range -> range.range().contains(address))
        .max(Comparator.comparingInt(range -> range.range().length()));
  }

  private boolean isFull(PeerRange range) {
    return peers.values().stream()
            .filter(peer -> peer.dynamic() && range.range().contains(peer.config().address()))
            .count()
        >= range.limit();
  }

  /** Says why, since a silent end tells the other side nothing. */
  private void refuse(SocketChannel channel, IpAddress from, long now) throws IOException {
    LOG.debug("a connection from {} is no peer's", from);
    channel.configureBlocking(false);
    Notification notification = Notification.of(Notification.CEASE, 5);
    try {
      var _ = channel.write(ByteBuffer.wrap(notification.encode()));
      core.lingering.add(channel, now);
    } catch (IOException e) {
      closeQuietly(channel);
    }
  }

  private void write(long now) {
    for (Peer peer : List.copyOf(peers.values())) {
      peer.write(now);
    }
  }

  private void tick(long now) {
    boolean late = nextTick != 0 && now - nextTick > LATE;
    nextTick = now + TICK;
    for (Peer peer : List.copyOf(peers.values())) {
      peer.tick(now, late);
      if (peer.dynamic() && peer.isIdle()) {
        end(peer, Notification.cease(3, ""), now);
      }
    }
    core.lingering.tick(now);
  }

  private static void closeQuietly(@Nullable Closeable closeable) {
    try {
      if (closeable != null) {
        closeable.close();
      }
    } catch (IOException e) {
      LOG.debug("closing failed", e);
    }
  }

  /**
   * Ends all sessions for good: peers are told, and drop the routes at once.
   *
   * @param communication why, for the people at the other ends
   */
  public void shutDown(String communication) {
    run(() ->
        peers
            .values()
            .forEach(
                peer -> peer.stop(Notification.cease(2, communication), false, System.nanoTime())));
    close();
  }

  /** Ends without a word: peers that agreed to keep the routes until it is back. */
  @Override
  public void close() {
    closed = true;
    core.selector.wakeup();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
      listeners.values().forEach(Speaker::closeQuietly);
      for (SelectionKey key : core.selector.keys()) {
        closeQuietly(key.channel());
      }
      core.lingering.closeAll();
      core.selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debug("closing failed", e);
    }
  }
}
