package io.denim.bgp.speaker;

import io.denim.bgp.rib.Rib;
import io.denim.net.Family;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** The families whose routes are kept for a peer that restarts, and until when (RFC 4724 4.2). */
final class Stale {
  private final Rib rib;
  private final int peer;
  private final Map<Family, Long> until = new EnumMap<>(Family.class);

  Stale(Rib rib, int peer) {
    this.rib = rib;
    this.peer = peer;
  }

  boolean isEmpty() {
    return until.isEmpty();
  }

  Set<Family> families() {
    EnumSet<Family> families = EnumSet.noneOf(Family.class);
    families.addAll(until.keySet());
    return families;
  }

  /** When what is stale of a family goes; the greatest time when nothing is. */
  long until(Family family) {
    return until.getOrDefault(family, Long.MAX_VALUE);
  }

  /** A session was lost, and its routes of a family stay. What was stale already goes. */
  void keep(Family family, long end) {
    if (until.containsKey(family)) {
      rib.removeStale(peer, family);
    }
    rib.markStale(peer, family);
    until.put(family, end);
  }

  /** The peer is back, and says all routes again by then. */
  void refresh(Family family, long end) {
    until.replace(family, end);
  }

  /** The peer has said all routes again. */
  void finish(Family family) {
    if (until.remove(family) != null) {
      rib.removeStale(peer, family);
    }
  }

  void tick(long now) {
    if (!until.isEmpty()) {
      for (Family family : families()) {
        if (now - until(family) >= 0) {
          finish(family);
        }
      }
    }
  }

  void dropAll() {
    families().forEach(this::finish);
  }
}
