package io.denim.bgp.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A filter: rules in order, the first that decides counts.
 *
 * @param name what it is called in the file, or by what made it
 * @param rules the rules, each of its own name
 * @param otherwise what becomes of a route that no rule decides: accepted (with the changes so far)
 *     or rejected
 */
public record Policy(String name, List<Rule> rules, Verdict otherwise) {
  /** What a {@link Result} names when no rule decided. */
  public static final String OTHERWISE = "otherwise";

  /** Lets everything through as it is. */
  public static final Policy ACCEPT_ALL = new Policy("accept", List.of(), Verdict.ACCEPT);

  /** Lets nothing through. */
  public static final Policy REJECT_ALL = new Policy("reject", List.of(), Verdict.REJECT);

  /** Checks that it decides, and that names of rules are clear. */
  public Policy {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a policy's name is not empty");
    }
    rules = List.copyOf(rules);
    if (otherwise == Verdict.CONTINUE) {
      throw new IllegalArgumentException(
          "policy " + name + " ends with a decision: ACCEPT or REJECT, not CONTINUE");
    }
    Set<String> names = new HashSet<>();
    for (Rule rule : rules) {
      if (!names.add(rule.name())) {
        throw new IllegalArgumentException(
            "policy " + name + " has two rules named " + rule.name());
      }
    }
  }

  /**
   * Applies the rules. Allocates the result, and new attributes where an action changes some; no
   * more.
   */
  public Result apply(Subject route) {
    Subject now = route;
    for (Rule rule : rules) {
      if (rule.holds(now)) {
        switch (rule.verdict()) {
          case REJECT -> {
            return new Result.Rejected(rule.name());
          }
          case ACCEPT -> {
            return new Result.Accepted(
                Action.applyAll(rule.actions(), now.attributes()), rule.name());
          }
          case CONTINUE -> now = now.with(Action.applyAll(rule.actions(), now.attributes()));
        }
      }
    }
    return otherwise == Verdict.ACCEPT
        ? new Result.Accepted(now.attributes(), OTHERWISE)
        : new Result.Rejected(OTHERWISE);
  }
}
