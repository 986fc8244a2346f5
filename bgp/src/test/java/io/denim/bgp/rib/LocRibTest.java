package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Aggregate;
import io.denim.bgp.policy.Action;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Rule;
import io.denim.bgp.policy.Source;
import io.denim.bgp.policy.Verdict;
import io.denim.bgp.wire.Aggregator;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.bgp.wire.MirroredTable;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who follows the best routes is told all of them, and then what changes. */
class LocRibTest {
  private static final SourceInfo LOCAL =
      new SourceInfo(0, "", Source.LOCAL, Walk.IDENTIFIER, IpAddress.v4(9), 64512, false);
  private static final Cidr X = Cidr.parse("20.0.0.0/24");
  private static final Cidr Y = Cidr.parse("20.0.1.0/24");
  private static final Cidr V6 = Cidr.parse("fd00:1::/64");
  private static final AttributeSet SET =
      AttributeSet.builder().nextHop(IpAddress.v4(0x0a000001)).localPref(100).build();
  private static final AttributeSet BETTER = SET.toBuilder().localPref(200).build();
  private static final AttributeSet WORSE = SET.toBuilder().localPref(50).build();

  private final Rib rib = new Rib(LOCAL, 1, NextHops.ALL_EQUAL, Rib.Listener.NOBODY);
  private final WalkPeer one = peer(1, Policy.ACCEPT_ALL);
  private final WalkPeer other = peer(2, Policy.ACCEPT_ALL);

  private WalkPeer peer(int identifier, Policy policy) {
    int number = rib.newPeer();
    SourceInfo info =
        new SourceInfo(
            number,
            "p" + identifier,
            Source.INTERNAL,
            identifier,
            IpAddress.v4(0x0a000000 + identifier),
            64512,
            false);
    ImportRules rules =
        new ImportRules(policy, 64512, 0, true, Walk.IDENTIFIER, Set.of(), Optional.empty(), false);
    rib.setPeer(info, rules);
    return new WalkPeer(info, rules, false, false);
  }

  private void announce(WalkPeer peer, Cidr prefix, AttributeSet set) {
    peer.send(rib, List.of(new WalkPeer.Route(prefix, -1)), set, 1);
    rib.flush();
  }

  private void withdraw(WalkPeer peer, Cidr prefix) {
    peer.send(rib, List.of(new WalkPeer.Route(prefix, -1)), null, 1);
    rib.flush();
  }

  private MirroredLocRib follow() {
    return new MirroredLocRib(rib, Family.IPV4);
  }

  private static MirroredTable.Route route(AttributeSet set) {
    return MirroredTable.Route.of(Family.IPV4, set);
  }

  @Test
  void theTableIsToldFirstAndThenEachChangeOfABestRoute() {
    announce(one, X, SET);
    MirroredLocRib follower = follow();
    follower.readAll();
    assertThat(follower.table.routes()).containsOnlyKeys(X).containsEntry(X, route(SET));
    assertThat(follower.table.ended()).containsExactly(Family.IPV4);

    announce(other, X, BETTER);
    follower.readAll();
    assertThat(follower.table.routes()).containsEntry(X, route(BETTER));
    withdraw(other, X);
    follower.readAll();
    assertThat(follower.table.routes()).containsEntry(X, route(SET));
    withdraw(one, X);
    assertThat(follower.table.routes()).isEmpty();
  }

  @Test
  void ofAnEmptyTableItIsSaidThatThereIsNoMore() {
    MirroredLocRib follower = new MirroredLocRib(rib, Family.IPV6);
    assertThat(follower.parts).isZero();

    follower.next();

    assertThat(follower.table.ended()).containsExactly(Family.IPV6);
    assertThat(follower.messages).isEqualTo(1);
  }

  @Test
  void ofARouteThatIsNotTheBestNothingIsTold() {
    announce(one, X, SET);
    MirroredLocRib follower = follow();
    follower.readAll();
    int before = follower.messages;

    announce(other, X, WORSE);
    announce(other, X, WORSE.toBuilder().med(1).build());
    withdraw(other, X);
    rib.nextHopsChanged();
    rib.flush();

    assertThat(follower.messages).isEqualTo(before);
  }

  @Test
  void whoAsksSeldomIsToldOnceWhatIsSoThen() {
    announce(one, X, SET);
    announce(one, Y, SET);
    MirroredLocRib follower = follow();
    follower.next();
    int before = follower.messages;

    for (int med = 0; med < 100; med++) {
      announce(one, X, SET.toBuilder().med(med).build());
      withdraw(one, Y);
      announce(one, Y, SET);
    }
    assertThat(follower.messages).isEqualTo(before);
    follower.readAll();

    assertThat(follower.messages).isEqualTo(before + 1);
    assertThat(follower.table.routes())
        .containsEntry(X, route(SET.toBuilder().med(99).build()))
        .containsEntry(Y, route(SET));
  }

  @Test
  void aPrefixWhoseNumberIsAnothersIsWithdrawnBefore() {
    announce(one, X, SET);
    MirroredLocRib follower = follow();
    follower.next();

    withdraw(one, X);
    rib.reclaim();
    announce(one, Y, SET);
    follower.readAll();

    assertThat(follower.table.routes()).containsOnlyKeys(Y);
  }

  @Test
  void aSetOfAttributesWhoseNumberIsAnothersIsToldAnew() {
    announce(one, X, SET);
    MirroredLocRib follower = follow();
    follower.next();

    announce(one, X, BETTER);
    rib.giveUpUnused();
    announce(one, X, WORSE);
    follower.readAll();

    assertThat(follower.table.routes()).containsEntry(X, route(WORSE));
  }

  @Test
  void aLongTableIsToldInPartsAndWhatChangesMeanwhileComesLast() {
    List<Cidr> many =
        IntStream.range(0, 10_000)
            .mapToObj(i -> Cidr.of(IpAddress.v4(0x14000000 + (i << 8)), 24))
            .toList();
    many.forEach(prefix -> rib.originate(prefix, SET, Walk.KIND, 1));
    rib.flush();
    MirroredLocRib follower = follow();

    follower.next();
    assertThat(follower.table.routes()).hasSize(4096);
    rib.takeBack(many.getFirst(), Walk.KIND);
    rib.takeBack(many.getLast(), Walk.KIND);
    rib.originate(many.get(5000), BETTER, Walk.KIND, 1);
    rib.flush();
    follower.next();
    assertThat(follower.table.routes()).hasSize(8192);
    assertThat(follower.table.ended()).isEmpty();
    follower.next();
    assertThat(follower.table.routes()).hasSize(9999).containsKey(many.getFirst());
    assertThat(follower.table.ended()).containsExactly(Family.IPV4);
    follower.next();

    assertThat(follower.table.routes())
        .hasSize(9998)
        .doesNotContainKeys(many.getFirst(), many.getLast())
        .containsEntry(many.get(5000), route(BETTER));
    assertThat(follower.parts).isEqualTo(4);
  }

  @Test
  void whatWaitsForAFlushIsToldByIt() {
    MirroredLocRib follower = follow();
    one.send(rib, List.of(new WalkPeer.Route(X, -1)), SET, 1);

    follower.next();
    assertThat(follower.parts).isZero();
    rib.flush();

    assertThat(follower.table.routes()).containsOnlyKeys(X);
  }

  @Test
  void routesAreAsTheImportPolicyLeftThemAndThoseThatItRefusedAreNotThere() {
    Policy marks =
        new Policy(
            "marks",
            List.of(
                new Rule(
                    "no advertise",
                    List.of(),
                    List.of(new Action.AddCommunity(Community.NO_ADVERTISE)),
                    Verdict.ACCEPT)),
            Verdict.REJECT);
    MirroredLocRib follower = follow();
    announce(peer(3, marks), X, SET);
    announce(peer(4, Policy.REJECT_ALL), Y, SET);

    follower.readAll();

    assertThat(follower.table.routes())
        .containsOnlyKeys(X)
        .containsEntry(X, route(SET.toBuilder().addCommunity(Community.NO_ADVERTISE).build()));
  }

  @Test
  void routesOfItsOwnAreThereAndWhatAnAggregateSuppressesToo() {
    Cidr outer = Cidr.parse("20.0.0.0/16");
    AttributeSet own = AttributeSet.builder().nextHop(IpAddress.ANY_V4).build();
    rib.aggregates(
        List.of(new Aggregate(outer, true)), new Aggregator(64512, IpAddress.parse("10.9.9.9")));
    rib.originate(X, own, Walk.KIND, 1);
    MirroredLocRib follower = follow();
    follower.readAll();

    assertThat(follower.table.routes()).containsOnlyKeys(outer, X).containsEntry(X, route(own));
    rib.takeBack(X, Walk.KIND);
    rib.flush();
    assertThat(follower.table.routes()).isEmpty();
  }

  @Test
  void eachFamilyIsFollowedByItself() {
    AttributeSet set = SET.toBuilder().nextHop(IpAddress.parse("fd00::1")).build();
    MirroredLocRib follower = new MirroredLocRib(rib, Family.IPV6);
    follower.readAll();
    announce(one, X, SET);
    announce(one, V6, set);
    follower.readAll();

    assertThat(follower.table.routes())
        .containsOnlyKeys(V6)
        .containsEntry(V6, MirroredTable.Route.of(Family.IPV6, set));
  }

  @Test
  void aRouteWithMoreAttributesThanAMessageHoldsTakesTheOneBeforeAway() {
    rib.originate(X, SET, Walk.KIND, 1);
    MirroredLocRib follower = follow();
    follower.readAll();
    AttributeSet many =
        SET.toBuilder()
            .largeCommunities(
                IntStream.range(0, 5_600).mapToObj(n -> new LargeCommunity(1, n, 2)).toList())
            .build();

    rib.originate(X, many, Walk.KIND, 1);
    rib.flush();

    assertThat(follower.table.routes()).isEmpty();
  }

  @Test
  void whoFollowsNoMoreIsToldNothingMoreAndHoldsNothingBack() {
    announce(one, X, SET);
    MirroredLocRib follower = follow();
    follower.readAll();
    follower.end();

    withdraw(one, X);

    assertThat(follower.table.routes()).containsOnlyKeys(X);
    assertThat(rib.table(Family.IPV4).locRibs()).isEmpty();
    assertThat(rib.table(Family.IPV4).readers()).isEmpty();
  }
}
