package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Source;
import io.denim.bgp.wire.AttributeSet;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Single turns of events, most of which a walk has stumbled over. */
class RibTest {
  private static final SourceInfo LOCAL =
      new SourceInfo(0, "", Source.LOCAL, Walk.IDENTIFIER, IpAddress.v4(9), 64512, false);
  private static final Cidr X = Cidr.parse("20.0.0.0/24");
  private static final Cidr Y = Cidr.parse("20.0.1.0/24");
  private static final AttributeSet SET =
      AttributeSet.builder().nextHop(IpAddress.v4(0x0a000001)).localPref(100).build();

  private final Rib rib = new Rib(LOCAL, 1, NextHops.ALL_EQUAL, Rib.Listener.NOBODY);
  private final WalkPeer speaker = peer(rib.newPeer(), 1, true);
  private final WalkPeer reader = peer(rib.newPeer(), 2, true);

  RibTest() {
    speaker.begin(rib);
    reader.begin(rib);
  }

  private static SourceInfo info(int number, int identifier, boolean client) {
    IpAddress address = IpAddress.v4(0x0a000000 + identifier);
    return new SourceInfo(
        number, "p" + identifier, Source.INTERNAL, identifier, address, 64512, client);
  }

  private static WalkPeer peer(int number, int identifier, boolean client) {
    ImportRules rules =
        new ImportRules(
            Policy.ACCEPT_ALL,
            64512,
            0,
            true,
            Walk.IDENTIFIER,
            Set.of(Walk.IDENTIFIER),
            Optional.empty(),
            false);
    return new WalkPeer(info(number, identifier, client), rules, false, false);
  }

  private void announce(WalkPeer peer, Cidr prefix) {
    peer.send(rib, List.of(new WalkPeer.Route(prefix, -1)), SET, 1);
  }

  private void withdraw(WalkPeer peer, Cidr prefix) {
    peer.send(rib, List.of(new WalkPeer.Route(prefix, -1)), null, 1);
  }

  private static Set<Cidr> told(WalkPeer peer) {
    return NaiveRib.has(peer).keySet();
  }

  @Tag("G7")
  @Test
  void whoseRouteIsBestNowLosesTheOneThatHeHadOfAnother() {
    announce(reader, X);
    rib.flush();
    speaker.drain();
    announce(speaker, X);
    rib.flush();
    speaker.drain();

    assertThat(told(speaker)).isEmpty();
    reader.drain();
    assertThat(told(reader)).containsExactly(X);
  }

  @Test
  void aRouteIsToldAnewWhenItsPeerIsNoClientAnyMore() {
    reader.info = info(reader.info.peer(), 2, false);
    rib.changeImport(reader.info, reader.rules);
    reader.change(Family.IPV4);
    announce(speaker, X);
    rib.flush();
    reader.drain();
    Set<Cidr> before = told(reader);

    rib.changeImport(info(speaker.info.peer(), 1, false), speaker.rules);
    rib.flush();
    reader.drain();

    assertThat(before).containsExactly(X);
    assertThat(told(reader)).isEmpty();
  }

  @Test
  void aPeerWhoseNumberWasAnothersIsReflectedAsWhatItIs() {
    announce(speaker, X);
    rib.flush();
    speaker.end();
    rib.removeAll(speaker.info.peer(), Family.IPV4);
    rib.removePeer(speaker.info.peer());
    WalkPeer next = peer(rib.newPeer(), 3, true);
    next.begin(rib);
    announce(next, X);
    rib.flush();
    reader.drain();

    assertThat(next.info.peer()).isEqualTo(speaker.info.peer());
    assertThat(reader.told.values()).extracting(AttributeSet::originatorId).containsExactly(3);
  }

  @Test
  void aWithdrawalThatALatePeerHasNotReadIsToldItWhenItReadsAgain() {
    announce(speaker, X);
    rib.flush();
    reader.drain();
    withdraw(speaker, X);
    rib.flush();
    announce(speaker, Y);
    rib.flush();
    reader.detach(Family.IPV4);
    reader.drain();

    assertThat(told(reader)).containsExactly(Y);
  }

  @Test
  void theNumberOfAPrefixIsAnothersAsSoonAsAllHaveHeardThatItIsGone() {
    announce(speaker, X);
    rib.flush();
    withdraw(speaker, X);
    rib.flush();
    int kept = rib.table(Family.IPV4).prefixes().size();
    reader.drain();
    speaker.drain();
    announce(speaker, Y);
    rib.flush();

    assertThat(kept).isEqualTo(1);
    assertThat(rib.table(Family.IPV4).prefixes().size()).isEqualTo(1);
  }

  @Test
  void whoIsToldEverythingAnewIsNotToldOfNumbersThatNobodyHas() {
    announce(speaker, X);
    announce(speaker, Y);
    rib.flush();
    reader.drain();
    withdraw(speaker, X);
    rib.flush();
    reader.drain();
    speaker.drain();
    announce(speaker, Y);
    rib.nextHopsChanged();
    rib.flush();
    reader.again(Family.IPV4);
    reader.detach(Family.IPV4);
    reader.drain();

    assertThat(rib.table(Family.IPV4).prefixes().isUsed(0)).isFalse();
    assertThat(told(reader)).containsExactly(Y);
  }

  @Test
  void whatANewGroupIsNotToldIsTakenBackEvenIfARefreshIsAskedForMeanwhile() {
    announce(speaker, X);
    rib.flush();
    reader.drain();
    announce(speaker, Y);
    rib.flush();
    reader.policy = Policy.REJECT_ALL;
    reader.change(Family.IPV4);
    reader.again(Family.IPV4);
    reader.drain();

    assertThat(told(reader)).isEmpty();
  }

  @Test
  void aMessageThatWasBegunIsSentOnceIfNothingChangesAfterAll() {
    announce(speaker, X);
    rib.flush();
    while (reader.telling(Family.IPV4).cursor().orElseThrow().atBoundary()) {
      var _ = reader.read(Family.IPV4, 10, 1);
    }
    reader.change(Family.IPV4);
    reader.drain();

    assertThat(told(reader)).containsExactly(X);
  }

  @Test
  void aRouteWhoseAttributesBecomeTooLongIsWithdrawnFromThoseWithShortMessagesOnly() {
    GroupKey key = reader.key(Family.IPV4);
    GroupKey wide =
        new GroupKey(
            Family.IPV4,
            false,
            64512,
            true,
            key.clusterId(),
            NextHopMode.KEEP,
            key.ownAddress(),
            key.ownLinkLocal(),
            Optional.empty(),
            Policy.ACCEPT_ALL,
            false,
            true,
            65535,
            false,
            Optional.empty(),
            true,
            false);
    Rib.Telling telling = rib.tell(rib.newPeer(), wide);
    rib.originate(X, SET, Walk.KIND, 1);
    rib.flush();
    reader.drain();
    Set<Cidr> before = told(reader);
    AttributeSet tooLong = SET.toBuilder().communities(IntStream.range(0, 1200).toArray()).build();
    rib.originate(X, tooLong, Walk.KIND, 2);
    rib.flush();
    reader.drain();

    assertThat(before).containsExactly(X);
    assertThat(told(reader)).isEmpty();
    assertThat(octets(telling.cursor().orElseThrow())).isGreaterThan(4800);
  }

  private static int octets(Cursor cursor) {
    int sum = 0;
    while (!cursor.isDrained()) {
      ByteBuffer some = cursor.take(1 << 20);
      if (some != null) {
        sum += some.remaining();
        cursor.sent(some.remaining());
      }
    }
    return sum;
  }

  private static final AttributeSet BY_READER =
      SET.toBuilder().nextHop(IpAddress.v4(0x0a000002)).build();

  private void announce(WalkPeer peer, AttributeSet set) {
    peer.send(rib, List.of(new WalkPeer.Route(X, -1)), set, 1);
  }

  @Test
  void aPeerIsNotToldOfARouteThatLeadsToItselfAndLosesTheOneBefore() {
    WalkPeer third = peer(rib.newPeer(), 3, true);
    third.begin(rib);
    announce(speaker, SET);
    rib.flush();
    reader.drain();
    third.drain();
    Set<Cidr> before = told(reader);
    announce(speaker, BY_READER);
    rib.flush();
    reader.drain();
    third.drain();

    assertThat(before).containsExactly(X);
    assertThat(told(reader)).isEmpty();
    assertThat(told(third)).containsExactly(X);
    assertThat(reader.telling(Family.IPV4).told()).isEmpty();
    assertThat(reader.telling(Family.IPV4).explain(X))
        .isEqualTo(
            "not announced: the next hop 10.0.0.2 is this peer's own address (RFC 4271 5.1.3)");
  }

  @Test
  void whoComesLaterIsNotToldOfARouteThatLeadsToItself() {
    announce(speaker, BY_READER.toBuilder().nextHop(IpAddress.v4(0x0a000004)).build());
    rib.flush();
    WalkPeer third = peer(rib.newPeer(), 3, true);
    WalkPeer fourth = peer(rib.newPeer(), 4, true);
    third.begin(rib);
    fourth.begin(rib);
    third.drain();
    fourth.drain();

    assertThat(told(third)).containsExactly(X);
    assertThat(told(fourth)).isEmpty();
  }

  @Test
  void whoHasTheNumberOfANextHopThatIsGoneIsToldOfIt() {
    WalkPeer third = peer(rib.newPeer(), 3, true);
    third.begin(rib);
    announce(speaker, SET.toBuilder().nextHop(IpAddress.v4(0x0a000003)).build());
    rib.flush();
    WalkPeer fourth = peer(rib.newPeer(), 4, true);
    fourth.begin(rib);
    third.end();
    rib.removePeer(third.info.peer());
    WalkPeer fifth = peer(rib.newPeer(), 5, true);
    fifth.begin(rib);
    fifth.drain();

    assertThat(fifth.info.peer()).isEqualTo(third.info.peer());
    assertThat(told(fifth)).containsExactly(X);
  }

  @Test
  void withAddPathAPathIsTakenBackThatLeadsToThePeerNow() {
    WalkPeer all = new WalkPeer(info(rib.newPeer(), 3, true), reader.rules, false, true);
    all.begin(rib);
    announce(speaker, SET);
    announce(reader, SET);
    rib.flush();
    all.drain();
    int before = all.told.size();
    announce(speaker, SET.toBuilder().nextHop(IpAddress.v4(0x0a000003)).build());
    rib.flush();
    all.drain();

    assertThat(before).isEqualTo(2);
    assertThat(all.told).hasSize(1);
  }

  private static List<WalkPeer.Route> paths(Cidr prefix, int from, int to) {
    return IntStream.range(from, to).mapToObj(id -> new WalkPeer.Route(prefix, id)).toList();
  }

  @Test
  void aLatePeerIsToldOnlyOfThePathsThatWentMeanwhile() {
    WalkPeer many = new WalkPeer(info(rib.newPeer(), 3, true), reader.rules, true, false);
    WalkPeer late = new WalkPeer(info(rib.newPeer(), 4, true), reader.rules, false, true);
    many.begin(rib);
    late.begin(rib);
    many.send(rib, paths(X, 0, 200), SET, 1);
    many.send(rib, paths(Y, 0, 3), SET, 1);
    rib.flush();
    late.drain();
    late.detach(Family.IPV4);
    many.send(rib, paths(Y, 1, 2), null, 2);
    rib.flush();
    late.telling(Family.IPV4).resume();
    long octets = late.telling(Family.IPV4).cursor().orElseThrow().lag();
    late.drain();

    assertThat(octets).isLessThan(300);
    assertThat(late.told.keySet()).filteredOn(route -> route.prefix().equals(Y)).hasSize(2);
  }

  @Test
  void thePathIdentifiersThatAPeerHadOnceDoNotAddUp() {
    WalkPeer many = new WalkPeer(info(rib.newPeer(), 3, true), reader.rules, true, false);
    WalkPeer all = new WalkPeer(info(rib.newPeer(), 4, true), reader.rules, false, true);
    many.begin(rib);
    all.begin(rib);
    for (int round = 0; round < 200; round++) {
      many.send(rib, paths(X, 200 * round, 200 * round + 200), SET, round);
      rib.flush();
      many.send(rib, paths(X, 200 * round, 200 * round + 199), null, round);
      many.send(rib, paths(X, 200 * round + 199, 200 * round + 200), null, round);
      rib.flush();
      List.of(speaker, reader, many, all).forEach(WalkPeer::drain);
    }
    many.send(rib, paths(X, 1_000_000, 1_000_003), SET, 1);
    rib.flush();
    all.drain();

    assertThat(rib.table(Family.IPV4).sources().size()).isLessThan(9000);
    assertThat(all.told).hasSize(3);
  }

  /** The slow peer reads nothing while a hundred megabytes of changes pass. */
  @Tag("G8")
  @Test
  void aPeerThatHasNoPlaceCostsNothingWhateverPasses() {
    reader.detach(Family.IPV4);
    for (int round = 0; round < 5000; round++) {
      for (int i = 0; i < 20; i++) {
        Cidr prefix = Cidr.of(IpAddress.v4(0x14000000 + (i << 8)), 24);
        AttributeSet set = SET.toBuilder().med(round * 100L + i).build();
        rib.originate(prefix, set, Walk.KIND, round);
      }
      rib.flush();
      speaker.drain();
    }
    long octets = rib.logOctets();
    reader.drain();

    assertThat(octets).isLessThanOrEqualTo(4 * Segment.SIZE);
    assertThat(reader.told.values()).hasSize(20).allMatch(set -> set.med() >= 499_900);
  }
}
