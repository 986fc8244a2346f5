package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Role;
import io.denim.bgp.policy.Action;
import io.denim.bgp.policy.Condition;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.PrefixMatch;
import io.denim.bgp.policy.PrefixSet;
import io.denim.bgp.policy.Rule;
import io.denim.bgp.policy.Source;
import io.denim.bgp.policy.Verdict;
import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.bgp.wire.MirroredTable;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Peers that do anything at any time, and at quiet points are compared with {@link NaiveRib}. */
final class Walk {
  static final int IDENTIFIER = 0x0a090909;
  static final String KIND = "block";

  private static final SourceInfo LOCAL =
      new SourceInfo(
          0, "", Source.LOCAL, IDENTIFIER, IpAddress.parse("10.9.9.9"), WalkPeer.LOCAL_AS, false);
  private static final List<Cidr> V4 =
      Stream.concat(
              Stream.of("0.0.0.0/0", "10.0.0.0/9", "10.1.2.3/32"),
              IntStream.range(0, 13).mapToObj(i -> "20.0." + i + ".0/24"))
          .map(Cidr::parse)
          .toList();
  private static final List<Cidr> V6 =
      Stream.concat(
              Stream.of("::/0", "fd00::1/128", "fd00::/61"),
              IntStream.range(0, 5).mapToObj(i -> "fd00:" + i + "::/64"))
          .map(Cidr::parse)
          .toList();
  private static final List<Role> ROLES = List.of(Role.values());
  private static final int MARKED = Community.parse("64512:1");
  private static final List<Policy> POLICIES =
      List.of(
          Policy.ACCEPT_ALL,
          new Policy(
              "half",
              List.of(
                  Rule.reject(
                      "no",
                      new Condition.PrefixIn(
                          PrefixSet.of(
                              PrefixMatch.within(Cidr.parse("20.0.0.0/21")),
                              PrefixMatch.within(Cidr.parse("fd00:2::/31")))))),
              Verdict.ACCEPT),
          new Policy(
              "med",
              List.of(
                  new Rule(
                      "one",
                      List.of(new Condition.HasCommunity(List.of(MARKED))),
                      List.of(new Action.SetMed(1)),
                      Verdict.ACCEPT),
                  Rule.reject("external", new Condition.FromSource(Source.EXTERNAL))),
              Verdict.ACCEPT),
          new Policy(
              "next hop",
              List.of(
                  new Rule(
                      "v4",
                      List.of(
                          new Condition.FamilyIs(Family.IPV4),
                          new Condition.HasCommunity(List.of(MARKED))),
                      List.of(
                          new Action.SetNextHop(IpAddress.parse("10.0.0.2")),
                          new Action.SetLocalPref(150)),
                      Verdict.CONTINUE)),
              Verdict.ACCEPT));

  private final Random random;
  private final Map<IpAddress, Long> metrics = new HashMap<>();
  private final NextHops nextHops = address -> metrics.getOrDefault(address, 0L);
  private final Map<Cidr, List<AttributeSet>> routes = new TreeMap<>();
  private final Rib rib =
      new Rib(
          LOCAL,
          42,
          nextHops,
          (prefix, best) -> routes.put(prefix, best.stream().map(BestRoute::attributes).toList()));
  private final Map<Cidr, AttributeSet> own = new TreeMap<>();
  private final List<WalkPeer> peers = new ArrayList<>();
  private final Map<Family, MirroredLocRib> eager = new EnumMap<>(Family.class);
  private final Map<Family, MirroredLocRib> lazy = new EnumMap<>(Family.class);
  private int identities;
  private int now;

  Walk(long seed) {
    random = new Random(seed);
    for (int i = 0; i < 8; i++) {
      int number = rib.newPeer();
      boolean external = i == 3 || i == 4;
      SourceInfo info = identity(number, external, i != 2);
      peers.add(new WalkPeer(info, rules(info, Policy.ACCEPT_ALL, false), i == 5, i == 6));
      peers.getLast().begin(rib);
    }
    for (Family family : Family.values()) {
      eager.put(family, new MirroredLocRib(rib, family));
      lazy.put(family, new MirroredLocRib(rib, family));
    }
  }

  /** What tells whose a route is. */
  static LargeCommunity mark(SourceInfo info) {
    return new LargeCommunity(64512, Integer.toUnsignedLong(info.identifier()), 0);
  }

  private SourceInfo identity(int number, boolean external, boolean client) {
    int n = ++identities;
    return new SourceInfo(
        number,
        "peer" + n,
        external ? Source.EXTERNAL : Source.INTERNAL,
        0x0a000000 + n,
        IpAddress.v4(0x0a000000 + n),
        external ? 65001 + number % 2 : WalkPeer.LOCAL_AS,
        client && !external);
  }

  private static ImportRules rules(SourceInfo info, Policy policy, boolean draining) {
    return new ImportRules(
        policy,
        WalkPeer.LOCAL_AS,
        0,
        true,
        IDENTIFIER,
        Set.of(IDENTIFIER),
        info.isExternal() ? Optional.of(ROLES.get(info.peer() % ROLES.size())) : Optional.empty(),
        draining);
  }

  /** So many events, with a quiet point after every forty. */
  void go(int events) {
    for (now = 1; now <= events; now++) {
      event();
      eager.values().forEach(MirroredLocRib::next);
      if (now % 40 == 0) {
        quiet(now % 200 == 0);
      }
    }
  }

  private void event() {
    WalkPeer peer = one(peers);
    Family family = one(List.of(Family.values()));
    int dice = random.nextInt(1000);
    // In every third stretch there is little, so that prefixes go and their numbers are others'.
    boolean few = now / 300 % 3 == 2;
    if (dice < (few ? 100 : 400)) {
      announce(peer, family);
    } else if (dice < 560) {
      withdraw(peer, family);
    } else if (dice < 700) {
      rib.flush();
    } else if (dice < 720) {
      rib.reclaim();
      lazyOnes(family);
    } else if (dice < 850) {
      if (peer.up && !isSlow(peer)) {
        var _ = peer.read(family, 1 + random.nextInt(300), 1 + random.nextInt(400));
      }
    } else if (dice < 880) {
      own(family);
    } else if (dice < 900) {
      policyIn(peer);
    } else if (dice < 925) {
      keyOut(peer);
    } else if (dice < 945) {
      if (peer.up) {
        peer.again(family);
      }
    } else if (dice < 965) {
      WalkPeer late = random.nextBoolean() ? peers.get(0) : peer;
      if (late.up) {
        late.detach(family);
      }
    } else if (dice < 990) {
      sessionOf(random.nextBoolean() ? peers.get(7) : peer);
    } else {
      metrics.put(
          IpAddress.v4(0x0a000001 + random.nextInt(4)),
          one(List.of(0L, 0L, 10L, NextHops.UNREACHABLE)));
      rib.nextHopsChanged();
    }
  }

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private boolean isSlow(WalkPeer peer) {
    return peer == peers.get(0);
  }

  private List<WalkPeer.Route> some(WalkPeer peer, Family family) {
    long pathId = peer.sendsPaths() ? random.nextInt(3) : -1;
    return random
        .ints(1 + random.nextInt(4), 0, (family == Family.IPV4 ? V4 : V6).size())
        .distinct()
        .mapToObj(i -> new WalkPeer.Route((family == Family.IPV4 ? V4 : V6).get(i), pathId))
        .toList();
  }

  private void announce(WalkPeer peer, Family family) {
    if (!peer.up) {
      return;
    }
    List<WalkPeer.Route> some = some(peer, family);
    if (random.nextInt(5) == 0 && peer.announced.containsKey(some.getFirst())) {
      peer.send(rib, some, peer.announced.get(some.getFirst()).set(), now);
      return;
    }
    peer.send(rib, some, set(peer, family), now);
  }

  private AttributeSet set(WalkPeer peer, Family family) {
    boolean external = peer.info.isExternal();
    int host = 1 + random.nextInt(4);
    AttributeSetBuilder set =
        AttributeSet.builder()
            .origin(random.nextInt(2))
            .nextHop(family == Family.IPV4 ? IpAddress.v4(0x0a000000 + host) : v6(0xfd00, host))
            .asPath(path(peer.info))
            .largeCommunities(List.of(mark(peer.info)));
    if (family == Family.IPV6 && random.nextInt(3) == 0) {
      if (random.nextBoolean()) {
        set.linkLocal(v6(0xfe80, host));
      } else {
        set.nextHop(v6(0xfe80, host));
      }
    }
    if (random.nextInt(3) > 0) {
      set.med(random.nextInt(3));
    }
    if (!external) {
      set.localPref(one(List.of(100L, 100L, 200L)));
      if (random.nextInt(20) == 0) {
        set.originatorId(one(List.of(IDENTIFIER, 77))).clusters(one(List.of(IDENTIFIER, 78)));
      }
    }
    if (random.nextInt(3) == 0) {
      set.addCommunity(
          one(
              List.of(
                  MARKED,
                  MARKED,
                  Community.NO_EXPORT,
                  Community.NO_ADVERTISE,
                  Community.GRACEFUL_SHUTDOWN,
                  Community.LLGR_STALE,
                  Community.NO_LLGR)));
    }
    if (random.nextInt(6) == 0) {
      set.otc(one(List.of(65001L, 65002L)));
    }
    if (random.nextBoolean()) {
      set.addLargeCommunity(new LargeCommunity(1, now, 2));
    }
    return set.build();
  }

  private static IpAddress v6(int first, int host) {
    return IpAddress.v6((long) first << 48, host);
  }

  private AsPath path(SourceInfo from) {
    AsPath path =
        switch (random.nextInt(20)) {
          case 0 -> AsPath.of(WalkPeer.LOCAL_AS);
          case 1, 2, 3, 4, 5, 6, 7, 8, 9 -> AsPath.of(65010 + random.nextInt(2));
          default -> AsPath.EMPTY;
        };
    return from.isExternal() ? path.prepend(from.as(), 1) : path;
  }

  private void withdraw(WalkPeer peer, Family family) {
    if (peer.up) {
      peer.send(rib, some(peer, family), null, now);
    }
  }

  private void own(Family family) {
    Cidr prefix = one(family == Family.IPV4 ? V4 : V6);
    if (own.remove(prefix) != null) {
      rib.takeBack(prefix, KIND);
      return;
    }
    AttributeSetBuilder set =
        AttributeSet.builder().nextHop(family == Family.IPV4 ? IpAddress.ANY_V4 : IpAddress.ANY_V6);
    if (random.nextBoolean()) {
      set.med(random.nextInt(3));
    }
    if (random.nextInt(4) == 0) {
      set.nextHop(family == Family.IPV4 ? IpAddress.v4(0x0a000001) : v6(0xfd00, 1));
    }
    own.put(prefix, set.build());
    rib.originate(prefix, own.get(prefix), KIND, now);
  }

  private void policyIn(WalkPeer peer) {
    if (peer.up) {
      boolean drained = peer.rules.draining();
      peer.rules =
          rules(peer.info, one(POLICIES), drained ? random.nextBoolean() : random.nextInt(4) == 0);
      rib.changeImport(peer.info, peer.rules);
      if (peer.rules.draining() != drained) {
        List.of(Family.values()).forEach(peer::change);
      }
    }
  }

  private void keyOut(WalkPeer peer) {
    if (!peer.up) {
      return;
    }
    if (random.nextBoolean() || peer.info.isExternal()) {
      peer.policy = one(POLICIES);
    } else {
      peer.info = withClient(peer.info, !peer.info.client());
      rib.changeImport(peer.info, peer.rules);
    }
    for (Family family : Family.values()) {
      peer.change(family);
    }
  }

  private static SourceInfo withClient(SourceInfo info, boolean client) {
    return new SourceInfo(
        info.peer(),
        info.name(),
        info.kind(),
        info.identifier(),
        info.address(),
        info.as(),
        client);
  }

  /** A session ends, with its routes or without, or begins, of the same peer or of another. */
  private void sessionOf(WalkPeer peer) {
    if (!peer.up) {
      if (peer.info.peer() == 0) {
        peer.info = identity(rib.newPeer(), random.nextInt(4) == 0, random.nextBoolean());
        peer.rules = rules(peer.info, peer.rules.policy(), peer.rules.draining());
      } else if (random.nextBoolean() && !peer.info.isExternal()) {
        peer.info = withClient(peer.info, !peer.info.client());
      }
      peer.begin(rib);
      return;
    }
    peer.end();
    boolean keeps = random.nextInt(3) == 0;
    boolean longLived = random.nextBoolean();
    for (Family family : Family.values()) {
      if (keeps) {
        rib.markStale(peer.info.peer(), family);
        if (longLived) {
          rib.markLongLived(peer.info.peer(), family);
        }
      } else {
        rib.removeAll(peer.info.peer(), family);
      }
    }
    if (keeps) {
      if (longLived) {
        peer.announced
            .values()
            .removeIf(a -> !a.longLived() && a.set().hasCommunity(Community.NO_LLGR));
      }
      peer.announced.replaceAll(
          (_, a) -> new WalkPeer.Announced(a.set(), a.age(), true, longLived || a.longLived()));
    } else {
      peer.announced.clear();
      rib.removePeer(peer.info.peer());
      peer.info = withNumber(peer.info, 0);
    }
  }

  private static SourceInfo withNumber(SourceInfo info, int number) {
    return new SourceInfo(
        number,
        info.name(),
        info.kind(),
        info.identifier(),
        info.address(),
        info.as(),
        info.client());
  }

  private void removeStale(WalkPeer peer) {
    if (peer.up) {
      for (Family family : Family.values()) {
        rib.removeStale(peer.info.peer(), family);
      }
      peer.announced.values().removeIf(WalkPeer.Announced::stale);
    }
  }

  private void quiet(boolean all) {
    peers.forEach(this::removeStale);
    rib.flush();
    rib.giveUpUnused();
    NaiveRib naive = new NaiveRib(LOCAL, own, peers, nextHops);
    for (WalkPeer peer : peers) {
      if (peer.up && (all || !isSlow(peer))) {
        peer.drain();
        Map<Cidr, Map<AttributeSet, Long>> has = NaiveRib.has(peer);
        Map<Cidr, Map<AttributeSet, Long>> must = naive.mustHave(peer);
        Stream.of(has, must)
            .flatMap(map -> map.keySet().stream())
            .forEach(prefix ->
                assertThat(has.get(prefix))
                    .as("what %s has of %s after event %s", peer.info.name(), prefix, now)
                    .isEqualTo(must.get(prefix)));
      }
    }
    routes.forEach((prefix, sets) ->
        assertThat(sets)
            .as("where packets to %s go after event %s", prefix, now)
            .containsExactlyInAnyOrderElementsOf(packets(naive, prefix)));
    best(eager, naive);
    if (all) {
      best(lazy, naive);
    }
    counts();
    if (all) {
      assertThat(rib.logOctets()).isLessThanOrEqualTo(octetsOfAll());
    }
  }

  /** They seldom ask, and now and then begin anew. */
  private void lazyOnes(Family family) {
    MirroredLocRib one = Objects.requireNonNull(lazy.get(family));
    if (random.nextInt(4) == 0) {
      one.end();
      lazy.put(family, new MirroredLocRib(rib, family));
    } else if (random.nextInt(4) == 0) {
      one.next();
    }
  }

  private void best(Map<Family, MirroredLocRib> followers, NaiveRib naive) {
    Map<Cidr, MirroredTable.Route> told = new TreeMap<>();
    Map<Cidr, MirroredTable.Route> must = new TreeMap<>();
    naive
        .best()
        .forEach((prefix, set) -> must.put(prefix, MirroredTable.Route.of(prefix.family(), set)));
    followers.forEach((family, follower) -> {
      follower.readAll();
      assertThat(follower.table.ended()).containsExactly(family);
      told.putAll(follower.table.routes());
    });
    assertThat(told).as("the best routes after event %s", now).isEqualTo(must);
  }

  private List<AttributeSet> packets(NaiveRib naive, Cidr prefix) {
    return NaiveDecision.equal(naive.paths(prefix), nextHops).stream()
        .map(NaiveDecision.Candidate::set)
        .toList();
  }

  private void counts() {
    for (WalkPeer peer : peers) {
      for (Family family : Family.values()) {
        long expected =
            peer.announced.keySet().stream().filter(r -> r.prefix().family() == family).count();
        if (peer.info.peer() != 0) {
          assertThat(rib.received(peer.info.peer(), family)).isEqualTo((int) expected);
        }
      }
    }
  }

  /** A segment of log and one of an image for each group. */
  private long octetsOfAll() {
    Set<GroupKey> keys =
        peers.stream()
            .filter(peer -> peer.up)
            .flatMap(peer -> Stream.of(Family.values()).map(peer::key))
            .collect(Collectors.toSet());
    return 2L * keys.size() * Segment.SIZE;
  }
}
