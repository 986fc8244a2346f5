package io.denim.bgp.policy;

import java.util.List;

/**
 * One line of a policy.
 *
 * @param name what it is called when somebody asks why
 * @param conditions what must hold, all of it; none for every route
 * @param actions what changes in the route, in order
 * @param verdict what becomes of the route after that
 */
public record Rule(String name, List<Condition> conditions, List<Action> actions, Verdict verdict) {
  /** Checks that a rule that rejects changes nothing. */
  public Rule {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a rule's name is not empty");
    }
    conditions = List.copyOf(conditions);
    actions = List.copyOf(actions);
    if (verdict == Verdict.REJECT && !actions.isEmpty()) {
      throw new IllegalArgumentException(
          "rule " + name + " rejects, so that its actions change nothing; leave them out");
    }
  }

  /** A rule that accepts what meets the conditions. */
  public static Rule accept(String name, Condition... conditions) {
    return new Rule(name, List.of(conditions), List.of(), Verdict.ACCEPT);
  }

  /** A rule that rejects what meets the conditions. */
  public static Rule reject(String name, Condition... conditions) {
    return new Rule(name, List.of(conditions), List.of(), Verdict.REJECT);
  }

  /** Whether a route meets all conditions. */
  boolean holds(Subject route) {
    for (Condition condition : conditions) {
      if (!condition.holds(route)) {
        return false;
      }
    }
    return true;
  }
}
