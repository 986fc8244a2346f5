package io.denim.bgp.rib;

import java.util.BitSet;

/**
 * Paths that an add-path group has taken back, and that members may still have that are late: by
 * prefix and source, with the version of the table with which each went last. One that has gone
 * often counts once, and all are forgotten as soon as nobody is late.
 */
final class GonePaths {
  private final LongIntMap versions = new LongIntMap();
  private int latest = RoutingTable.BEFORE_ALL;

  /** Sees a path that has gone. */
  @FunctionalInterface
  interface Visit {
    /** Sees one. */
    void path(int prefix, int source);
  }

  void add(int prefix, int source, int version) {
    versions.put((long) prefix << 32 | source, version);
    latest = Math.max(latest, version);
  }

  /** Whether there is one that went later than this version. */
  boolean isSince(int version) {
    return !versions.isEmpty() && latest > version;
  }

  /** Visits those that went later than this version. */
  void visit(int version, Visit visit) {
    versions.forEach((key, went) -> {
      if (went > version) {
        visit.path((int) (key >>> 32), (int) key);
      }
    });
  }

  /** Adds the sources of all. */
  void addSources(BitSet used) {
    versions.forEach((key, _) -> used.set((int) key));
  }

  /** Nobody has any of them. */
  void clear() {
    versions.clear();
    latest = RoutingTable.BEFORE_ALL;
  }

  boolean isEmpty() {
    return versions.isEmpty();
  }
}
