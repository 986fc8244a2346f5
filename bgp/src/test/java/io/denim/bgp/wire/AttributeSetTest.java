package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.wire.AsPath.SegmentType;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AttributeSetTest {
  @Provide
  Arbitrary<AttributeSet> classic() {
    return WireArbitraries.sets(WireArbitraries.paths(SegmentType.values()), false);
  }

  @Provide
  Arbitrary<AttributeSet> multiprotocol() {
    return WireArbitraries.sets(WireArbitraries.paths(SegmentType.values()), true);
  }

  /** As a speaker of four octets makes them: a sequence is full before another begins. */
  @Provide
  Arbitrary<AttributeSet> sequences() {
    Arbitrary<AsPath> paths =
        WireArbitraries.as()
            .list()
            .ofMaxSize(600)
            .map(list -> AsPath.of(list.stream().mapToLong(Long::longValue).toArray()));
    return WireArbitraries.sets(paths, false);
  }

  @Property(tries = 300)
  boolean whatIsWrittenIsRead(@ForAll("classic") AttributeSet set) {
    byte[] block = set.encode(true, true);
    return good(block, Updates.INTERNAL, IpAddress.ANY_V6, true).equals(set)
        && set.toBuilder().build().equals(set)
        && set.toBuilder().build().hashCode() == set.hashCode();
  }

  @Property(tries = 300)
  boolean anIpv6NextHopComesFromTheOtherAttribute(@ForAll("multiprotocol") AttributeSet set) {
    byte[] block = set.encode(true, false);
    return good(block, Updates.INTERNAL, set.nextHop(), false).equals(set);
  }

  @Property(tries = 300)
  boolean aTwoOctetPeerHandsOnWhatItWasToldInFour(@ForAll("sequences") AttributeSet set) {
    AttributeSet told = withoutTrans(set);
    byte[] block = told.encode(false, true);
    AttributeSet read = good(block, Updates.OLD, IpAddress.ANY_V6, true);
    return read.toBuilder()
            .asPath(AsPath.EMPTY)
            .build()
            .equals(told.toBuilder().asPath(AsPath.EMPTY).build())
        && flat(read.asPath()).equals(flat(told.asPath()));
  }

  private static AttributeSet withoutTrans(AttributeSet set) {
    return set.aggregator().isPresent() && set.aggregator().get().as() <= 0xffff
        ? set.toBuilder().noAggregator().build()
        : set;
  }

  private static List<Long> flat(AsPath path) {
    return path.segments().stream().flatMap(segment -> segment.numbers().stream()).toList();
  }

  private static AttributeSet good(
      byte[] block, Negotiated session, IpAddress nextHop, boolean classic) {
    return switch (AttributeParser.parse(
        block, 0, block.length, session, nextHop, Optional.empty(), classic)) {
      case ParsedAttributes.Good good -> good.attributes();
      case ParsedAttributes.Withdraw withdraw -> throw new AssertionError(withdraw.words());
    };
  }

  @Test
  void attributesAreWrittenInTheOrderOfTheirCodes() {
    AttributeSet set =
        AttributeSet.builder()
            .asPath(AsPath.of(64512))
            .nextHop(IpAddress.parse("192.0.2.1"))
            .med(1)
            .localPref(100)
            .addCommunity(Community.NO_EXPORT)
            .originatorId(0xc0000202)
            .prependCluster(0xc0000203)
            .addLargeCommunity(new LargeCommunity(1, 2, 3))
            .opaque(List.of(new OpaqueAttribute(23, 0xe0, new byte[1])))
            .otc(64512)
            .build();

    assertThat(set.encode(true, true))
        .isEqualTo(
            Updates.hex(
                "40010100 40020602010000fc00 400304c0000201 80040400000001 40050400000064"
                    + "c00804ffffff01 800904c0000202 800a04c0000203 e0170100"
                    + "c0200c000000010000000200000003 c023040000fc00"));
    assertThat(set)
        .hasToString(
            "origin=igp as-path=[64512] next-hop=192.0.2.1 med=1 local-pref=100"
                + " communities=[65535:65281] large-communities=[1:2:3] originator=192.0.2.2"
                + " clusters=[192.0.2.3] otc=64512 [TUNNEL_ENCAPSULATION 00]");
  }

  @Test
  void whatATwoOctetPeerGetsIsTransAndTheCopies() {
    AttributeSet set =
        AttributeSet.builder()
            .asPath(AsPath.of(4_200_000_000L))
            .aggregator(new Aggregator(4_200_000_000L, IpAddress.parse("192.0.2.1")))
            .build();

    assertThat(set.encode(false, false))
        .isEqualTo(
            Updates.hex(
                "40010100 40020402015ba0 c007065ba0c0000201 c011060201fa56ea00"
                    + "c01208fa56ea00c0000201"));
  }

  @Test
  void whatIsAbsentHasItsDefault() {
    AttributeSet set = AttributeSet.builder().build();

    assertThat(set.med()).isZero();
    assertThat(set.localPref()).isEqualTo(100);
    assertThat(set.hasLocalPref()).isFalse();
    assertThat(set.nextHop()).isEqualTo(IpAddress.ANY_V4);
  }

  @Test
  void whatIsAddedCanBeTakenAway() {
    AttributeSet none = AttributeSet.builder().build();
    LargeCommunity large = new LargeCommunity(1, 2, 3);
    AttributeSet all =
        none.toBuilder()
            .med(1)
            .localPref(2)
            .atomicAggregate(true)
            .aggregator(new Aggregator(1, IpAddress.ANY_V4))
            .addCommunity(7)
            .addCommunity(7)
            .addExtendedCommunity(8)
            .addExtendedCommunity(8)
            .addLargeCommunity(large)
            .addLargeCommunity(large)
            .originatorId(9)
            .prependCluster(10)
            .prependCluster(11)
            .otc(12)
            .build();

    assertThat(all.hasCommunity(7)).isTrue();
    assertThat(all.communityCount()).isEqualTo(1);
    assertThat(all.extendedCommunityCount()).isEqualTo(1);
    assertThat(all.hasLargeCommunity(large)).isTrue();
    assertThat(all.cluster(0)).isEqualTo(11);
    assertThat(all.hasCluster(10)).isTrue();
    assertThat(all).isNotEqualTo(none);
    assertThat(
            all.toBuilder()
                .noMed()
                .noLocalPref()
                .atomicAggregate(false)
                .noAggregator()
                .removeCommunity(7)
                .removeExtendedCommunity(8)
                .removeLargeCommunity(large)
                .noOriginator()
                .noClusters()
                .otc(0)
                .build())
        .isEqualTo(none);
  }

  @Test
  void extendedCommunitiesThatEndAtTheAsAreRemoved() {
    AttributeSet set =
        AttributeSet.builder().extendedCommunities(0x4004L << 48, 0x0002L << 48).build();

    AttributeSet external = set.toBuilder().removeNonTransitive().build();

    assertThat(external.extendedCommunityCount()).isEqualTo(1);
    assertThat(external.extendedCommunity(0)).isEqualTo(0x0002L << 48);
  }

  @Test
  void anIpv6NextHopHasNoPlaceInTheClassicAttribute() {
    AttributeSet set = AttributeSet.builder().nextHop(IpAddress.parse("fd00::1")).build();

    assertThatThrownBy(() -> set.encode(true, true)).hasMessage("NEXT_HOP cannot carry fd00::1");
  }
}
