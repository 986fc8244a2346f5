package io.denim.bgp.rib;

import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Result;
import io.denim.bgp.policy.Subject;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import io.denim.net.Family;
import java.util.Optional;

/**
 * What becomes of a peer's paths on their way in: those that loop are left out (RFC 4271 9.1.2, RFC
 * 4456 8), and those that leak (RFC 9234); the policy changes or refuses the others, and those of a
 * session that is to end become the last choice (RFC 8326). Left out is not an error: the path is
 * kept as it came, and takes no part.
 */
final class Import {
  private final ImportRules rules;
  private final AttributeTable attributes;
  private final SourceInfo from;
  private final boolean acceptsAll;
  private final LongIntMap found = new LongIntMap();

  Import(ImportRules rules, SourceInfo from, AttributeTable attributes) {
    this.rules = rules;
    acceptsAll = rules.policy().equals(Policy.ACCEPT_ALL);
    this.from = from;
    this.attributes = attributes;
  }

  ImportRules rules() {
    return rules;
  }

  /**
   * The number of the attributes after import; {@link PathTable#NONE} when the path is left out.
   */
  int of(int raw, Family family, long high, long low, int length) {
    return let(passed(raw), family, high, low, length);
  }

  /** What is the same for all prefixes, for {@link #let}. */
  int passed(int raw) {
    int passed = found.get(raw);
    if (passed == LongIntMap.ABSENT) {
      passed = first(raw);
      found.put(raw, passed);
    }
    return passed;
  }

  /**
   * The rest of {@link #of}, which depends on the prefix.
   *
   * @param passed what {@link #passed} gave
   */
  int let(int passed, Family family, long high, long low, int length) {
    return passed == PathTable.NONE || acceptsAll
        ? passed
        : byPolicy(passed, family, high, low, length);
  }

  private int byPolicy(int passed, Family family, long high, long low, int length) {
    return rules.policy().apply(subject(attributes.get(passed), family, high, low, length))
            instanceof Result.Accepted accepted
        ? attributes.intern(lastChoice(accepted.attributes()))
        : PathTable.NONE;
  }

  /**
   * What {@link #passed} is of a set that is new; if the policy accepts all, nothing is done after
   * it.
   */
  private int first(int raw) {
    AttributeSet set = attributes.get(raw);
    if (goesInACircle(set) || OnlyToCustomer.leak(rules.role(), from, set).isPresent()) {
      return PathTable.NONE;
    }
    AttributeSet marked = OnlyToCustomer.coming(rules.role(), from, set);
    return attributes.intern(acceptsAll ? lastChoice(marked) : marked);
  }

  /**
   * RFC 8326 4: LOCAL_PREF is 0 for what an external peer is about to take back, unless the policy
   * has removed the community, and for all of a peer whose session this side is about to end.
   */
  private AttributeSet lastChoice(AttributeSet set) {
    if (rules.draining()) {
      return set.toBuilder().addCommunity(Community.GRACEFUL_SHUTDOWN).localPref(0).build();
    }
    return from.isExternal() && set.hasCommunity(Community.GRACEFUL_SHUTDOWN)
        ? set.toBuilder().localPref(0).build()
        : set;
  }

  private Subject subject(AttributeSet set, Family family, long high, long low, int length) {
    return new Subject(family, high, low, length, set, from.kind(), from.name(), "");
  }

  /** Why a path is left out, or which rule let it in. */
  String explain(int raw, Family family, long high, long low, int length) {
    AttributeSet set = attributes.get(raw);
    if (goesInACircle(set)) {
      return circle(set);
    }
    Optional<String> leak = OnlyToCustomer.leak(rules.role(), from, set);
    if (leak.isPresent()) {
      return "left out: " + leak.get();
    }
    AttributeSet marked = OnlyToCustomer.coming(rules.role(), from, set);
    Result result = rules.policy().apply(subject(marked, family, high, low, length));
    return (result.isAccepted() ? "accepted" : "rejected")
        + " by the import policy \""
        + rules.policy().name()
        + "\", rule \""
        + result.rule()
        + "\"";
  }

  private String circle(AttributeSet set) {
    if (set.asPath().count(rules.localAs()) > rules.allowOwnAs()) {
      return "left out: its AS path has this speaker's AS " + rules.localAs();
    }
    return from.isExternal()
        ? "left out: its AS path does not begin with the peer's AS " + from.as()
        : "left out: it has been reflected by this speaker or its cluster before";
  }

  private boolean goesInACircle(AttributeSet set) {
    if (set.asPath().count(rules.localAs()) > rules.allowOwnAs()) {
      return true;
    }
    if (from.isExternal()) {
      return rules.enforceFirstAs() && set.asPath().firstAs() != from.as();
    }
    return (set.hasOriginatorId() && set.originatorId() == rules.identifier())
        || rules.clusters().stream().anyMatch(set::hasCluster);
  }

  /** Forgets what was found, since numbers of sets mean others now. */
  void forget() {
    found.clear();
  }
}
