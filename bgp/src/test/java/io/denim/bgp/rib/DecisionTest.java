package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.policy.Source;
import io.denim.bgp.rib.NaiveDecision.Candidate;
import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which path is best, step by step (RFC 4271 9.1.2.2), and against a plain computation. */
@Tag("G5")
class DecisionTest {
  private static final IpAddress NEAR = IpAddress.parse("192.0.2.1");
  private static final IpAddress FAR = IpAddress.parse("192.0.2.2");
  private static final IpAddress NOWHERE = IpAddress.parse("192.0.2.3");
  private static final NextHops NEXT_HOPS =
      address -> address.equals(NOWHERE) ? NextHops.UNREACHABLE : address.equals(FAR) ? 10 : 1;
  private static final SourceInfo LOCAL = source(0, Source.LOCAL, 9, 9);
  private static final SourceInfo INTERNAL = source(1, Source.INTERNAL, 5, 5);
  private static final SourceInfo OTHER = source(2, Source.INTERNAL, 6, 4);
  private static final SourceInfo EXTERNAL = source(3, Source.EXTERNAL, 7, 7);
  private static final SourceInfo OTHER_EXTERNAL = source(4, Source.EXTERNAL, 8, 8);

  private final PathTable paths = new PathTable();
  private final Sources sources = new Sources(LOCAL);
  private final AttributeTable attributes = new AttributeTable(1);
  private final Decision decision = new Decision(paths, sources, attributes, NEXT_HOPS);
  private final Map<Integer, Candidate> byPath = new LinkedHashMap<>();

  DecisionTest() {
    for (int i = 0; i < 6; i++) {
      var _ = sources.newPeer();
    }
  }

  private static SourceInfo source(int peer, Source kind, int identifier, int address) {
    return new SourceInfo(
        peer, "p" + peer, kind, identifier, IpAddress.v4(address), 65000L + peer, false);
  }

  /** One of several peers at the same link-local address. */
  private static SourceInfo at(int peer, String device) {
    var address = new PeerAddress(IpAddress.parse("fe80::1"), Optional.of(device));
    return new SourceInfo(peer, "p" + peer, Source.INTERNAL, 5, address, 64512, false);
  }

  private static AttributeSetBuilder set() {
    return AttributeSet.builder().nextHop(NEAR).asPath(AsPath.of(65010)).localPref(100).med(5);
  }

  private static Candidate path(SourceInfo from, AttributeSetBuilder set) {
    return new Candidate(from, 0, set.build(), 7);
  }

  /** The head of a list of these. */
  private int load(List<Candidate> candidates) {
    int head = PathTable.NONE;
    for (Candidate each : candidates) {
      if (each.from().peer() > 0) {
        sources.set(each.from());
      }
      int source = sources.number(each.from().peer(), each.pathId());
      int number = attributes.intern(each.set());
      head = paths.add(head, source, number, number, each.age());
      byPath.put(head, each);
    }
    return head;
  }

  private Candidate best(List<Candidate> candidates) {
    return byPath.getOrDefault(decision.best(load(candidates)), candidates.getFirst());
  }

  static Stream<Arguments> steps() {
    AttributeSetBuilder clusters = set().originatorId(5).clusters(1, 2);
    return Stream.of(
        step(
            Decision.Step.LOCAL,
            path(LOCAL, set().localPref(1)),
            path(INTERNAL, set().localPref(200))),
        step(
            Decision.Step.REACHABLE,
            path(INTERNAL, set().localPref(1)),
            path(OTHER, set().nextHop(NOWHERE).localPref(200))),
        step(
            Decision.Step.NOT_STALE,
            path(INTERNAL, set().localPref(1)),
            path(OTHER, set().addCommunity(Community.LLGR_STALE))),
        step(
            Decision.Step.LOCAL_PREFERENCE,
            path(INTERNAL, set().localPref(0xffffffffL).asPath(AsPath.of(65010, 65011))),
            path(OTHER, set())),
        step(
            Decision.Step.PATH_LENGTH,
            path(INTERNAL, set().origin(2)),
            path(OTHER, set().asPath(AsPath.of(65010, 65011)))),
        step(Decision.Step.ORIGIN, path(INTERNAL, set().med(9)), path(OTHER, set().origin(1))),
        step(Decision.Step.MED, path(INTERNAL, set().noMed()), path(EXTERNAL, set().med(1))),
        step(
            Decision.Step.EXTERNAL,
            path(EXTERNAL, set().nextHop(FAR)),
            path(INTERNAL, set().nextHop(NEAR))),
        step(Decision.Step.METRIC, path(OTHER, set()), path(INTERNAL, set().nextHop(FAR))),
        step(
            Decision.Step.AGE,
            new Candidate(OTHER_EXTERNAL, 0, set().build(), 6),
            path(EXTERNAL, set())),
        step(Decision.Step.IDENTIFIER, path(INTERNAL, set()), path(OTHER, set())),
        step(Decision.Step.IDENTIFIER, path(OTHER, set().originatorId(4)), path(INTERNAL, set())),
        step(Decision.Step.CLUSTERS, path(INTERNAL, set()), path(OTHER, clusters)),
        step(Decision.Step.ADDRESS, path(OTHER, set().originatorId(5)), path(INTERNAL, set())),
        step(Decision.Step.ADDRESS, path(at(4, "eth0"), set()), path(at(5, "eth1"), set())),
        step(
            Decision.Step.PATH_IDENTIFIER,
            new Candidate(INTERNAL, 1, set().build(), 7),
            new Candidate(INTERNAL, 2, set().build(), 7)));
  }

  private static Arguments step(Decision.Step step, Candidate better, Candidate worse) {
    return Arguments.of(step, better, worse);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("steps")
  void aStepDecidesWhateverTheLaterOnesWouldSay(
      Decision.Step step, Candidate better, Candidate worse) {
    int head = load(List.of(better, worse));
    int first = paths.next(head);

    assertThat(decision.best(head)).isEqualTo(first);
    assertThat(decision.decided(first, head)).isEqualTo(step);
    assertThat(best(List.of(worse, better))).isEqualTo(better);
  }

  @Test
  void everyStepHasWordsOfItsOwn() {
    assertThat(Decision.Step.values()).extracting(Decision.Step::words).doesNotHaveDuplicates();
  }

  @Test
  void medIsNotComparedBetweenPathsOfDifferentNeighbours() {
    Candidate low = path(OTHER, set().asPath(AsPath.of(65011)).med(0));
    Candidate high = path(INTERNAL, set().asPath(AsPath.of(65010)).med(9));

    assertThat(best(List.of(low, high))).isEqualTo(high);
  }

  @Test
  void medDecidesWithinANeighbourFirstSoThatOrderDoesNotMatter() {
    Candidate a = path(source(1, Source.INTERNAL, 1, 1), set().med(10));
    Candidate b = path(source(2, Source.INTERNAL, 2, 2), set().asPath(AsPath.of(65011)).med(0));
    Candidate c = path(source(3, Source.INTERNAL, 3, 3), set().med(5));

    assertThat(
            Stream.of(List.of(a, b, c), List.of(b, c, a), List.of(c, b, a), List.of(a, c, b))
                .map(this::best))
        .containsOnly(b);
  }

  @Test
  void aPathThatLosesByMedWithinItsNeighbourIsNotAsGoodAsTheBestOfAnother() {
    Candidate a = path(source(1, Source.INTERNAL, 1, 1), set().med(10));
    Candidate b = path(source(2, Source.INTERNAL, 2, 2), set().asPath(AsPath.of(65011)).med(50));
    Candidate c = path(source(3, Source.INTERNAL, 3, 3), set().med(20));

    assertThat(equal(List.of(a, b, c))).containsExactlyInAnyOrder(a, b);
  }

  @Test
  void aListOfPathsThatAreLeftOutHasNoBestOne() {
    int source = sources.number(0, 0);
    int head = paths.add(PathTable.NONE, source, 0, PathTable.NONE, 0);

    assertThat(decision.best(head)).isEqualTo(PathTable.NONE);
    assertThat(decision.best(paths.add(head, source, 0, PathTable.NONE, 0)))
        .isEqualTo(PathTable.NONE);
    assertThat(decision.best(PathTable.NONE)).isEqualTo(PathTable.NONE);
  }

  private List<Candidate> equal(List<Candidate> candidates) {
    int head = load(candidates);
    List<Candidate> equal = new ArrayList<>();
    decision.equal(
        head, decision.best(head), path -> equal.add(byPath.getOrDefault(path, candidates.get(0))));
    return equal;
  }

  @Property(tries = 2000)
  void sixPathsInAnyOrderHaveTheBestAndTheEqualsOfAPlainComputation(@ForAll long seed) {
    Random random = new Random(seed);
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      candidates.add(any(random, i));
    }
    Collections.shuffle(candidates, random);

    assertThat(best(candidates)).isEqualTo(NaiveDecision.best(candidates, NEXT_HOPS).orElseThrow());
    assertThat(equal(candidates))
        .containsExactlyInAnyOrderElementsOf(NaiveDecision.equal(candidates, NEXT_HOPS));
  }

  private static Candidate any(Random random, int peer) {
    AttributeSetBuilder set =
        set()
            .localPref(100 + random.nextInt(8) / 7)
            .origin(random.nextInt(8) / 7)
            .med(random.nextInt(2))
            .nextHop(List.of(NEAR, NEAR, NEAR, FAR, NOWHERE).get(random.nextInt(5)))
            .asPath(
                List.of(AsPath.EMPTY, AsPath.of(65010), AsPath.of(65010), AsPath.of(65011))
                    .get(random.nextInt(4)));
    if (random.nextInt(4) == 0) {
      set.originatorId(3).clusters(new int[random.nextInt(3)]);
    }
    Source kind = random.nextInt(4) == 0 ? Source.EXTERNAL : Source.INTERNAL;
    return new Candidate(source(peer, kind, peer % 3, 20 - peer), 0, set.build(), 1 + peer % 2);
  }
}
