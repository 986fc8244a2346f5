package io.denim.bgp.rib;

import io.denim.bgp.config.Role;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Result;
import io.denim.bgp.policy.Source;
import io.denim.bgp.policy.Subject;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.net.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What every peer must have been told, from nothing but what every peer has announced. Keeps
 * nothing, saves nothing, and is as slow as that.
 */
final class NaiveRib {
  private final SourceInfo local;
  private final Map<Cidr, AttributeSet> own;
  private final List<WalkPeer> peers;
  private final NextHops nextHops;

  NaiveRib(SourceInfo local, Map<Cidr, AttributeSet> own, List<WalkPeer> peers, NextHops nextHops) {
    this.local = local;
    this.own = own;
    this.peers = peers;
    this.nextHops = nextHops;
  }

  /** How often a peer has each set of attributes for each prefix. */
  static Map<Cidr, Map<AttributeSet, Long>> has(WalkPeer peer) {
    Map<Cidr, List<AttributeSet>> sets = new TreeMap<>();
    peer.told.forEach(
        (route, set) -> sets.computeIfAbsent(route.prefix(), _ -> new ArrayList<>()).add(set));
    return counted(sets);
  }

  /** How often it must have them. */
  Map<Cidr, Map<AttributeSet, Long>> mustHave(WalkPeer peer) {
    Map<Cidr, List<AttributeSet>> sets = new TreeMap<>();
    for (Cidr prefix : prefixes()) {
      List<NaiveDecision.Candidate> paths = paths(prefix);
      List<NaiveDecision.Candidate> passedOn =
          peer.receivesPaths() ? paths : NaiveDecision.best(paths, nextHops).stream().toList();
      List<AttributeSet> told =
          passedOn.stream()
              .filter(path -> path.from().peer() != peer.info.peer())
              .flatMap(path -> exported(path, prefix, peer).stream())
              .toList();
      if (!told.isEmpty()) {
        sets.put(prefix, told);
      }
    }
    return counted(sets);
  }

  private static Map<Cidr, Map<AttributeSet, Long>> counted(Map<Cidr, List<AttributeSet>> sets) {
    Map<Cidr, Map<AttributeSet, Long>> counts = new TreeMap<>();
    sets.forEach((prefix, list) ->
        counts.put(
            prefix, list.stream().collect(Collectors.groupingBy(s -> s, Collectors.counting()))));
    return counts;
  }

  private Set<Cidr> prefixes() {
    TreeSet<Cidr> all = new TreeSet<>(own.keySet());
    peers.forEach(peer -> peer.announced.keySet().forEach(route -> all.add(route.prefix())));
    return all;
  }

  /** The best route of each prefix that has one. */
  Map<Cidr, AttributeSet> best() {
    Map<Cidr, AttributeSet> best = new TreeMap<>();
    for (Cidr prefix : prefixes()) {
      NaiveDecision.best(paths(prefix), nextHops).ifPresent(path -> best.put(prefix, path.set()));
    }
    return best;
  }

  /** The paths of a prefix that take part. */
  List<NaiveDecision.Candidate> paths(Cidr prefix) {
    List<NaiveDecision.Candidate> paths = new ArrayList<>();
    if (own.containsKey(prefix)) {
      paths.add(new NaiveDecision.Candidate(local, 0, own.get(prefix), 0));
    }
    for (WalkPeer peer : peers) {
      peer.announced.forEach((route, announced) -> {
        if (route.prefix().equals(prefix)) {
          imported(peer, prefix, announced.set())
              .map(set -> announced.longLived() ? stale(set) : set)
              .ifPresent(set ->
                  paths.add(
                      new NaiveDecision.Candidate(
                          peer.info, (int) Math.max(0, route.pathId()), set, announced.age())));
        }
      });
    }
    return paths;
  }

  private static AttributeSet stale(AttributeSet set) {
    return set.toBuilder().addCommunity(Community.LLGR_STALE).build();
  }

  private static Optional<AttributeSet> imported(WalkPeer peer, Cidr prefix, AttributeSet set) {
    boolean circle =
        set.asPath().contains(WalkPeer.LOCAL_AS)
            || (!peer.info.isExternal()
                && ((set.hasOriginatorId() && set.originatorId() == Walk.IDENTIFIER)
                    || set.hasCluster(Walk.IDENTIFIER)));
    long otc = set.otc();
    String role = peer.rules.role().map(Role::name).orElse("");
    boolean leaks =
        otc != 0
            && (Set.of("PROVIDER", "RS").contains(role)
                || (role.equals("PEER") && otc != peer.info.as()));
    boolean marked = otc == 0 && Set.of("CUSTOMER", "RS_CLIENT", "PEER").contains(role);
    AttributeSet came = marked ? set.toBuilder().otc(peer.info.as()).build() : set;
    return circle || leaks
        ? Optional.empty()
        : filtered(peer.rules.policy(), peer.info, prefix, came).map(let -> lastChoice(peer, let));
  }

  private static AttributeSet lastChoice(WalkPeer peer, AttributeSet set) {
    if (peer.rules.draining()) {
      return set.toBuilder().addCommunity(Community.GRACEFUL_SHUTDOWN).localPref(0).build();
    }
    boolean told = peer.info.isExternal() && set.hasCommunity(Community.GRACEFUL_SHUTDOWN);
    return told ? set.toBuilder().localPref(0).build() : set;
  }

  private static Optional<AttributeSet> filtered(
      Policy policy, SourceInfo from, Cidr prefix, AttributeSet set) {
    Subject subject =
        from.isLocal()
            ? Subject.local(prefix, set, Walk.KIND)
            : Subject.learned(prefix, set, from.kind(), from.name());
    return policy.apply(subject) instanceof Result.Accepted accepted
        ? Optional.of(accepted.attributes())
        : Optional.empty();
  }

  private static Optional<AttributeSet> exported(
      NaiveDecision.Candidate path, Cidr prefix, WalkPeer to) {
    SourceInfo from = path.from();
    boolean external = to.info.isExternal();
    Optional<AttributeSet> filtered = filtered(to.policy, from, prefix, path.set());
    if (filtered.isEmpty()) {
      return filtered;
    }
    AttributeSet set = filtered.get();
    String role = to.rules.role().map(Role::name).orElse("");
    boolean reflected = from.kind() == Source.INTERNAL && !external;
    if ((reflected && !from.client() && !to.info.client())
        || set.hasCommunity(Community.NO_ADVERTISE)
        || (external && set.hasCommunity(Community.NO_EXPORT))
        || (!external && set.hasCommunity(Community.LLGR_STALE))
        || (set.otc() != 0 && Set.of("CUSTOMER", "RS_CLIENT", "PEER").contains(role))) {
      return Optional.empty();
    }
    AttributeSetBuilder leaving = set.toBuilder();
    if (reflected) {
      leaving.originatorId(set.hasOriginatorId() ? set.originatorId() : from.identifier());
      leaving.prependCluster(Walk.IDENTIFIER);
    }
    if (external) {
      leaving.asPath(set.asPath().prepend(WalkPeer.LOCAL_AS, 1));
      leaving.noLocalPref().noOriginator().noClusters();
      if (set.otc() == 0 && Set.of("PROVIDER", "RS", "PEER").contains(role)) {
        leaving.otc(WalkPeer.LOCAL_AS);
      }
      boolean setHere = set.hasMed() && !(path.set().hasMed() && path.set().med() == set.med());
      if (!from.isLocal() && !setHere) {
        leaving.noMed();
      }
    } else {
      leaving.localPref(to.rules.draining() ? 0 : set.localPref());
    }
    if (to.rules.draining()) {
      leaving.addCommunity(Community.GRACEFUL_SHUTDOWN);
    }
    boolean chosen = !set.nextHop().equals(path.set().nextHop());
    boolean third = WalkPeer.SUBNET.contains(set.nextHop());
    boolean nowhereElse = set.nextHop().needsInterface();
    boolean replaced = nowhereElse || (external && !third);
    if (set.nextHop().isAny() || (replaced && !from.isLocal() && !chosen)) {
      leaving.nextHop(to.key(prefix.family()).ownAddress());
    } else if (!external || !third) {
      leaving.nextHop(set.nextHop());
    }
    return Optional.of(leaving.build())
        .filter(leaves -> !leaves.nextHop().equals(to.info.address()));
  }
}
