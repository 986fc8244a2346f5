package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The decision process: RFC 4271 9.1.2.2 with RFC 4456 9, RFC 9494 4.3 and RFC 5004. MED is
 * compared among the paths of one neighbouring AS first (which is called deterministic), so that
 * the result does not depend on the order in which paths came.
 */
final class Decision {
  /** Which comparison decided, in the order in which they are made. */
  enum Step {
    ONLY(0, "the only path"),
    LOCAL(1, "originated here"),
    REACHABLE(2, "a next hop that can be reached"),
    NOT_STALE(3, "not stale for long (LLGR)"),
    LOCAL_PREFERENCE(4, "higher LOCAL_PREF"),
    PATH_LENGTH(5, "shorter AS path"),
    ORIGIN(6, "lower origin"),
    MED(7, "lower MED"),
    EXTERNAL(8, "external over internal"),
    METRIC(9, "nearer next hop"),
    AGE(10, "older"),
    IDENTIFIER(11, "lower originator or identifier"),
    CLUSTERS(12, "shorter cluster list"),
    ADDRESS(13, "lower peer address"),
    PATH_IDENTIFIER(14, "lower path identifier");

    private static final List<Step> ALL = List.of(values());

    private final int rank;
    private final String words;

    Step(int rank, String words) {
      this.rank = rank;
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  private final PathTable paths;
  private final Sources sources;
  private final AttributeTable attributes;
  private final NextHops nextHops;
  private long[] groupAs = new long[8];
  private int[] groupBest = new int[8];

  Decision(PathTable paths, Sources sources, AttributeTable attributes, NextHops nextHops) {
    this.paths = paths;
    this.sources = sources;
    this.attributes = attributes;
    this.nextHops = nextHops;
  }

  /** The best path of a list; {@link PathTable#NONE} when none may be used. */
  int best(int head) {
    boolean none = head == PathTable.NONE;
    return none || isGoodAlone(head) ? head : among(head);
  }

  private boolean isGoodAlone(int path) {
    return paths.next(path) == PathTable.NONE && paths.attributes(path) != PathTable.NONE;
  }

  private int among(int head) {
    int groups = groupByAs(head);
    int best = groups == 0 ? PathTable.NONE : groupBest[0];
    for (int group = 1; group < groups; group++) {
      if (compare(groupBest[group], best, false) < 0) {
        best = groupBest[group];
      }
    }
    return best;
  }

  /** Finds the best path of each neighbouring AS; how many there are. */
  private int groupByAs(int head) {
    int groups = 0;
    for (int path = head; path != PathTable.NONE; path = paths.next(path)) {
      if (paths.attributes(path) == PathTable.NONE) {
        continue;
      }
      long as = as(path);
      int group = group(as, groups);
      if (group == groups) {
        if (groups == groupAs.length) {
          groupAs = Arrays.copyOf(groupAs, 2 * groups);
          groupBest = Arrays.copyOf(groupBest, 2 * groups);
        }
        groupAs[groups] = as;
        groupBest[groups++] = path;
      } else if (compare(path, groupBest[group], true) < 0) {
        groupBest[group] = path;
      }
    }
    return groups;
  }

  private int group(long as, int groups) {
    int group = 0;
    while (group < groups && groupAs[group] != as) {
      group++;
    }
    return group;
  }

  /**
   * Visits the best path and all that are as good: nothing but the ways to tell equals apart (RFC
   * 4271 9.1.2.2 f and g) puts it before them, so that packets may go by all of them at once.
   */
  void equal(int head, int best, IntConsumer visitor) {
    int groups = groupByAs(head);
    for (int path = head; path != PathTable.NONE; path = paths.next(path)) {
      if (paths.attributes(path) != PathTable.NONE
          && isEqual(path, groupBest[group(as(path), groups)], true)
          && isEqual(path, best, false)) {
        visitor.accept(path);
      }
    }
  }

  private boolean isEqual(int one, int other, boolean withMed) {
    return one == other || Math.abs(compare(one, other, withMed)) > Step.METRIC.rank;
  }

  /** The step that puts the first path before the second one. */
  Step decided(int better, int worse) {
    boolean sameAs = as(better) == as(worse);
    return Step.ALL.get(Math.abs(compare(better, worse, sameAs)));
  }

  /** Whether the first is better, as far as two can be compared alone. */
  boolean isBetter(int one, int other) {
    return compare(one, other, as(one) == as(other)) < 0;
  }

  private long as(int path) {
    return attributes.get(paths.attributes(path)).asPath().firstAs();
  }

  /** Negative when the first is better; the number is the step that decided. */
  private int compare(int one, int other, boolean withMed) {
    SourceInfo from = sources.info(paths.source(one));
    SourceInfo otherFrom = sources.info(paths.source(other));
    AttributeSet a = attributes.get(paths.attributes(one));
    AttributeSet b = attributes.get(paths.attributes(other));
    int order = Boolean.compare(otherFrom.isLocal(), from.isLocal());
    if (order != 0) {
      return by(Step.LOCAL, order);
    }
    long metric = nextHops.metric(a.nextHop());
    long otherMetric = nextHops.metric(b.nextHop());
    order = Boolean.compare(metric == NextHops.UNREACHABLE, otherMetric == NextHops.UNREACHABLE);
    if (order != 0) {
      return by(Step.REACHABLE, order);
    }
    order =
        Boolean.compare(a.hasCommunity(Community.LLGR_STALE), b.hasCommunity(Community.LLGR_STALE));
    if (order != 0) {
      return by(Step.NOT_STALE, order);
    }
    order = Long.compare(b.localPref(), a.localPref());
    if (order != 0) {
      return by(Step.LOCAL_PREFERENCE, order);
    }
    order = Integer.compare(a.asPath().length(), b.asPath().length());
    if (order != 0) {
      return by(Step.PATH_LENGTH, order);
    }
    order = Integer.compare(a.origin(), b.origin());
    if (order != 0) {
      return by(Step.ORIGIN, order);
    }
    order = withMed ? Long.compare(a.med(), b.med()) : 0;
    if (order != 0) {
      return by(Step.MED, order);
    }
    order = Boolean.compare(otherFrom.isExternal(), from.isExternal());
    if (order != 0) {
      return by(Step.EXTERNAL, order);
    }
    order = Long.compare(metric, otherMetric);
    if (order != 0) {
      return by(Step.METRIC, order);
    }
    order = from.isExternal() ? Integer.compare(paths.age(one), paths.age(other)) : 0;
    if (order != 0) {
      return by(Step.AGE, order);
    }
    return lastSteps(one, other, a, b);
  }

  private int lastSteps(int one, int other, AttributeSet a, AttributeSet b) {
    SourceInfo from = sources.info(paths.source(one));
    SourceInfo otherFrom = sources.info(paths.source(other));
    int order =
        Integer.compareUnsigned(
            a.hasOriginatorId() ? a.originatorId() : from.identifier(),
            b.hasOriginatorId() ? b.originatorId() : otherFrom.identifier());
    if (order != 0) {
      return by(Step.IDENTIFIER, order);
    }
    order = Integer.compare(a.clusterCount(), b.clusterCount());
    if (order != 0) {
      return by(Step.CLUSTERS, order);
    }
    order = from.at().compareTo(otherFrom.at());
    if (order != 0) {
      return by(Step.ADDRESS, order);
    }
    return by(
        Step.PATH_IDENTIFIER,
        Integer.compareUnsigned(
            sources.received(paths.source(one)), sources.received(paths.source(other))));
  }

  private static int by(Step step, int order) {
    return Integer.signum(order) * step.rank;
  }
}
