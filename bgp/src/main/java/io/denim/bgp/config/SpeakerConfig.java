package io.denim.bgp.config;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that a speaker is told. A reload is a whole new one.
 *
 * @param routerId the BGP identifier (RFC 6286): 32 bits, written as an IPv4 address
 * @param as the speaker's AS number
 * @param clusterId the cluster of the peers that are clients without their own (RFC 4456)
 * @param listeners where peers may dial; none for a speaker that only dials
 * @param peers the peers that are known, each of its own name and address
 * @param ranges the addresses from where others may dial; the longest that fits is taken
 * @param routes what is announced from the start
 * @param aggregates the prefixes that are announced for what lies inside
 * @param selectionDeferral how long a restarting speaker waits for all its peers' routes before it
 *     chooses (RFC 4724 4.1)
 * @param restarting whether the forwarding state of an earlier run is still in place, and OPENs say
 *     so (RFC 4724)
 */
public record SpeakerConfig(
    IpAddress routerId,
    long as,
    IpAddress clusterId,
    List<Listener> listeners,
    List<PeerConfig> peers,
    List<PeerRange> ranges,
    List<LocalRoute> routes,
    List<Aggregate> aggregates,
    Duration selectionDeferral,
    boolean restarting) {
  /** How long a restarting speaker waits for its peers when nothing is said. */
  public static final Duration DEFAULT_DEFERRAL = Duration.ofSeconds(30);

  /** Checks the numbers, and that names, addresses and prefixes are there once. */
  public SpeakerConfig {
    Bounds.checkIdentifier("the router id", routerId);
    Bounds.checkAs("the AS", as);
    Bounds.checkIdentifier("the cluster id", clusterId);
    Bounds.checkNotNegative("the selection deferral", selectionDeferral);
    listeners = List.copyOf(listeners);
    peers = List.copyOf(peers);
    ranges = List.copyOf(ranges);
    routes = List.copyOf(routes);
    aggregates = List.copyOf(aggregates);
    checkOnce("peers named", peers, PeerConfig::name);
    checkOnce("peers at", peers, PeerConfig::at);
    checkOnce("ranges named", ranges, PeerRange::name);
    checkOnce("ranges of", ranges, PeerRange::at);
    checkOnce("routes to", routes, LocalRoute::prefix);
    checkOnce("aggregates of", aggregates, Aggregate::prefix);
    checkOnce("listeners at", listeners.stream().filter(each -> each.port() != 0).toList(), l -> l);
    for (PeerConfig peer : peers) {
      if (peer.address().isAny()) {
        throw new IllegalArgumentException(
            "the address of peer " + peer.name() + " is one router's, got " + peer.address());
      }
      checkKind(peer, as);
    }
    checkPasswords(peers, ranges);
    for (PeerRange range : ranges) {
      checkKind(range.template(), as);
    }
  }

  private static <T, K> void checkOnce(String what, List<T> values, Function<T, K> key) {
    Set<K> seen = new HashSet<>();
    for (T value : values) {
      K one = key.apply(value);
      if (!seen.add(one)) {
        throw new IllegalArgumentException("there are two " + what + " " + one);
      }
    }
  }

  /** The kernel's keys are of addresses, whatever the interface (RFC 2385). */
  private static void checkPasswords(List<PeerConfig> peers, List<PeerRange> ranges) {
    Map<IpAddress, PeerConfig> first = new HashMap<>();
    for (PeerConfig peer : peers) {
      checkPassword(first.putIfAbsent(peer.address(), peer), peer, "peers");
    }
    Map<Cidr, PeerConfig> firstOfRange = new HashMap<>();
    for (PeerRange range : ranges) {
      PeerConfig template = range.template();
      checkPassword(firstOfRange.putIfAbsent(range.range(), template), template, "ranges");
    }
  }

  private static void checkPassword(@Nullable PeerConfig one, PeerConfig other, String what) {
    if (one != null && !one.password().equals(other.password())) {
      throw new IllegalArgumentException(
          what + " " + one + " and " + other + " have one address, and so one password");
    }
  }

  private static void checkKind(PeerConfig peer, long as) {
    boolean internal = peer.as().isInternal(peer.localAs().orElse(as));
    if (peer.client() && !internal) {
      throw new IllegalArgumentException(
          "a client of a reflector is internal (RFC 4456), but peer " + peer + " is external");
    }
    if (peer.role().isPresent() && internal) {
      throw new IllegalArgumentException(
          "an internal peer has no role (RFC 9234 4.1), but peer " + peer + " has one");
    }
  }

  /** A speaker that is its own cluster, has neither peers nor routes, and listens nowhere. */
  public static SpeakerConfig of(IpAddress routerId, long as) {
    return new SpeakerConfig(
        routerId,
        as,
        routerId,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        DEFAULT_DEFERRAL,
        false);
  }

  /** The peer of this name. */
  public Optional<PeerConfig> peer(String name) {
    return peers.stream().filter(peer -> peer.name().equals(name)).findFirst();
  }

  /** The longest range that this address lies in. */
  public Optional<PeerRange> range(PeerAddress peer) {
    return ranges.stream()
        .filter(range -> range.contains(peer))
        .max(Comparator.comparingInt(range -> range.range().length()));
  }

  /** This with another cluster id. */
  public SpeakerConfig withClusterId(IpAddress id) {
    return with(id, listeners, peers, ranges, routes, aggregates, selectionDeferral, restarting);
  }

  /** This with these listeners. */
  public SpeakerConfig withListeners(List<Listener> these) {
    return with(clusterId, these, peers, ranges, routes, aggregates, selectionDeferral, restarting);
  }

  /** This with these peers. */
  public SpeakerConfig withPeers(List<PeerConfig> these) {
    return with(
        clusterId, listeners, these, ranges, routes, aggregates, selectionDeferral, restarting);
  }

  /** This with these peers. */
  public SpeakerConfig withPeers(PeerConfig... these) {
    return withPeers(List.of(these));
  }

  /** This with these ranges. */
  public SpeakerConfig withRanges(List<PeerRange> these) {
    return with(
        clusterId, listeners, peers, these, routes, aggregates, selectionDeferral, restarting);
  }

  /** This with these routes of its own. */
  public SpeakerConfig withRoutes(List<LocalRoute> these) {
    return with(
        clusterId, listeners, peers, ranges, these, aggregates, selectionDeferral, restarting);
  }

  /** This with these aggregates. */
  public SpeakerConfig withAggregates(List<Aggregate> these) {
    return with(clusterId, listeners, peers, ranges, routes, these, selectionDeferral, restarting);
  }

  /** This with another time to wait for all peers after a restart. */
  public SpeakerConfig withSelectionDeferral(Duration deferral) {
    return with(clusterId, listeners, peers, ranges, routes, aggregates, deferral, restarting);
  }

  /** This, saying that an earlier run's forwarding state is in place. */
  public SpeakerConfig afterRestart(Duration deferral) {
    return with(clusterId, listeners, peers, ranges, routes, aggregates, deferral, true);
  }

  private SpeakerConfig with(
      IpAddress cluster,
      List<Listener> listening,
      List<PeerConfig> known,
      List<PeerRange> dynamic,
      List<LocalRoute> local,
      List<Aggregate> summed,
      Duration deferral,
      boolean again) {
    return new SpeakerConfig(
        routerId, as, cluster, listening, known, dynamic, local, summed, deferral, again);
  }
}
