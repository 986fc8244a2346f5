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

  /** None yet. */
  public Vanished(InstantSource clock) {
    this.clock = clock;
  }

  /** Takes a listing in: what was known and is not listed vanishes, what is listed is there. */
  public void listed(Collection<String> known, Set<String> listed) {
    Instant now = clock.instant();
    since.keySet().removeAll(listed);
    for (String name : known) {
      if (!listed.contains(name)) {
        since.putIfAbsent(name, now);
      }
    }
  }

  /** A record that is there, or is certainly gone. */
  public void settled(String name) {
    since.remove(name);
  }

  /** Those that count as still there. */
  public Set<String> names() {
    return Set.copyOf(since.keySet());
  }

  /** Those that have been away long enough to be gone; they are settled by this. */
  public Set<String> due() {
    Set<String> gone = new HashSet<>();
    Instant latest = clock.instant().minus(KEPT);
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
    return since.isEmpty()
        ? Optional.empty()
        : Optional.of(
            since.size()
                + " records of nodes were gone when the store was read again ("
                + since.keySet().stream().sorted().findFirst().orElseThrow()
                + (since.size() > 1 ? ", …" : "")
                + "); the ways to them are kept until "
                + since.values().stream().min(Instant::compareTo).orElseThrow().plus(KEPT)
                + ", in case the store has lost its data");
  }
}
