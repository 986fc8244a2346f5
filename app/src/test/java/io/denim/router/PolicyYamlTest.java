package io.denim.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.policy.Action;
import io.denim.bgp.policy.Condition;
import io.denim.bgp.policy.Glob;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.PrefixMatch;
import io.denim.bgp.policy.PrefixSet;
import io.denim.bgp.policy.Rule;
import io.denim.bgp.policy.Source;
import io.denim.bgp.policy.Verdict;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyYamlTest {
  private static final int C1 = Community.parse("64512:1");
  private static final LargeCommunity L1 = LargeCommunity.parse("64512:1:1");
  private static final long RT = 0x0002_fc00_0000_0064L;

  private static RouterConfig parse(String yaml) {
    return RouterYaml.parse("router.yaml", "as: 64512\nrouter-id: 10.0.0.1\n" + yaml);
  }

  /** The policy p of some rules, by way of a peer that uses it. */
  private static Policy policy(String rules) {
    return parse("policies:\n  p:\n" + rules + "peers: [{address: 10.0.0.2, as: 1, import: p}]\n")
        .speaker()
        .peers()
        .getFirst()
        .importPolicy();
  }

  private static List<Condition> conditions(String yaml) {
    return policy("    - {if: {" + yaml + "}, verdict: accept}\n").rules().getFirst().conditions();
  }

  private static List<Action> actions(String yaml) {
    return policy("    - {then: {" + yaml + "}, verdict: accept}\n").rules().getFirst().actions();
  }

  @Test
  void aPolicyIsItsRulesAndRejectsTheRest() {
    Policy policy =
        policy(
            """
                - if: {prefix: [10.0.0.0/8 ge 24 le 28], community: [64512:1]}
                  unless: {source: local, family: ipv6}
                  then: {local-pref: 200}
                  verdict: accept
                - {name: the-rest, verdict: reject}
            """);

    assertThat(policy)
        .isEqualTo(
            new Policy(
                "p",
                List.of(
                    new Rule(
                        "rule-1",
                        List.of(
                            new Condition.PrefixIn(
                                PrefixSet.of(PrefixMatch.parse("10.0.0.0/8 ge 24 le 28"))),
                            new Condition.HasCommunity(List.of(C1)),
                            new Condition.Not(new Condition.FromSource(Source.LOCAL)),
                            new Condition.Not(new Condition.FamilyIs(Family.IPV6))),
                        List.of(new Action.SetLocalPref(200)),
                        Verdict.ACCEPT),
                    Rule.reject("the-rest")),
                Verdict.REJECT));
  }

  @Test
  void everyConditionIsRead() {
    assertThat(conditions("community: [64512:1, no-export]"))
        .containsExactly(new Condition.HasCommunity(List.of(C1, Community.NO_EXPORT)));
    assertThat(conditions("large-community: 64512:1:1"))
        .containsExactly(new Condition.HasLargeCommunity(List.of(L1)));
    assertThat(conditions("ext-community: [rt:64512:100]"))
        .containsExactly(new Condition.HasExtCommunity(List.of(RT)));
    assertThat(conditions("as-path-starts-with: [65001, 65002]"))
        .containsExactly(new Condition.AsPathStartsWith(List.of(65001L, 65002L)));
    assertThat(conditions("as-path-contains: 65001"))
        .containsExactly(new Condition.AsPathContains(List.of(65001L)));
    assertThat(conditions("as-path-length: 0")).containsExactly(Condition.AsPathLength.EMPTY);
    assertThat(conditions("as-path-length: {min: 2, max: 3}"))
        .containsExactly(new Condition.AsPathLength(2, 3));
    assertThat(conditions("as-path-length: {min: 2}"))
        .containsExactly(new Condition.AsPathLength(2, Integer.MAX_VALUE));
    assertThat(conditions("originated-by: [65001]"))
        .containsExactly(new Condition.OriginatedBy(List.of(65001L)));
    assertThat(conditions("local-pref: 100")).containsExactly(new Condition.LocalPrefIs(100));
    assertThat(conditions("med: 4294967295")).containsExactly(new Condition.MedIs(4294967295L));
    assertThat(conditions("source: external"))
        .containsExactly(new Condition.FromSource(Source.EXTERNAL));
    assertThat(conditions("peer: tor-*"))
        .containsExactly(new Condition.FromPeer(new Glob("tor-*")));
    assertThat(conditions("kind: static"))
        .containsExactly(new Condition.KindIs(new Glob("static")));
    assertThat(conditions("next-hop: [10.0.0.0/8, fd00::/8]"))
        .containsExactly(
            new Condition.NextHopIn(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/8"))));
    assertThat(conditions("family: ipv6")).containsExactly(new Condition.FamilyIs(Family.IPV6));
  }

  @Test
  void everyActionIsRead() {
    assertThat(
            actions(
                "prepend: [65001, 65002], add-ext-community: rt:64512:100, add-large-community:"
                    + " 64512:1:1, add-community: [64512:1, no-export], remove-ext-community:"
                    + " 0x0002fc0000000064, remove-large-community: [64512:1:1], remove-community:"
                    + " 64512:1, next-hop: 10.0.0.9, origin: egp, med: 7, local-pref: 200"))
        .containsExactly(
            new Action.SetLocalPref(200),
            new Action.SetMed(7),
            new Action.SetOrigin(1),
            new Action.SetNextHop(IpAddress.parse("10.0.0.9")),
            new Action.RemoveCommunity(C1),
            new Action.RemoveLargeCommunity(L1),
            new Action.RemoveExtCommunity(RT),
            new Action.AddCommunity(C1),
            new Action.AddCommunity(Community.NO_EXPORT),
            new Action.AddLargeCommunity(L1),
            new Action.AddExtCommunity(RT),
            new Action.Prepend(List.of(65001L, 65002L)));
    assertThat(actions("med: none")).containsExactly(new Action.RemoveMed());
  }

  @ParameterizedTest
  @CsvSource({
    "rt:64512:100, 0002fc0000000064",
    "soo:64512:4294967295, 0003fc00ffffffff",
    "rt:4200000000:7, 0202fa56ea000007",
    "soo:10.0.0.1:65535, 01030a000001ffff",
    "0xFFff000000000001, ffff000000000001"
  })
  void anExtendedCommunityIsItsEightOctets(String text, String octets) {
    assertThat(CommunityText.parseExtended(text)).isEqualTo(Long.parseUnsignedLong(octets, 16));
  }

  @ParameterizedTest
  @CsvSource({
    "rt:1",
    "rt:4200000000:65536",
    "rt:10.0.0.1:65536",
    "rt:300.0.0.1:1",
    "xx:1:1",
    "0x12",
    "rt:4294967296:1"
  })
  void whatIsNoExtendedCommunityIsRefused(String text) {
    assertThatThrownBy(() -> CommunityText.parseExtended(text))
        .hasMessage(
            "\""
                + text
                + "\" is no extended community; allowed: such as rt:64512:100,"
                + " soo:4200000000:1, rt:10.0.0.1:7 or 0x0002fc0000000064");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {}                                   | : has no verdict; allowed: accept, reject or continue
          {verdict: acept}                     | .verdict: "acept" is not known; did you mean accept?; allowed: accept, reject or continue
          {verdict: reject, then: {med: 1}}    | : rule rule-1 rejects, so that its actions change nothing; leave them out
          {verdict: accept, unles: {}}         | .unles: is no key; did you mean unless?; allowed: name, if, unless, then, verdict
          {verdict: accept, if: [med]}         | .if: a list does not fit; allowed: a mapping of keys to values
          {verdict: accept, if: {prefx: a}}    | .if.prefx: is no key; did you mean prefix?; allowed: prefix, community, large-community, ext-community, as-path-starts-with, as-path-contains, as-path-length, originated-by, local-pref, med, source, peer, kind, next-hop, family
          {verdict: accept, if: {prefix: []}}  | .if.prefix: the list is empty; allowed: such as 10.0.0.0/8 (exactly), 10.0.0.0/8 ge 24, 10.0.0.0/8 le 24 or 10.0.0.0/8 ge 16 le 24
          {verdict: accept, if: {prefix: [a]}} | .if.prefix[0]: "a" is not a CIDR; allowed: such as 10.244.0.0/16 or fd00:10::/48
          {verdict: accept, if: {prefix: 10.0.0.0/8 ge 33}} | .if.prefix: the lengths inside 10.0.0.0/8 are 8 to 32 in ascending order, got 33 to 32
          {verdict: accept, if: {as-path-contains: [0]}} | .if.as-path-contains[0]: 0 is out of range; allowed: 1 to 4294967295
          {verdict: accept, if: {as-path-length: {min: 3, max: 2}}} | .if.as-path-length: the lengths of an AS path are 0 or more in ascending order, got 3 to 2
          {verdict: accept, if: {peer: ""}}    | .if.peer: a pattern of names is not empty
          {verdict: accept, unless: {source: outside}} | .unless.source: "outside" is not known; allowed: local, internal or external
          {verdict: accept, then: {local-pref: x}} | .then.local-pref: "x" does not fit; allowed: a whole number of 0 to 4294967295
          {verdict: accept, then: {med: nil}}  | .then.med: "nil" does not fit; allowed: a whole number of 0 to 4294967295
          {verdict: accept, then: {med: [1]}}  | .then.med: a list does not fit; allowed: a number or none
          {verdict: accept, then: {next-hop: 0.0.0.0}} | .then.next-hop: a next hop is one router's address, got 0.0.0.0
          {verdict: accept, then: {add-comunity: 1:1}} | .then.add-comunity: is no key; did you mean add-community?; allowed: local-pref, med, origin, next-hop, remove-community, remove-large-community, remove-ext-community, add-community, add-large-community, add-ext-community, prepend
          """)
  void anErrorOfARuleNamesLineFieldValueAndWhatIsAllowed(String rule, String error) {
    assertThatThrownBy(() -> parse("policies:\n  p:\n    - " + rule))
        .isInstanceOf(RouterConfigException.class)
        .hasMessage("router.yaml: line 5: policies.p[0]" + error);
  }

  @Test
  void aPolicyThatIsUnclearIsRefusedOnceAlthoughItIsUsed() {
    assertThatThrownBy(() ->
            parse(
                """
                policies:
                  p: accept
                  accept: []
                  twice: [{name: a, verdict: accept}, {name: a, verdict: reject}]
                peers:
                  - {address: 10.0.0.2, as: 1, import: p, export: twice}
                """))
        .hasMessage(
            """
            router.yaml: 3 problems
              line 4: policies.p: "accept" does not fit; allowed: a list of rules
              line 5: policies.accept: there is a policy accept without being written; allowed: another name
              line 6: policies.twice: policy twice has two rules named a\
            """);
  }

  @Test
  void aListIsUsedAgainByAnAlias() {
    Policy policy =
        policy(
            """
                - {if: {prefix: &mine [10.0.0.0/8]}, verdict: accept}
                - {if: {prefix: *mine, med: 1}, verdict: reject}
            """);

    assertThat(policy.rules().get(1).conditions().getFirst())
        .isEqualTo(policy.rules().getFirst().conditions().getFirst());
  }
}
