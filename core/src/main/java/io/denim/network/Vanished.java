package io.denim.network;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Records that were gone when a store was listed again. Nobody saw them being deleted, and a store
 * that has lost its data looks the same, so for a while they count as still there: a network that
 * works must not be taken along. Not for use by several threads at once.
 */
public final class Vanished {
  /** How long they count as still there; the nodes that live have published themselves by then. */
  public static final Duration KEPT = Duration.ofMinutes(5);

  private final InstantSource clock;
  private final Map<String, Instant> since = new HashMap<>();
  private String problem = "";

  /** None yet. */
  public Vanished(InstantSource clock) {
    this.clock = clock;
  }

  /** Takes a listing in: what was known and is not listed vanishes, what is listed is there. */
  public void listed(Collection<String> known, Set<String> listed) {
    Instant now = clock.instant();
    since.keySet().removeAll(listed);
    boolean more = false;
    for (String name : known) {
      more |= !listed.contains(name) && since.putIfAbsent(name, now) == null;
    }
    if (more) {
      describe();
    }
  }

  /**
   * Counts from now on. A store from which more is gone than these has nobody who could publish
   * himself in it yet.
   */
  public void countAnew() {
    Instant now = clock.instant();
    since.replaceAll((_, _) -> now);
    describe();
  }

  /** Does not change while records come back one by one, or each of them would be news. */
  private void describe() {
    int count = since.size();
    problem =
        since.isEmpty()
            ? ""
            : count
                + (count == 1 ? " record of a node was" : " records of nodes were")
                + " gone when the store was read again ("
                + since.keySet().stream().min(String::compareTo).orElseThrow()
                + (count > 1 ? ", …" : "")
                + "); the ways to those that do not come back are kept for "
                + KEPT.toMinutes()
                + " minutes each, in case the store has lost its data";
  }

  /** A record that is there, or is certainly gone. */
  public void settled(String name) {
    since.remove(name);
  }

  /** Settles all that this holds for, and gives them. */
  Set<String> settleIf(Predicate<String> settled) {
    Set<String> names = new HashSet<>();
    for (String name : since.keySet()) {
      if (settled.test(name)) {
        names.add(name);
      }
    }
    since.keySet().removeAll(names);
    return names;
  }

  /** Those that count as still there. */
  public Set<String> names() {
    return Set.copyOf(since.keySet());
  }

  /** Whether this is one of them. */
  public boolean contains(String name) {
    return since.containsKey(name);
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return since.isEmpty();
  }

  /** Those that have been away long enough to be gone; they are settled by this. */
  public Set<String> due() {
    Instant latest = clock.instant().minus(KEPT);
    Set<String> gone = new HashSet<>();
    since.forEach((name, at) -> {
      if (!at.isAfter(latest)) {
        gone.add(name);
      }
    });
    since.keySet().removeAll(gone);
    return gone;
  }

  /** What a person is told while there are any. */
  public Optional<String> problem() {
    return since.isEmpty() ? Optional.empty() : Optional.of(problem);
  }
}
