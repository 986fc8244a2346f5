package io.denim.bgp.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.IpAddress;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("G12")
class ActionTest {
  private static final int C1 = Community.parse("64512:1");
  private static final int C2 = Community.parse("64512:2");
  private static final LargeCommunity L1 = LargeCommunity.parse("64512:1:1");
  private static final LargeCommunity L2 = LargeCommunity.parse("64512:1:2");
  private static final IpAddress HOP = IpAddress.parse("10.0.0.9");

  private static AttributeSetBuilder before() {
    return AttributeSet.builder()
        .asPath(AsPath.of(65001))
        .nextHop(IpAddress.parse("10.0.0.2"))
        .med(7)
        .addCommunity(C1)
        .addExtendedCommunity(1)
        .addLargeCommunity(L1);
  }

  static Stream<Arguments> cases() {
    return Stream.of(
        Arguments.of(new Action.SetLocalPref(200), before().localPref(200)),
        Arguments.of(new Action.SetMed(9), before().med(9)),
        Arguments.of(new Action.RemoveMed(), before().noMed()),
        Arguments.of(new Action.SetOrigin(2), before().origin(2)),
        Arguments.of(new Action.SetNextHop(HOP), before().nextHop(HOP)),
        Arguments.of(new Action.AddCommunity(C2), before().communities(C1, C2)),
        Arguments.of(new Action.RemoveCommunity(C1), before().communities()),
        Arguments.of(new Action.AddExtCommunity(2), before().extendedCommunities(1, 2)),
        Arguments.of(new Action.RemoveExtCommunity(1), before().extendedCommunities()),
        Arguments.of(new Action.AddLargeCommunity(L2), before().largeCommunities(List.of(L1, L2))),
        Arguments.of(new Action.RemoveLargeCommunity(L1), before().largeCommunities(List.of())),
        Arguments.of(
            new Action.Prepend(List.of(65010L, 65011L)),
            before().asPath(AsPath.of(65010, 65011, 65001))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anActionChangesOneThing(Action action, AttributeSetBuilder expected) {
    assertThat(Action.applyAll(List.of(action), before().build())).isEqualTo(expected.build());
  }

  @Test
  void actionsAreDoneInOrder() {
    List<Action> actions =
        List.of(
            new Action.Prepend(List.of(65010L)),
            new Action.Prepend(List.of(65011L)),
            new Action.SetMed(1),
            new Action.SetMed(2));

    AttributeSet after = Action.applyAll(actions, before().build());

    assertThat(after).isEqualTo(before().asPath(AsPath.of(65011, 65010, 65001)).med(2).build());
  }

  @Test
  void whatChangesNothingGivesTheSameObject() {
    AttributeSet attributes = before().build();

    assertThat(Action.applyAll(List.of(), attributes)).isSameAs(attributes);
    assertThat(
            Action.applyAll(
                List.of(new Action.SetMed(7), new Action.RemoveCommunity(C2)), attributes))
        .isSameAs(attributes);
  }

  @Test
  void whatCannotBeIsNamed() {
    assertThatThrownBy(() -> new Action.SetLocalPref(-1))
        .hasMessage("LOCAL_PREF is 0 to 4294967295, got -1");
    assertThatThrownBy(() -> new Action.SetMed(1L << 32))
        .hasMessage("MED is 0 to 4294967295, got 4294967296");
    assertThatThrownBy(() -> new Action.SetOrigin(3)).hasMessage("ORIGIN is 0, 1 or 2, got 3");
    assertThatThrownBy(() -> new Action.SetNextHop(IpAddress.ANY_V6))
        .hasMessage("a next hop is one router's address, got ::");
    assertThatThrownBy(() -> new Action.SetNextHop(IpAddress.parse("fe80::1")))
        .hasMessage(
            "a link-local next hop says nothing off its link; allowed: a global one, got fe80::1");
    assertThatThrownBy(() -> new Action.Prepend(List.of()))
        .hasMessage("1 to 64 AS numbers can be prepended, got 0");
    assertThatThrownBy(() -> new Action.Prepend(Collections.nCopies(65, 65001L)))
        .hasMessage("1 to 64 AS numbers can be prepended, got 65");
    assertThatThrownBy(() -> new Action.Prepend(List.of(0L)))
        .hasMessage("an AS number is 1 to 4294967295, got 0");
  }
}
