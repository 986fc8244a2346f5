package io.denim.bgp.rib;

import io.denim.bgp.config.Aggregate;
import io.denim.bgp.wire.Aggregator;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.net.Family;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;

/** The routes of one family: all paths of each prefix, which is best, and who is told of it. */
final class RoutingTable {
  /** Older than every version. */
  static final int BEFORE_ALL = -1;

  /** For {@link #flush}. */
  static final IntConsumer NOBODY = _ -> {};

  private static final int NONE = PathTable.NONE;

  /** The kind of an aggregate's route. */
  private static final String AGGREGATE = "aggregate";

  private final Family family;
  private final Sources sources;
  private final PrefixTable prefixes;
  private final PathTable paths = new PathTable();
  private final Decision decision;
  private final List<ExportGroup> groups = new ArrayList<>();
  private final Ints dirty = new Ints(0);
  private int dirtyCount;
  private int[] received = new int[16];

  /** How many of them the import rules keep out, which are few or none. */
  private int[] refused = new int[16];

  private int version;
  private final List<Reader> readers = new ArrayList<>();
  private final List<LocRib> locRibs = new ArrayList<>();
  private final Tombs tombs = new Tombs();
  private final AttributeTable attributes;
  private final Aggregates aggregates;
  private final StalePaths stale;
  private final UpdateEncoder encoder = new UpdateEncoder();

  RoutingTable(
      Family family, long seed, Sources sources, AttributeTable attributes, NextHops nextHops) {
    this.family = family;
    this.sources = sources;
    prefixes = new PrefixTable(family, seed);
    this.attributes = attributes;
    aggregates = new Aggregates(family);
    stale = new StalePaths(this, attributes);
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

  /** The paths whose peers are away. */
  StalePaths stale() {
    return stale;
  }

  /** Used by all groups in turn. */
  UpdateEncoder encoder() {
    return encoder;
  }

  List<ExportGroup> groups() {
    return groups;
  }

  /** The first path of a prefix. */
  int head(int prefix) {
    return prefixes.head(prefix);
  }

  /** The best path of a prefix as of the last flush. */
  int best(int prefix) {
    return prefixes.best(prefix);
  }

  /** How many prefixes have a best path; looks at them all. */
  int chosen() {
    int count = 0;
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      if (prefixes.isUsed(prefix) && prefixes.best(prefix) != NONE) {
        count++;
      }
    }
    return count;
  }

  /** The version with which what is told of a prefix changed last. */
  int changed(int prefix) {
    return prefixes.changed(prefix);
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
    return peer < received.length ? received[peer] - refused[peer] : 0;
  }

  /** Somebody who is told of the routes, or will be. */
  @FunctionalInterface
  interface Reader {
    /** A version: what went away until then, he does not have. */
    int clean();
  }

  List<Reader> readers() {
    return readers;
  }

  /** One for each who follows the best routes. */
  List<LocRib> locRibs() {
    return locRibs;
  }

  /** A source has a path to a prefix, in the place of the one that it had. */
  void announce(int source, long high, long low, int length, int raw, int attributes, int now) {
    int prefix = prefixes.add(high, low, length);
    int head = prefixes.head(prefix);
    int path = paths.find(head, source);
    if (path == NONE) {
      prefixes.head(prefix, paths.add(head, source, raw, attributes, now));
      count(received, source, 1);
      if (attributes == NONE) {
        count(refused, source, 1);
      }
    } else if (paths.raw(path) == raw && paths.attributes(path) == attributes) {
      paths.fresh(path);
      return;
    } else {
      change(path, attributes);
      // What only loses its mark (RFC 9494) is as old as it was.
      paths.set(path, raw, attributes, paths.raw(path) == raw ? paths.age(path) : now);
    }
    touch(prefix);
  }

  private void change(int path, int attributes) {
    boolean in = attributes != NONE;
    if (in != (paths.attributes(path) != NONE)) {
      count(refused, paths.source(path), in ? -1 : 1);
    }
  }

  private void count(int[] counts, int source, int difference) {
    counts[sources.peer(source)] += difference;
  }

  /** A source has no path to a prefix any more; nothing happens if it had none. */
  void withdraw(int source, long high, long low, int length) {
    int prefix = prefixes.find(high, low, length);
    if (prefix >= 0) {
      int path = paths.find(prefixes.head(prefix), source);
      if (path != NONE) {
        remove(prefix, path);
      }
    }
  }

  /** A path of a prefix is gone. */
  void remove(int prefix, int path) {
    count(received, paths.source(path), -1);
    if (paths.attributes(path) == NONE) {
      count(refused, paths.source(path), -1);
    }
    prefixes.head(prefix, paths.remove(prefixes.head(prefix), path));
    touch(prefix);
  }

  /** There is room for what is counted of a peer. */
  void fitPeer(int peer) {
    received = Growth.fit(received, peer);
    refused = Growth.fit(refused, peer);
  }

  /** What is told of a prefix may be something else. */
  void touch(int prefix) {
    if (!prefixes.isDirty(prefix)) {
      prefixes.dirty(prefix);
      dirty.append(dirtyCount++, prefix);
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
      int path = prefixes.head(prefix);
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

  /** The import rules say something else of a path. */
  void reconsider(int prefix, int path, int let) {
    int now = stale.attributes(path, let);
    if (paths.attributes(path) != now) {
      change(path, now);
      paths.attributes(path, now);
      touch(prefix);
    }
  }

  /** Everything is looked at again, as when next hops are nearer or farther than before. */
  void touchAll() {
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      if (prefixes.head(prefix) != NONE) {
        touch(prefix);
      }
    }
  }

  /**
   * Chooses anew where something has changed, and lets the groups tell of it.
   *
   * @param chosen is told each prefix that was looked at; {@link #NOBODY} costs nothing
   */
  void flush(IntConsumer chosen) {
    if (dirtyCount == 0) {
      return;
    }
    for (int i = 0; i < dirtyCount; i++) {
      choose(dirty.get(i));
    }
    aggregate();
    if (!chosen.equals(NOBODY)) {
      for (int i = 0; i < dirtyCount; i++) {
        chosen.accept(dirty.get(i));
      }
    }
    for (LocRib each : locRibs) {
      each.flushed(dirty, dirtyCount);
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
      int prefix = dirty.get(i);
      prefixes.changed(prefix, version);
      prefixes.clean(prefix);
      if (prefixes.head(prefix) == NONE) {
        tombs.add(prefix, version);
      }
    }
    dirtyCount = 0;
    giveBack();
  }

  private void choose(int prefix) {
    int before = prefixes.best(prefix);
    int now = decision.best(prefixes.head(prefix));
    prefixes.best(prefix, now);
    if ((before == NONE) != (now == NONE) && !aggregates.isEmpty()) {
      aggregates.count(prefixes, prefix, before == NONE ? 1 : -1);
    }
  }

  /** Announces the aggregates that have something inside, and takes the others back. */
  private void aggregate() {
    for (Aggregates.State state : aggregates.states()) {
      if (state.isDue() != state.isAnnounced()) {
        state.announced(state.isDue());
        say(state);
      }
    }
  }

  private void say(Aggregates.State state) {
    long high = state.address().high();
    long low = state.address().low();
    int source = sources.ownNumber(AGGREGATE);
    if (state.isAnnounced()) {
      int set = attributes.intern(aggregates.attributes());
      announce(source, high, low, state.length(), set, set, 0);
    } else {
      withdraw(source, high, low, state.length());
    }
    int prefix = prefixes.find(high, low, state.length());
    if (prefix >= 0) {
      choose(prefix);
    }
  }

  /** Other aggregates than before are announced, beginning with the next flush. */
  void aggregates(List<Aggregate> list, Aggregator aggregator) {
    for (Aggregates.State state : aggregates.states()) {
      if (state.isAnnounced()) {
        state.announced(false);
        say(state);
      }
    }
    aggregates.set(list, aggregator);
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      if (prefixes.isUsed(prefix) && prefixes.best(prefix) != NONE) {
        aggregates.count(prefixes, prefix, 1);
      }
    }
    touchAll();
  }

  /** Whether a prefix is told to nobody, since an aggregate is told in its place. */
  boolean isSuppressed(int prefix) {
    return !aggregates.isEmpty() && aggregates.isSuppressed(prefixes, prefix);
  }

  /** Numbers of prefixes that are gone are others' when everybody has heard of it. */
  void giveBack() {
    if (tombs.isEmpty()) {
      return;
    }
    int clean = version;
    for (Reader reader : readers) {
      clean = Math.min(clean, reader.clean());
    }
    while (!tombs.isEmpty() && tombs.version() <= clean) {
      int prefix = tombs.prefix();
      // It may have come back meanwhile, and gone again later.
      if (prefixes.isUsed(prefix)
          && prefixes.head(prefix) == NONE
          && !prefixes.isDirty(prefix)
          && prefixes.changed(prefix) == tombs.version()) {
        for (ExportGroup group : groups) {
          group.forget(prefix);
        }
        prefixes.remove(prefix);
      }
      tombs.poll();
    }
  }

  /** Adds the sources of all paths. */
  void addSources(BitSet used) {
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      for (int path = prefixes.head(prefix); path != NONE; path = paths.next(path)) {
        used.set(paths.source(path));
      }
    }
  }

  /** Adds the numbers of all sets of attributes that are in use. */
  void addUsed(BitSet used) {
    locRibs.forEach(each -> each.addUsed(used));
    for (int prefix = 0; prefix < prefixes.end(); prefix++) {
      for (int path = prefixes.head(prefix); path != NONE; path = paths.next(path)) {
        used.set(paths.raw(path));
        if (paths.attributes(path) != NONE) {
          used.set(paths.attributes(path));
        }
      }
    }
  }
}
