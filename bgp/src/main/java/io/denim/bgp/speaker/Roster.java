package io.denim.bgp.speaker;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.loop.SocketAddresses;
import io.denim.bgp.wire.Aggregator;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Notification;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peers that a speaker has, by their addresses, and the routes that its description names: both
 * follow the description. Used by the speaker's thread only.
 */
final class Roster {
  private static final Logger LOG = LoggerFactory.getLogger(Speaker.class);

  private final Core core;
  private final Listeners listeners;
  private final Map<PeerAddress, Peer> peers = new LinkedHashMap<>();

  /** What {@link #all} gave last; null when peers have come or gone since. */
  private @Nullable List<Peer> all;

  /** How many peers each range has, by its name; those that nobody has asked for are not there. */
  private final Map<String, Integer> counts = new HashMap<>();

  private final Map<Cidr, LocalRoute> configured = new HashMap<>();

  Roster(Core core, Listeners listeners) {
    this.core = core;
    this.listeners = listeners;
  }

  /** A list that stays as it is, since peers come and go while it is walked. */
  List<Peer> all() {
    List<Peer> known = all;
    if (known == null) {
      known = List.copyOf(peers.values());
      all = known;
    }
    return known;
  }

  /** Whether each that is up has been told all that there is. */
  boolean isUpToDate() {
    for (Peer peer : all()) {
      if (!peer.isUpToDate()) {
        return false;
      }
    }
    return true;
  }

  /** Whether all that are to be dialled are up, and have told all that they have. */
  boolean isComplete() {
    return peers.values().stream()
        .allMatch(
            peer -> peer.session().map(session -> !session.isWaitedFor()).orElse(peer.isDown()));
  }

  Optional<Peer> named(String name) {
    return peers.values().stream().filter(peer -> peer.config().name().equals(name)).findFirst();
  }

  /**
   * A peer's session is to end soon, or is not any more (RFC 8326). The session and its routes
   * stay; what changes of these is told by announcements alone.
   */
  void drain(Peer peer, boolean on) {
    core.drain.set(peer.config(), on);
    LOG.info("peer {} is {}", peer.config().name(), on ? "drained" : "drained no more");
    peer.session().ifPresent(session -> session.change(peer.config(), System.nanoTime()));
  }

  /** All sessions are to end soon, or none is any more. */
  void drainAll(boolean on) {
    core.drain.setAll(on);
    LOG.info("all peers are {}", on ? "drained" : "drained no more");
    for (Peer peer : peers.values()) {
      peer.session().ifPresent(session -> session.change(peer.config(), System.nanoTime()));
    }
  }

  /** Goes over to another description. What is the same in both is not touched. */
  void change(SpeakerConfig next) {
    SpeakerConfig before = core.config();
    counts.clear();
    core.config(next);
    listeners.change(next.listeners());
    listeners.changePasswords(next);
    long now = System.nanoTime();
    Set<PeerAddress> wanted = new HashSet<>();
    boolean all =
        !before.routerId().equals(next.routerId())
            || before.as() != next.as()
            || !before.clusterId().equals(next.clusterId());
    for (PeerConfig config : next.peers()) {
      wanted.add(config.at());
      Peer known = peers.get(config.at());
      if (known != null && known.dynamic()) {
        // It was one of a range, which goes with its session, and has an entry of its own now.
        end(known, Notification.cease(6, ""), now);
        known = null;
      }
      if (known == null) {
        begin(config, false, now);
      } else if (all || !known.config().equals(config)) {
        known.change(config, now);
      }
    }
    for (Peer peer : all()) {
      if (!wanted.contains(peer.config().at()) && !isOfRange(peer, next, now)) {
        end(peer, Notification.cease(3, "this peer is not configured any more"), now);
      }
    }
    changeRoutes(next.routes());
    if (all || !before.aggregates().equals(next.aggregates())) {
      core.rib.aggregates(next.aggregates(), new Aggregator(next.as(), next.routerId()));
    }
  }

  private boolean isOfRange(Peer peer, SpeakerConfig next, long now) {
    Optional<PeerRange> range = next.range(peer.config().at());
    if (!peer.dynamic() || range.isEmpty()) {
      return false;
    }
    PeerConfig config = range.get().peer(peer.config().address());
    if (!config.equals(peer.config())) {
      peer.change(config, now);
    }
    return true;
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

  /** Announces a route of the speaker's own. */
  void originate(LocalRoute route) {
    IpAddress self = route.prefix().address().isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
    AttributeSetBuilder set =
        AttributeSet.builder().origin(route.origin()).nextHop(route.nextHop().orElse(self));
    route.med().ifPresent(set::med);
    route.localPref().ifPresent(set::localPref);
    route.communities().forEach(set::addCommunity);
    route.largeCommunities().forEach(set::addLargeCommunity);
    core.rib.originate(
        route.prefix(),
        set.build(),
        route.kind(),
        (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()));
  }

  private Peer begin(PeerConfig config, boolean dynamic, long now) {
    Peer peer = new Peer(core, config, core.rib.newPeer(), dynamic, now);
    peers.put(config.at(), peer);
    all = null;
    return peer;
  }

  /** A peer is no peer any more. */
  void end(Peer peer, Notification notification, long now) {
    peer.stop(notification, now);
    core.rib.removePeer(peer.number());
    peers.remove(peer.config().at());
    all = null;
    if (peer.dynamic()) {
      core.config()
          .range(peer.config().at())
          .ifPresent(range -> counts.computeIfPresent(range.name(), (_, count) -> count - 1));
    } else {
      core.drain.set(peer.config(), false);
    }
  }

  /** Somebody has dialled. */
  void accept(SocketChannel channel, long now) {
    PeerAddress at;
    try {
      at = remote(channel);
    } catch (IOException e) {
      // It has gone already.
      Closing.quietly(channel);
      return;
    }
    IpAddress from = at.address();
    Peer peer = peers.get(at);
    if (listeners.mayBeUnsigned(from)) {
      core.refusals.refuse(channel, at, now);
      return;
    }
    if (peer == null) {
      Optional<PeerRange> range = core.config().range(at);
      if (range.isEmpty() || isFull(range.get())) {
        core.refusals.refuse(channel, at, now);
        return;
      }
      peer = begin(range.get().peer(from), true, now);
      counts.merge(range.get().name(), 1, Integer::sum);
    }
    try {
      peer.accept(channel, now);
    } catch (IOException e) {
      LOG.warn("cannot take the connection of peer {}: {}", peer.config().name(), e.getMessage());
      Closing.quietly(channel);
    }
  }

  /** Who has dialled. */
  static PeerAddress remote(SocketChannel channel) throws IOException {
    InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
    IpAddress address = SocketAddresses.address(remote);
    return new PeerAddress(
        address, address.needsInterface() ? SocketAddresses.device(remote) : Optional.empty());
  }

  private boolean isFull(PeerRange range) {
    return counts.computeIfAbsent(range.name(), _ -> count(range)) >= range.limit();
  }

  private int count(PeerRange range) {
    return (int)
        peers.values().stream()
            .filter(peer -> peer.dynamic() && isOf(range, peer.config().at()))
            .count();
  }

  private boolean isOf(PeerRange range, PeerAddress peer) {
    return core.config().range(peer).filter(range::equals).isPresent();
  }
}
