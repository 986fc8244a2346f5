package io.denim.bgp.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AsPath.Segment;
import io.denim.bgp.wire.AsPath.SegmentType;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("G12")
class ConditionTest {
  private static final Cidr PREFIX = Cidr.parse("10.1.2.0/24");
  private static final int C1 = Community.parse("64512:1");
  private static final int C2 = Community.parse("64512:2");
  private static final LargeCommunity L1 = LargeCommunity.parse("64512:1:1");
  private static final LargeCommunity L2 = LargeCommunity.parse("64512:1:2");

  private static AttributeSetBuilder attributes() {
    return AttributeSet.builder()
        .asPath(AsPath.of(65001, 65002, 65003))
        .nextHop(IpAddress.parse("10.0.0.2"))
        .addCommunity(C1)
        .addExtendedCommunity(7)
        .addLargeCommunity(L1);
  }

  private static Subject learned(AttributeSet attributes) {
    return Subject.learned(PREFIX, attributes, Source.EXTERNAL, "tor-1");
  }

  private static final Subject PLAIN = learned(attributes().build());
  private static final Subject VALUED =
      Subject.learned(
          Cidr.parse("fd00::/64"),
          attributes().localPref(200).med(50).build(),
          Source.INTERNAL,
          "tor-1");
  private static final Subject LOCAL =
      Subject.local(PREFIX, AttributeSet.builder().build(), "block");

  private static Condition prefix(String... matches) {
    return new Condition.PrefixIn(
        PrefixSet.of(Stream.of(matches).map(PrefixMatch::parse).toList()));
  }

  static Stream<Arguments> cases() {
    return Stream.of(
        Arguments.of(prefix("10.0.0.0/8 ge 24"), PLAIN, true),
        Arguments.of(prefix("10.0.0.0/8"), PLAIN, false),
        Arguments.of(prefix("10.0.0.0/8", "10.1.2.0/24"), PLAIN, true),
        Arguments.of(prefix("fd00::/8 le 64"), VALUED, true),
        Arguments.of(new Condition.HasCommunity(List.of(C2, C1)), PLAIN, true),
        Arguments.of(new Condition.HasCommunity(List.of(C2)), PLAIN, false),
        Arguments.of(new Condition.HasExtCommunity(List.of(8L, 7L)), PLAIN, true),
        Arguments.of(new Condition.HasExtCommunity(List.of(8L)), PLAIN, false),
        Arguments.of(new Condition.HasExtCommunity(List.of(8L)), LOCAL, false),
        Arguments.of(new Condition.HasLargeCommunity(List.of(L2, L1)), PLAIN, true),
        Arguments.of(new Condition.HasLargeCommunity(List.of(L2)), PLAIN, false),
        Arguments.of(new Condition.AsPathStartsWith(List.of(65001L, 65002L)), PLAIN, true),
        Arguments.of(new Condition.AsPathStartsWith(List.of(65002L)), PLAIN, false),
        Arguments.of(new Condition.AsPathContains(List.of(1L, 65002L)), PLAIN, true),
        Arguments.of(new Condition.AsPathContains(List.of(1L)), PLAIN, false),
        Arguments.of(new Condition.AsPathLength(3, 3), PLAIN, true),
        Arguments.of(new Condition.AsPathLength(4, 9), PLAIN, false),
        Arguments.of(Condition.AsPathLength.EMPTY, PLAIN, false),
        Arguments.of(Condition.AsPathLength.EMPTY, LOCAL, true),
        Arguments.of(new Condition.OriginatedBy(List.of(65003L)), PLAIN, true),
        Arguments.of(new Condition.OriginatedBy(List.of(65001L)), PLAIN, false),
        Arguments.of(new Condition.LocalPrefIs(100), PLAIN, true),
        Arguments.of(new Condition.LocalPrefIs(100), VALUED, false),
        Arguments.of(new Condition.LocalPrefIs(200), VALUED, true),
        Arguments.of(new Condition.MedIs(0), PLAIN, true),
        Arguments.of(new Condition.MedIs(50), VALUED, true),
        Arguments.of(new Condition.MedIs(50), PLAIN, false),
        Arguments.of(new Condition.FromSource(Source.EXTERNAL), PLAIN, true),
        Arguments.of(new Condition.FromSource(Source.EXTERNAL), VALUED, false),
        Arguments.of(new Condition.FromSource(Source.LOCAL), LOCAL, true),
        Arguments.of(new Condition.FromPeer(new Glob("tor-*")), PLAIN, true),
        Arguments.of(new Condition.FromPeer(new Glob("node-*")), PLAIN, false),
        Arguments.of(new Condition.FromPeer(new Glob("?*")), LOCAL, false),
        Arguments.of(new Condition.KindIs(new Glob("block")), LOCAL, true),
        Arguments.of(new Condition.KindIs(new Glob("?*")), PLAIN, false),
        Arguments.of(new Condition.NextHopIn(List.of(Cidr.parse("10.0.0.0/24"))), PLAIN, true),
        Arguments.of(new Condition.NextHopIn(List.of(Cidr.parse("fd00::/8"))), PLAIN, false),
        Arguments.of(new Condition.FamilyIs(Family.IPV4), PLAIN, true),
        Arguments.of(new Condition.FamilyIs(Family.IPV4), VALUED, false),
        Arguments.of(new Condition.Not(new Condition.FamilyIs(Family.IPV4)), PLAIN, false),
        Arguments.of(new Condition.Not(new Condition.FamilyIs(Family.IPV6)), PLAIN, true));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aConditionHoldsOrDoesNot(Condition condition, Subject route, boolean expected) {
    assertThat(condition.holds(route)).isEqualTo(expected);
  }

  @Test
  void aPathThatEndsInASetHasNoOrigin() {
    AsPath aggregated =
        AsPath.of(
            List.of(
                new Segment(SegmentType.SEQUENCE, List.of(65001L)),
                new Segment(SegmentType.SET, List.of(65002L, 65003L))));
    Subject route = learned(attributes().asPath(aggregated).build());

    assertThat(new Condition.OriginatedBy(List.of(65002L, 65003L)).holds(route)).isFalse();
    assertThat(new Condition.AsPathContains(List.of(65003L)).holds(route)).isTrue();
    assertThat(new Condition.AsPathLength(2, 2).holds(route)).isTrue();
  }

  @Test
  void aConditionOfNothingIsRefused() {
    assertThatThrownBy(() -> new Condition.HasCommunity(List.of()))
        .hasMessage("a condition on communities names one at least");
    assertThatThrownBy(() -> new Condition.HasExtCommunity(List.of()))
        .hasMessage("a condition on extended communities names one at least");
    assertThatThrownBy(() -> new Condition.HasLargeCommunity(List.of()))
        .hasMessage("a condition on large communities names one at least");
    assertThatThrownBy(() -> new Condition.PrefixIn(PrefixSet.of()))
        .hasMessage("a condition on prefixes names one at least");
    assertThatThrownBy(() -> new Condition.AsPathStartsWith(List.of()))
        .hasMessage("a condition on the AS path's begin names one at least");
    assertThatThrownBy(() -> new Condition.AsPathContains(List.of()))
        .hasMessage("a condition on the AS path names one at least");
    assertThatThrownBy(() -> new Condition.OriginatedBy(List.of()))
        .hasMessage("a condition on the route's origin names one at least");
    assertThatThrownBy(() -> new Condition.NextHopIn(List.of()))
        .hasMessage("a condition on the next hop names one at least");
    assertThatThrownBy(() -> new Condition.AsPathLength(2, 1))
        .hasMessage("the lengths of an AS path are 0 or more in ascending order, got 2 to 1");
    assertThatThrownBy(() -> new Condition.LocalPrefIs(-1))
        .hasMessage("LOCAL_PREF is 0 to 4294967295, got -1");
    assertThatThrownBy(() -> new Condition.MedIs(1L << 32))
        .hasMessage("MED is 0 to 4294967295, got 4294967296");
  }

  @Test
  void communitiesAreShownAsPeopleWriteThem() {
    assertThat(new Condition.HasCommunity(List.of(C1, C2)))
        .hasToString("HasCommunity[64512:1, 64512:2]");
  }
}
