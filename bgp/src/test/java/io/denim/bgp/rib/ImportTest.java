package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Role;
import io.denim.bgp.policy.Action;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Rule;
import io.denim.bgp.policy.Source;
import io.denim.bgp.policy.Verdict;
import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a path on its way in, beyond loops: RFC 8326, RFC 9234. */
class ImportTest {
  private static final IpAddress CAME = IpAddress.parse("192.0.2.1");

  private final AttributeTable attributes = new AttributeTable(1);

  private static SourceInfo from(Source kind) {
    long as = kind == Source.EXTERNAL ? 65001 : 64512;
    return new SourceInfo(1, "p", kind, 5, CAME, as, false);
  }

  private static AttributeSetBuilder set() {
    return AttributeSet.builder().nextHop(CAME).asPath(AsPath.of(65001));
  }

  private static ImportRules rules(Policy policy, boolean draining) {
    return new ImportRules(policy, 64512, 0, true, 9, Set.of(9), Optional.empty(), draining);
  }

  private Optional<AttributeSet> imported(
      ImportRules rules, SourceInfo from, AttributeSetBuilder set) {
    int raw = attributes.intern(set.build());
    int let = new Import(rules, from, attributes).of(raw, Family.IPV4, 0, 0, 0);
    return let == PathTable.NONE ? Optional.empty() : Optional.of(attributes.get(let));
  }

  private static Policy policy(Action action) {
    return new Policy(
        "p", List.of(new Rule("r", List.of(), List.of(action), Verdict.ACCEPT)), Verdict.ACCEPT);
  }

  @Test
  void whatAnExternalPeerIsAboutToTakeBackIsTheLastChoiceWhateverThePolicyPrefers() {
    AttributeSetBuilder set = set().addCommunity(Community.GRACEFUL_SHUTDOWN);
    SourceInfo external = from(Source.EXTERNAL);

    assertThat(imported(rules(Policy.ACCEPT_ALL, false), external, set))
        .contains(set.localPref(0).build());
    assertThat(
            imported(
                rules(policy(new Action.SetLocalPref(300)), false), external, set.noLocalPref()))
        .contains(set.localPref(0).build());
  }

  @Test
  void aPolicyThatRemovesTheCommunityOfGracefulShutdownKeepsThePreference() {
    Policy policy = policy(new Action.RemoveCommunity(Community.GRACEFUL_SHUTDOWN));

    assertThat(
            imported(
                rules(policy, false),
                from(Source.EXTERNAL),
                set().localPref(200).addCommunity(Community.GRACEFUL_SHUTDOWN)))
        .contains(set().localPref(200).build());
  }

  private static ImportRules as(Role ours, Policy policy) {
    return new ImportRules(policy, 64512, 0, true, 9, Set.of(9), Optional.of(ours), false);
  }

  @ParameterizedTest
  @CsvSource({
    "PROVIDER, 0, 0",
    "RS, 0, 0",
    "PEER, 0, 65001",
    "PEER, 65001, 65001",
    "CUSTOMER, 0, 65001",
    "CUSTOMER, 65010, 65010",
    "RS_CLIENT, 0, 65001",
    "RS_CLIENT, 65010, 65010"
  })
  void whatDoesNotComeFromACustomerIsMarked(Role ours, long otc, long marked) {
    Policy policy = policy(new Action.SetMed(3));

    assertThat(
            imported(as(ours, Policy.ACCEPT_ALL), from(Source.EXTERNAL), set().otc(otc))
                .orElseThrow()
                .otc())
        .isEqualTo(marked);
    assertThat(imported(as(ours, policy), from(Source.EXTERNAL), set().otc(otc)))
        .contains(set().otc(marked).med(3).build());
  }

  @ParameterizedTest
  @CsvSource({
    "PROVIDER, a customer",
    "RS, a client of this route server",
    "PEER, a peer of AS 65001"
  })
  void whatLeaksIsLeftOutAndSaysSo(Role ours, String theirs) {
    AttributeSet set = set().otc(65010).build();
    Import in = new Import(as(ours, Policy.ACCEPT_ALL), from(Source.EXTERNAL), attributes);
    int raw = attributes.intern(set);

    assertThat(in.of(raw, Family.IPV4, 0, 0, 0)).isEqualTo(PathTable.NONE);
    assertThat(in.explain(raw, Family.IPV4, 0, 0, 0))
        .isEqualTo(
            "left out: it leaks: it has ONLY_TO_CUSTOMER of AS 65010, and comes from "
                + theirs
                + " (RFC 9234 5)");
  }

  @Test
  void anInternalPeerHasSetThePreferenceItself() {
    AttributeSetBuilder set = set().localPref(200).addCommunity(Community.GRACEFUL_SHUTDOWN);

    assertThat(imported(rules(Policy.ACCEPT_ALL, false), from(Source.INTERNAL), set))
        .contains(set.build());
  }

  @ParameterizedTest
  @EnumSource(
      value = Source.class,
      names = {"INTERNAL", "EXTERNAL"})
  void allOfAPeerWhoseSessionIsToEndIsTheLastChoice(Source kind) {
    AttributeSetBuilder set = set().localPref(200);
    AttributeSet last = set().localPref(0).addCommunity(Community.GRACEFUL_SHUTDOWN).build();

    assertThat(imported(rules(Policy.ACCEPT_ALL, true), from(kind), set)).contains(last);
    assertThat(imported(rules(policy(new Action.SetLocalPref(300)), true), from(kind), set))
        .contains(last);
  }
}
