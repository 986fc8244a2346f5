package io.denim.bgp.rib;

import io.denim.net.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;

/** The routes of one family: all paths of each prefix, which is best, and who is told of it. */
final class RoutingTable {
  /** Older than every version. */
  static final int BEFORE_ALL = -1;

  private static final int NONE = PathTable.NONE;

  private final Family family;
  private final Sources sources;
  private final PrefixTable prefixes;
  private final PathTable paths = new PathTable();
  private final Decision decision;
  private final List<ExportGroup> groups = new ArrayList<>();
  private int[] heads = new int[0];
  private int[] best = new int[0];
  private int[] changed = new int[0];
  private int[] dirty = new int[256];
  private int dirtyCount;
  private final BitSet isDirty = new BitSet();
  private int[] received = new int[16];
  private int[] accepted = new int[16];
  private int version;
  private int detached;
  private int[] emptied = new int[0];
  private int emptiedCount;

  RoutingTable(Family family, Sources sources, AttributeTable attributes, NextHops nextHops) {
    this.family = family;
    this.sources = sources;
    prefixes = new PrefixTable(family);
    decision = new Decision(paths, sources, attributes, nextHops);
  }

  Family family() {
    return family;
  }

  PrefixTable prefixes() {
    return prefixes;
  }

  PathTable paths() {
    return paths;
  }

  Sources sources() {
    return sources;
  }

  Decision decision() {
    return decision;
  }

  List<ExportGroup> groups() {
    return groups;
  }

  /** The first path of a prefix. */
  int head(int prefix) {
    return heads[prefix];
  }

  /** The best path of a prefix as of the last flush. */
  int best(int prefix) {
    return best[prefix];
  }

  /** How many prefixes have a best path; looks at them all. */
  int chosen() {
    int count = 0;
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      if (prefixes.isUsed(prefix) && best[prefix] != NONE) {
        count++;
      }
    }
    return count;
  }

  /** The version with which what is told of a prefix changed last. */
  int changed(int prefix) {
    return changed[prefix];
  }

  /** Grows with every flush that had something to tell. */
  int version() {
    return version;
  }

  /** How many prefixes wait for a flush. */
  int dirtyCount() {
    return dirtyCount;
  }

  /** How many paths a peer has here. */
  int received(int peer) {
    return peer < received.length ? received[peer] : 0;
  }

  /** How many of them the import rules let in. */
  int accepted(int peer) {
    return peer < accepted.length ? accepted[peer] : 0;
  }

  /** A source has a path to a prefix, in the place of the one that it had. */
  void announce(int source, long high, long low, int length, int raw, int attributes, int now) {
    int prefix = prefixes.add(high, low, length);
    fit(prefix);
    int path = paths.find(heads[prefix], source);
    if (path == NONE) {
      heads[prefix] = paths.add(heads[prefix], source, raw, attributes, now);
      count(received, source, 1);
      count(accepted, source, attributes == NONE ? 0 : 1);
    } else if (paths.raw(path) == raw && paths.attributes(path) == attributes) {
      paths.stale(path, false);
      return;
    } else {
      change(path, attributes);
      paths.set(path, raw, attributes, now);
    }
    touch(prefix);
  }

  private void change(int path, int attributes) {
    int difference = (attributes == NONE ? 0 : 1) - (paths.attributes(path) == NONE ? 0 : 1);
    count(accepted, paths.source(path), difference);
  }

  private void count(int[] counts, int source, int difference) {
    counts[sources.peer(source)] += difference;
  }

  /** A source has no path to a prefix any more; nothing happens if it had none. */
  void withdraw(int source, long high, long low, int length) {
    int prefix = prefixes.find(high, low, length);
    if (prefix >= 0) {
      int path = paths.find(heads[prefix], source);
      if (path != NONE) {
        remove(prefix, path);
      }
    }
  }

  private void remove(int prefix, int path) {
    count(received, paths.source(path), -1);
    change(path, NONE);
    heads[prefix] = paths.remove(heads[prefix], path);
    touch(prefix);
  }

  private void fit(int prefix) {
    if (prefix >= heads.length) {
      int length = heads.length;
      heads = Growth.fit(heads, prefix);
      best = Arrays.copyOf(best, heads.length);
      changed = Arrays.copyOf(changed, heads.length);
      Arrays.fill(heads, length, heads.length, NONE);
      Arrays.fill(best, length, heads.length, NONE);
    }
  }

  /** There is room for what is counted of a peer. */
  void fitPeer(int peer) {
    received = Growth.fit(received, peer);
    accepted = Growth.fit(accepted, peer);
  }

  /** What is told of a prefix may be something else. */
  void touch(int prefix) {
    if (!isDirty.get(prefix)) {
      isDirty.set(prefix);
      if (dirtyCount == dirty.length) {
        dirty = Growth.fit(dirty, dirtyCount);
      }
      dirty[dirtyCount++] = prefix;
    }
  }

  /** What a walk over a peer's paths does with each. */
  @FunctionalInterface
  interface Visit {
    /** Sees a path; it may remove it. */
    void path(int prefix, int path);
  }

  /** Visits all paths of a peer. */
  void visit(int peer, Visit visit) {
    if (received(peer) == 0) {
      return;
    }
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      int path = heads[prefix];
      while (path != NONE) {
        int next = paths.next(path);
        if (sources.peer(paths.source(path)) == peer) {
          visit.path(prefix, path);
        }
        path = next;
      }
    }
  }

  void removeAll(int peer) {
    visit(peer, this::remove);
  }

  /** Marks what a peer has announced until now (RFC 4724 4.2). */
  void markStale(int peer) {
    visit(peer, (_, path) -> paths.stale(path, true));
  }

  /** Removes what is still marked. */
  void removeStale(int peer) {
    visit(
        peer,
        (prefix, path) -> {
          if (paths.isStale(path)) {
            remove(prefix, path);
          }
        });
  }

  /** The import rules say something else of a path. */
  void reconsider(int prefix, int path, int attributes) {
    if (paths.attributes(path) != attributes) {
      change(path, attributes);
      paths.attributes(path, attributes);
      touch(prefix);
    }
  }

  /** Everything is looked at again, as when next hops are nearer or farther than before. */
  void touchAll() {
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      if (heads[prefix] != NONE) {
        touch(prefix);
      }
    }
  }

  /**
   * Chooses anew where something has changed, and lets the groups tell of it.
   *
   * @param chosen is told each prefix that was looked at
   */
  void flush(IntConsumer chosen) {
    if (dirtyCount == 0) {
      return;
    }
    for (int i = 0; i < dirtyCount; i++) {
      best[dirty[i]] = decision.best(heads[dirty[i]]);
      chosen.accept(dirty[i]);
    }
    boolean something = false;
    for (ExportGroup group : groups) {
      if (group.flush(dirty, dirtyCount)) {
        group.dropImage();
        something = true;
      }
    }
    version += something ? 1 : 0;
    for (int i = 0; i < dirtyCount; i++) {
      int prefix = dirty[i];
      changed[prefix] = version;
      isDirty.clear(prefix);
      if (heads[prefix] == NONE) {
        emptied = Growth.fit(emptied, emptiedCount);
        emptied[emptiedCount++] = prefix;
      }
    }
    dirtyCount = 0;
    giveBack();
  }

  /** Numbers of prefixes that are gone are others' when nobody still has to hear of them. */
  private void giveBack() {
    if (detached > 0) {
      return;
    }
    for (int i = 0; i < emptiedCount; i++) {
      int prefix = emptied[i];
      // It may have come and gone several times meanwhile.
      if (prefixes.isUsed(prefix) && heads[prefix] == NONE && !isDirty.get(prefix)) {
        groups.forEach(group -> group.forget(prefix));
        prefixes.remove(prefix);
      }
    }
    emptiedCount = 0;
  }

  /** A peer has lost its place in a log, and keeps the version that it has seen. */
  void detach() {
    detached++;
  }

  /** Such a peer has a place again, or is gone. */
  void attach() {
    detached--;
    giveBack();
  }

  /** Adds the numbers of all sets of attributes that are in use. */
  void addUsed(BitSet used) {
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      for (int path = heads[prefix]; path != NONE; path = paths.next(path)) {
        used.set(paths.raw(path));
        if (paths.attributes(path) != NONE) {
          used.set(paths.attributes(path));
        }
      }
    }
  }
}
