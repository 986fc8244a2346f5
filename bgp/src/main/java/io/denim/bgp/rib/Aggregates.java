package io.denim.bgp.rib;

import io.denim.bgp.config.Aggregate;
import io.denim.bgp.wire.Aggregator;
import io.denim.bgp.wire.AttributeSet;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The aggregates of one family (RFC 4271 9.2.2.2), and of each how many prefixes strictly inside
 * have a best path: as long as there is one, the aggregate is announced. Looking at a prefix
 * allocates an address for each aggregate that is shorter, and nothing without aggregates.
 */
final class Aggregates {
  private final Family family;
  private State[] states = {};
  private AttributeSet attributes = AttributeSet.builder().build();

  /** One aggregate. */
  static final class State {
    private final Aggregate aggregate;
    private int inside;
    private boolean announced;

    private State(Aggregate aggregate) {
      this.aggregate = aggregate;
    }

    IpAddress address() {
      return aggregate.prefix().address();
    }

    int length() {
      return aggregate.prefix().length();
    }

    /** Whether it is announced now, as {@link #isDue} said last time. */
    boolean isAnnounced() {
      return announced;
    }

    /** Whether it is to be announced. */
    boolean isDue() {
      return inside > 0;
    }

    void announced(boolean now) {
      announced = now;
    }

    private boolean hasInside(Family of, long high, long low, int prefixLength) {
      return prefixLength > length()
          && new IpAddress(of, high, low).masked(length()).equals(address());
    }
  }

  Aggregates(Family family) {
    this.family = family;
  }

  /** Others than before; nothing is inside of them yet. */
  void set(List<Aggregate> aggregates, Aggregator aggregator) {
    List<State> now = new ArrayList<>();
    for (Aggregate aggregate : aggregates) {
      if (aggregate.prefix().family() == family) {
        now.add(new State(aggregate));
      }
    }
    // One inside of another counts there, so it is settled first.
    now.sort(Comparator.comparingInt(State::length).reversed());
    states = now.toArray(State[]::new);
    attributes =
        AttributeSet.builder()
            .nextHop(family == Family.IPV4 ? IpAddress.ANY_V4 : IpAddress.ANY_V6)
            .atomicAggregate(true)
            .aggregator(aggregator)
            .build();
  }

  boolean isEmpty() {
    return states.length == 0;
  }

  /** All of them, the longest first. */
  List<State> states() {
    return List.of(states);
  }

  /** What is announced of each. */
  AttributeSet attributes() {
    return attributes;
  }

  /** A prefix has a best path that had none, or has none any more. */
  void count(PrefixTable prefixes, int prefix, int difference) {
    for (State state : states) {
      if (state.hasInside(
          family, prefixes.high(prefix), prefixes.low(prefix), prefixes.length(prefix))) {
        state.inside += difference;
      }
    }
  }

  /** Whether a prefix is told to nobody, since an aggregate is told in its place. */
  boolean isSuppressed(PrefixTable prefixes, int prefix) {
    for (State state : states) {
      if (state.aggregate.summaryOnly()
          && state.hasInside(
              family, prefixes.high(prefix), prefixes.low(prefix), prefixes.length(prefix))) {
        return true;
      }
    }
    return false;
  }
}
