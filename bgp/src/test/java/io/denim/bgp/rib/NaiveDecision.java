package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** The decision process as RFC 4271 tells it: from step to step fewer paths are left. */
final class NaiveDecision {
  private NaiveDecision() {}

  /** A path that takes part. */
  record Candidate(SourceInfo from, int pathId, AttributeSet set, int age) {
    private long identifier() {
      return Integer.toUnsignedLong(set.hasOriginatorId() ? set.originatorId() : from.identifier());
    }
  }

  /** All by which packets may go at once. */
  static List<Candidate> equal(List<Candidate> all, NextHops nextHops) {
    List<Candidate> left = least(all, path -> path.from().isLocal() ? 0 : 1);
    left = least(left, path -> metric(path, nextHops) == NextHops.UNREACHABLE ? 1 : 0);
    left = least(left, path -> path.set().hasCommunity(Community.LLGR_STALE) ? 1 : 0);
    left = least(left, path -> -path.set().localPref());
    left = least(left, path -> path.set().asPath().length());
    left = least(left, path -> path.set().origin());
    List<Candidate> compared = left;
    left =
        compared.stream()
            .filter(path -> compared.stream().noneMatch(other -> hasLowerMed(other, path)))
            .toList();
    left = least(left, path -> path.from().isExternal() ? 0 : 1);
    return least(left, path -> metric(path, nextHops));
  }

  private static boolean hasLowerMed(Candidate one, Candidate other) {
    return one.set().asPath().firstAs() == other.set().asPath().firstAs()
        && one.set().med() < other.set().med();
  }

  private static long metric(Candidate path, NextHops nextHops) {
    return nextHops.metric(path.set().nextHop());
  }

  /** The one that is passed on. */
  static Optional<Candidate> best(List<Candidate> all, NextHops nextHops) {
    List<Candidate> left = equal(all, nextHops);
    left = least(left, path -> path.from().isExternal() ? path.age() : 0);
    left = least(left, Candidate::identifier);
    left = least(left, path -> path.set().clusterCount());
    Optional<Candidate> nearest =
        left.stream().min((a, b) -> a.from().at().compareTo(b.from().at()));
    left =
        left.stream()
            .filter(path -> path.from().at().equals(nearest.orElseThrow().from().at()))
            .toList();
    return least(left, Candidate::pathId).stream().findFirst();
  }

  private static List<Candidate> least(List<Candidate> all, ToLongFunction<Candidate> value) {
    long least = all.stream().mapToLong(value).min().orElse(0);
    return all.stream().filter(path -> value.applyAsLong(path) == least).toList();
  }
}
