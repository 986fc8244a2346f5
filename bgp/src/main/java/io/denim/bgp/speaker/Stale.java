package io.denim.bgp.speaker;

import io.denim.bgp.config.GracefulRestart;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.LongLived;
import io.denim.net.Family;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The families whose routes are kept for a peer that is away, and until when: for its restart time
 * (RFC 4724 4.2), and then as the last choice for as long as both sides want (RFC 9494 4.2).
 */
final class Stale {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Rib rib;
  private final int peer;
  private Map<Family, Kept> kept = Collections.emptyMap();

  Stale(Rib rib, int peer) {
    this.rib = rib;
    this.peer = peer;
  }

  /**
   * How long routes are kept, in nanoseconds.
   *
   * @param restart for a peer that restarts
   * @param longLived after that, as the last choice; 0 for not at all
   */
  record Times(long restart, long longLived) {
    /** What was agreed for a family; empty when its routes go with the session. */
    static Optional<Times> of(GracefulRestart ours, Capabilities theirs, Family family) {
      return theirs
          .gracefulRestart()
          .filter(restart -> restart.families().containsKey(family))
          .map(restart -> {
            int most =
                theirs
                    .longLived()
                    .flatMap(all -> Optional.ofNullable(all.get(family)))
                    .map(LongLived::staleSeconds)
                    .orElse(0);
            return new Times(
                restart.seconds() * SECOND, Math.min(ours.longLivedSeconds(), most) * SECOND);
          });
    }
  }

  /** What is known of a family. */
  private static final class Kept {
    /** When this stretch ends. */
    private long until;

    /** How long the next one is, as the last choice. */
    private long then;

    private boolean longLived;

    /** When all ends, once it is long-lived: another loss does not begin it anew. */
    private long last;

    long end() {
      return longLived && last - until < 0 ? last : until;
    }
  }

  boolean isEmpty() {
    return kept.isEmpty();
  }

  Set<Family> families() {
    EnumSet<Family> families = EnumSet.noneOf(Family.class);
    families.addAll(kept.keySet());
    return families;
  }

  /** Whether what is kept of a family is the last choice. */
  boolean isLongLived(Family family) {
    Kept known = kept.get(family);
    return known != null && known.longLived;
  }

  /** How many seconds this goes on at most; 0 when nothing is kept of a family. */
  long secondsLeft(Family family, long now) {
    Kept known = kept.get(family);
    return known == null ? 0 : Math.max(0, (known.end() - now + SECOND - 1) / SECOND);
  }

  /**
   * A session was lost, or says all again, and its routes of a family stay. What was stale already
   * goes, unless it is long-lived.
   */
  void keep(Family family, Times times, long now) {
    if (kept.isEmpty()) {
      // Most peers are never away.
      kept = new EnumMap<>(Family.class);
    }
    Kept known = kept.computeIfAbsent(family, _ -> new Kept());
    if (!known.longLived) {
      rib.removeStale(peer, family);
    }
    rib.markStale(peer, family);
    known.until = now + times.restart();
    known.then = times.longLived();
  }

  /** The peer is back, and says all routes again by then. */
  void refresh(Family family, long end) {
    Kept known = kept.get(family);
    if (known != null) {
      known.until = end;
      known.then = 0;
    }
  }

  /** The peer has said all routes again. */
  void finish(Family family) {
    if (kept.remove(family) != null) {
      rib.removeStale(peer, family);
    }
  }

  void tick(long now) {
    if (!kept.isEmpty()) {
      for (Family family : families()) {
        Kept known = kept.get(family);
        if (known != null && now - known.end() >= 0) {
          end(family, known, now);
        }
      }
    }
  }

  private void end(Family family, Kept known, long now) {
    if (known.then == 0 || (known.longLived && now - known.last >= 0)) {
      finish(family);
      return;
    }
    rib.markLongLived(peer, family);
    if (!known.longLived) {
      known.longLived = true;
      known.last = now + known.then;
    }
    known.until = known.last;
    known.then = 0;
  }

  void dropAll() {
    families().forEach(this::finish);
  }
}
