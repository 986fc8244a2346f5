package io.denim.agent;

import io.denim.apply.Kernel;
import io.denim.apply.Observed.Part;
import io.denim.apply.Reconciler;
import io.denim.apply.Step;
import io.denim.attach.CallListener;
import io.denim.plan.Desired;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What an agent counts as it goes along, for {@link Metrics}. Counting costs an addition and knows
 * nothing of how it is shown. The loop's own methods are called by the loop alone, the others by
 * any thread; all may be read by any thread.
 */
final class AgentMeters implements CallListener {
  private static final double SECOND = 1e9;

  private final LongAdder rounds = new LongAdder();
  private final LongAdder roundNanos = new LongAdder();
  private final ByKind steps = new ByKind();
  private final ByKind failures = new ByKind();
  private final ByKind drift = new ByKind();
  private final LongAdder overruns = new LongAdder();
  private final Map<Result, LongAdder> calls = new ConcurrentHashMap<>();
  private final Map<String, Durations> durations = new ConcurrentHashMap<>();
  private Desired settled = Desired.NOTHING;
  private boolean stood;
  private volatile double lastRound;
  private volatile Lease lease = new Lease(Optional.empty(), 0);

  /**
   * How a call of the plugin ended.
   *
   * @param verb as {@link CallListener} tells it
   * @param code 0 for success
   */
  record Result(String verb, int code) implements Comparable<Result> {
    @Override
    public int compareTo(Result other) {
      int order = verb.compareTo(other.verb);
      return order == 0 ? Integer.compare(code, other.code) : order;
    }
  }

  /** How long the lease had still to go at an instant of {@link System#nanoTime}. */
  private record Lease(Optional<Duration> left, long at) {}

  /** Steps, counted by the kind of object that they change. */
  private static final class ByKind {
    private final Map<Part, LongAdder> counts = new EnumMap<>(Part.class);

    ByKind() {
      EnumSet.allOf(Part.class).forEach(kind -> counts.put(kind, new LongAdder()));
    }

    void add(Step step) {
      Part kind =
          switch (step) {
            case Step.Netlink netlink -> netlink.part();
            case Step.Table _ -> Part.TABLE;
            case Step.Sysctl _ -> Part.SYSCTLS;
          };
      Objects.requireNonNull(counts.get(kind)).increment();
    }

    long of(Part kind) {
      return Objects.requireNonNull(counts.get(kind)).sum();
    }
  }

  // Of the loop.

  /**
   * The loop has made a round. Steps count as drift that was mended when nothing else was desired
   * than in the round before, and that one had left nothing to be done.
   */
  void round(Desired desired, Reconciler.Outcome outcome, Duration took) {
    count(outcome, took);
    if (stood && !outcome.done().isEmpty() && desired.equals(settled)) {
      outcome.done().forEach(drift::add);
    }
    settled = desired;
    stood = outcome.isSettled();
  }

  /** The loop has made a round of those peers only that have changed. */
  void round(Reconciler.Outcome outcome, Duration took) {
    count(outcome, took);
    stood &= outcome.failed().isEmpty();
  }

  private void count(Reconciler.Outcome outcome, Duration took) {
    rounds.increment();
    roundNanos.add(took.toNanos());
    lastRound = took.toNanos() / SECOND;
    outcome.done().forEach(steps::add);
    outcome.failed().stream().map(Kernel.Failed::step).forEach(failures::add);
  }

  /** The node holds its subnets for this long from now on; empty when for good. */
  void lease(Optional<Duration> left) {
    lease = new Lease(left, System.nanoTime());
  }

  // Of all threads.

  /** Notifications of the kernel were lost. */
  void overrun() {
    overruns.increment();
  }

  @Override
  public void answered(String verb, int code, Duration took) {
    calls.computeIfAbsent(new Result(verb, code), _ -> new LongAdder()).increment();
    durations.computeIfAbsent(verb, _ -> new Durations()).add(took);
  }

  // What has been counted.

  long rounds() {
    return rounds.sum();
  }

  /** The time of all rounds together, in seconds. */
  double roundSeconds() {
    return roundNanos.sum() / SECOND;
  }

  /** The time of the last round, in seconds. */
  double lastRoundSeconds() {
    return lastRound;
  }

  long steps(Part kind) {
    return steps.of(kind);
  }

  long failures(Part kind) {
    return failures.of(kind);
  }

  long drift(Part kind) {
    return drift.of(kind);
  }

  long overruns() {
    return overruns.sum();
  }

  /** How often calls ended in which way, in order. */
  Map<Result, Long> calls() {
    Map<Result, Long> now = new TreeMap<>();
    calls.forEach((result, count) -> now.put(result, count.sum()));
    return now;
  }

  /** How long calls took, by verb, in order. */
  Map<String, Durations> callDurations() {
    return new TreeMap<>(durations);
  }

  /** How long the lease has still to go, in seconds; empty when there is none that runs out. */
  OptionalDouble leaseSeconds() {
    Lease now = lease;
    return now.left().isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            Math.max(0, (now.left().get().toNanos() - (System.nanoTime() - now.at())) / SECOND));
  }
}
