package io.denim.bgp.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import io.denim.net.Cidr;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private static final AttributeSet PLAIN = AttributeSet.builder().build();
  private static final Condition IN_TEN =
      new Condition.PrefixIn(PrefixSet.of(PrefixMatch.parse("10.0.0.0/8 le 32")));
  private static final int MARK = Community.parse("64512:1");

  private static Subject route(String prefix) {
    return Subject.learned(Cidr.parse(prefix), PLAIN, Source.EXTERNAL, "tor-1");
  }

  @Test
  void theFirstRuleThatDecidesCounts() {
    Policy policy =
        new Policy("p", List.of(Rule.reject("ten", IN_TEN), Rule.accept("rest")), Verdict.REJECT);

    assertThat(policy.apply(route("10.1.0.0/16"))).isEqualTo(new Result.Rejected("ten"));
    assertThat(policy.apply(route("11.0.0.0/8"))).isEqualTo(new Result.Accepted(PLAIN, "rest"));
  }

  @Test
  void allConditionsOfARuleMustHold() {
    Condition internal = new Condition.FromSource(Source.INTERNAL);
    Policy policy = new Policy("p", List.of(Rule.reject("both", IN_TEN, internal)), Verdict.ACCEPT);

    assertThat(policy.apply(route("10.1.0.0/16")))
        .isEqualTo(new Result.Accepted(PLAIN, Policy.OTHERWISE));
  }

  @Test
  void theRulesBelowSeeWhatARuleThatGoesOnChanged() {
    Rule mark =
        new Rule("mark", List.of(IN_TEN), List.of(new Action.AddCommunity(MARK)), Verdict.CONTINUE);
    Rule prefer =
        new Rule(
            "prefer",
            List.of(new Condition.HasCommunity(List.of(MARK))),
            List.of(new Action.SetLocalPref(200)),
            Verdict.ACCEPT);
    Policy policy = new Policy("p", List.of(mark, prefer), Verdict.REJECT);

    assertThat(policy.apply(route("10.1.0.0/16")))
        .isEqualTo(
            new Result.Accepted(
                AttributeSet.builder().addCommunity(MARK).localPref(200).build(), "prefer"));
    assertThat(policy.apply(route("11.0.0.0/8"))).isEqualTo(new Result.Rejected(Policy.OTHERWISE));
  }

  @Test
  void changesSoFarGoOnWhenNoRuleDecides() {
    Rule mark =
        new Rule("mark", List.of(), List.of(new Action.AddCommunity(MARK)), Verdict.CONTINUE);

    Result result = new Policy("p", List.of(mark), Verdict.ACCEPT).apply(route("10.0.0.0/8"));

    assertThat(result)
        .isEqualTo(
            new Result.Accepted(
                AttributeSet.builder().addCommunity(MARK).build(), Policy.OTHERWISE));
  }

  @Test
  void anUnchangedRouteKeepsItsAttributesObject() {
    Result result = Policy.ACCEPT_ALL.apply(route("10.0.0.0/8"));

    assertThat(result)
        .isInstanceOfSatisfying(
            Result.Accepted.class, accepted -> assertThat(accepted.attributes()).isSameAs(PLAIN));
    assertThat(Policy.REJECT_ALL.apply(route("10.0.0.0/8")).isAccepted()).isFalse();
  }

  @Test
  void policiesOfEqualContentAreEqual() {
    List<Rule> rules = List.of(Rule.reject("ten", IN_TEN));
    Condition sameMatches =
        new Condition.PrefixIn(PrefixSet.of(PrefixMatch.within(Cidr.parse("10.0.0.0/8"))));
    List<Rule> same = List.of(Rule.reject("ten", sameMatches));

    assertThat(new Policy("p", rules, Verdict.ACCEPT))
        .isEqualTo(new Policy("p", same, Verdict.ACCEPT))
        .hasSameHashCodeAs(new Policy("p", same, Verdict.ACCEPT))
        .isNotEqualTo(new Policy("p", same, Verdict.REJECT));
  }

  @Test
  void aPolicyThatIsUnclearIsRefused() {
    Rule rule = Rule.accept("a");

    assertThatThrownBy(() -> new Policy("p", List.of(rule, rule), Verdict.ACCEPT))
        .hasMessage("policy p has two rules named a");
    assertThatThrownBy(() -> new Policy("p", List.of(), Verdict.CONTINUE))
        .hasMessage("policy p ends with a decision: ACCEPT or REJECT, not CONTINUE");
    assertThatThrownBy(() -> new Policy(" ", List.of(), Verdict.ACCEPT))
        .hasMessage("a policy's name is not empty");
    assertThatThrownBy(() -> Rule.accept(" ")).hasMessage("a rule's name is not empty");
    assertThatThrownBy(
            () -> new Rule("r", List.of(), List.of(new Action.RemoveMed()), Verdict.REJECT))
        .hasMessage("rule r rejects, so that its actions change nothing; leave them out");
  }
}
