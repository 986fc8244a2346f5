package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Aggregate;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Source;
import io.denim.bgp.wire.Aggregator;
import io.denim.bgp.wire.AttributeSet;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Aggregates come and go with what is inside of them. */
class AggregatesTest {
  private static final SourceInfo LOCAL =
      new SourceInfo(0, "", Source.LOCAL, Walk.IDENTIFIER, IpAddress.v4(9), 64512, false);
  private static final Aggregator SELF = new Aggregator(64512, IpAddress.parse("10.9.9.9"));
  private static final Cidr OUTER = Cidr.parse("20.0.0.0/8");
  private static final Cidr INNER = Cidr.parse("20.1.0.0/16");
  private static final Cidr INSIDE = Cidr.parse("20.1.2.0/24");
  private static final AttributeSet SET =
      AttributeSet.builder().nextHop(IpAddress.v4(0x0a000001)).build();

  private final Rib rib = new Rib(LOCAL, 1, NextHops.ALL_EQUAL, Rib.Listener.NOBODY);
  private final WalkPeer reader = reader(false);
  private final WalkPeer all = reader(true);

  private WalkPeer reader(boolean receivesPaths) {
    int peer = rib.newPeer();
    SourceInfo info =
        new SourceInfo(peer, "p" + peer, Source.INTERNAL, peer, IpAddress.v4(peer), 64512, true);
    ImportRules rules =
        new ImportRules(
            Policy.ACCEPT_ALL, 64512, 0, true, Walk.IDENTIFIER, Set.of(), Optional.empty(), false);
    WalkPeer made = new WalkPeer(info, rules, false, receivesPaths);
    made.begin(rib);
    return made;
  }

  private Set<Cidr> told() {
    rib.flush();
    reader.drain();
    all.drain();
    assertThat(NaiveRib.has(all).keySet()).isEqualTo(NaiveRib.has(reader).keySet());
    return NaiveRib.has(reader).keySet();
  }

  private AttributeSet toldOf(Cidr prefix) {
    return Objects.requireNonNull(reader.told.get(new WalkPeer.Route(prefix, -1)));
  }

  private void aggregates(Aggregate... aggregates) {
    rib.aggregates(List.of(aggregates), SELF);
  }

  @Test
  void anAggregateIsAnnouncedWhileSomethingIsInside() {
    aggregates(new Aggregate(OUTER, false));
    Set<Cidr> empty = told();
    rib.originate(INSIDE, SET, "block", 1);
    Set<Cidr> filled = told();
    AttributeSet set = toldOf(OUTER);
    rib.takeBack(INSIDE, "block");

    assertThat(empty).isEmpty();
    assertThat(filled).containsExactlyInAnyOrder(OUTER, INSIDE);
    assertThat(set.atomicAggregate()).isTrue();
    assertThat(set.aggregator()).contains(SELF);
    assertThat(set.asPath().isEmpty()).isTrue();
    assertThat(told()).isEmpty();
  }

  @Test
  void aRouteToTheAggregateItselfIsNotInside() {
    aggregates(new Aggregate(INNER, false));
    rib.originate(INNER, SET, "block", 1);
    rib.originate(Cidr.parse("20.2.0.0/24"), SET, "block", 1);
    told();

    assertThat(toldOf(INNER).atomicAggregate()).isFalse();
  }

  @Test
  void whatIsInsideIsNotToldIfTheSummaryIsEnough() {
    aggregates(new Aggregate(OUTER, true));
    rib.originate(INSIDE, SET, "block", 1);

    assertThat(told()).containsExactly(OUTER);
  }

  @Test
  void anAggregateInsideAnotherOneCounts() {
    aggregates(new Aggregate(OUTER, false), new Aggregate(INNER, true));
    rib.originate(INSIDE, SET, "block", 1);
    Set<Cidr> filled = told();
    rib.takeBack(INSIDE, "block");

    assertThat(filled).containsExactlyInAnyOrder(OUTER, INNER);
    assertThat(told()).isEmpty();
  }

  @Test
  void otherAggregatesComeInThePlaceOfThoseBefore() {
    rib.originate(INSIDE, SET, "block", 1);
    aggregates(new Aggregate(OUTER, true));
    Set<Cidr> outer = told();
    aggregates(new Aggregate(INNER, false));
    Set<Cidr> inner = told();
    aggregates();

    assertThat(outer).containsExactly(OUTER);
    assertThat(inner).containsExactlyInAnyOrder(INNER, INSIDE);
    assertThat(told()).containsExactly(INSIDE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whateverComesAndGoesTheAggregatesAreThoseWithSomethingInside(long seed) {
    Random random = new Random(seed);
    List<Aggregate> some = List.of();
    Set<Cidr> own = new TreeSet<>();
    for (int i = 0; i < 2000; i++) {
      Cidr prefix =
          Cidr.of(IpAddress.v4(0x14000000 + (random.nextInt(4) << 16)), 8 + 4 * random.nextInt(6));
      if (random.nextInt(50) == 0) {
        some =
            Stream.of(OUTER, INNER, Cidr.parse("20.0.0.0/12"), Cidr.parse("20.0.0.0/14"))
                .filter(_ -> random.nextBoolean())
                .map(cidr -> new Aggregate(cidr, random.nextBoolean()))
                .toList();
        rib.aggregates(some, SELF);
      } else if (own.remove(prefix)) {
        rib.takeBack(prefix, "block");
      } else {
        own.add(prefix);
        rib.originate(prefix, SET, "block", i);
      }
      if (random.nextInt(4) == 0) {
        assertThat(told()).as("after event %s", i).isEqualTo(expected(some, own));
      }
    }
  }

  private static Set<Cidr> expected(List<Aggregate> aggregates, Set<Cidr> own) {
    Set<Cidr> expected = new TreeSet<>(own);
    for (Aggregate aggregate : aggregates) {
      if (own.stream().anyMatch(prefix -> isInside(prefix, aggregate))) {
        expected.add(aggregate.prefix());
      }
    }
    expected.removeIf(prefix ->
        aggregates.stream().anyMatch(each -> each.summaryOnly() && isInside(prefix, each)));
    return expected;
  }

  private static boolean isInside(Cidr prefix, Aggregate aggregate) {
    return aggregate.prefix().contains(prefix) && prefix.length() > aggregate.prefix().length();
  }
}
