package io.denim.bgp.rib;

import io.denim.net.IpAddress;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Peers that are told the same: what they have been told, and the log of it. With add-path (RFC
 * 7911) that is a list of paths for each prefix, else one.
 */
final class ExportGroup {
  private static final int[] NOTHING = new int[0];

  private final GroupKey key;
  private final RoutingTable table;
  private final Export export;
  private final Log.Pool pool;
  private final Log log;
  private final Packer packer;
  private final Ints sent = new Ints(Export.NOTHING);
  private int[][] sentPaths = new int[0][];

  /** To how many prefixes each outgoing set is told. */
  private int[] routesOfSet = new int[64];

  /** The same, summed up by peers and in all when somebody asks. */
  private int[] routesOfPeer = NOTHING;

  private int routes;

  /** Whether the sums are of the counts as they are. */
  private boolean summed;

  private final GonePaths gone = new GonePaths();
  private final Moves moves = new Moves(this);
  private int members;
  private @Nullable Log image;

  ExportGroup(GroupKey key, RoutingTable table, Export export, Log.Pool pool) {
    this.key = key;
    this.table = table;
    this.export = export;
    this.pool = pool;
    log = new Log(pool);
    packer = new Packer(key, table, export);
  }

  GroupKey key() {
    return key;
  }

  Export export() {
    return export;
  }

  /** Takes in what has changed, and appends what is to be told of it to the log. */
  boolean flush(Ints dirty, int count) {
    fit();
    summed = false;
    forgetGone();
    moves.forget();
    for (int i = 0; i < count; i++) {
      if (key.addPath()) {
        compareAll(dirty.get(i));
      } else {
        compareBest(dirty.get(i));
      }
    }
    boolean something = !packer.isEmpty();
    if (something && members > 0) {
      packer.write(log);
      log.reclaim();
    }
    packer.clear();
    return something;
  }

  /** What all members know to be gone need not be remembered. */
  private void forgetGone() {
    if (!gone.isEmpty()) {
      int clean = table.version();
      for (RoutingTable.Reader reader : table.readers()) {
        clean = Math.min(clean, reader.clean());
      }
      if (!gone.isSince(clean)) {
        gone.clear();
      }
    }
  }

  private void fit() {
    int end = table.prefixes().end();
    if (key.addPath() && sentPaths.length < end) {
      int length = sentPaths.length;
      sentPaths = Arrays.copyOf(sentPaths, Math.max(end, Growth.next(length)));
      Arrays.fill(sentPaths, length, sentPaths.length, NOTHING);
    } else if (!key.addPath() && end > 0) {
      sent.fit(end - 1);
    }
  }

  private void compareBest(int prefix) {
    int path = table.best(prefix);
    int now =
        path == PathTable.NONE || table.isSuppressed(prefix)
            ? Export.NOTHING
            : export.of(
                table.paths().source(path),
                table.paths().attributes(path),
                table.prefixes(),
                prefix);
    int before = sent.get(prefix);
    if (now == before) {
      return;
    }
    sent.set(prefix, now);
    count(before, -1);
    count(now, 1);
    if (now == Export.NOTHING) {
      packer.withdraw(0, prefix);
      return;
    }
    packer.announce(now, prefix);
    if (before != Export.NOTHING) {
      // Whose path is best now is not told it, and still has the path of another.
      packer.leaveOut(now, before, prefix);
    }
  }

  /** With add-path each path stands for itself, under the number of its source. */
  private void compareAll(int prefix) {
    int[] before = sentPaths[prefix];
    int[] now = NOTHING;
    int count = 0;
    int head = table.isSuppressed(prefix) ? PathTable.NONE : table.head(prefix);
    for (int path = head; path != PathTable.NONE; path = table.paths().next(path)) {
      if (table.paths().attributes(path) == PathTable.NONE) {
        continue;
      }
      int out =
          export.of(
              table.paths().source(path), table.paths().attributes(path), table.prefixes(), prefix);
      if (out != Export.NOTHING) {
        now = Growth.fit(now, count);
        now[count++] = out;
      }
    }
    now = Arrays.copyOf(now, count);
    for (int out : before) {
      count(out, -1);
      if (ofSource(now, export.get(out).source()) == Export.NOTHING) {
        takeBack(export.get(out).source(), prefix);
      }
    }
    for (int out : now) {
      count(out, 1);
      if (!holds(before, out)) {
        leaveOut(out, before, prefix);
        packer.announce(out, prefix);
      }
    }
    sentPaths[prefix] = now;
  }

  private void count(int out, int by) {
    if (out != Export.NOTHING) {
      routesOfSet = Growth.fit(routesOfSet, out);
      routesOfSet[out] += by;
    }
  }

  /** How many routes a member is told: all but its own. */
  int routesFor(int peer) {
    if (!summed) {
      routesOfPeer = new int[table.sources().peers()];
      routes = 0;
      for (int out = 0; out < routesOfSet.length; out++) {
        if (routesOfSet[out] != 0) {
          routesOfPeer[packer.peerOf(out)] += routesOfSet[out];
          routes += routesOfSet[out];
        }
      }
      summed = true;
    }
    return routes - (peer < routesOfPeer.length ? routesOfPeer[peer] : 0);
  }

  /** A path that becomes one that a member is not told of is taken back from all before. */
  private void leaveOut(int out, int[] before, int prefix) {
    int source = export.get(out).source();
    for (int each : before) {
      if (export.get(each).source() == source && packer.leavesOut(out, each)) {
        takeBack(source, prefix);
      }
    }
  }

  /** A path is told no more, and members may have it until they have read so. */
  private void takeBack(int source, int prefix) {
    packer.withdraw(source, prefix);
    gone.add(prefix, source, table.version() + 1);
  }

  private static boolean holds(int[] outs, int out) {
    for (int each : outs) {
      if (each == out) {
        return true;
      }
    }
    return false;
  }

  /** Whether one of these sets is of a source, and for a peer. */
  private boolean tells(int[] outs, int source, int peer) {
    for (int each : outs) {
      if (export.get(each).source() == source && packer.isFor(each, peer)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a peer is told of a set. */
  boolean isFor(int out, int peer) {
    return packer.isFor(out, peer);
  }

  /** A place for a peer that has been told nothing. */
  Cursor join(int peer) {
    members++;
    return new Cursor(peer, log, image());
  }

  /** A place for a member that is told all of the table again, and then what it has not read. */
  Cursor again(Cursor cursor) {
    Cursor result = cursor.behind(image());
    cursor.leave();
    return result;
  }

  /**
   * A place for a peer that has been told, to the last message, what another group was.
   *
   * @param before that group
   */
  Cursor joinFrom(int peer, ExportGroup before) {
    members++;
    fit();
    if (moves.areByImage(before, table.version())) {
      return new Cursor(peer, log, image());
    }
    for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
      differ(prefix, peer, before);
    }
    return new Cursor(peer, log, packed());
  }

  /**
   * A place for a peer of which nobody knows what it has been told of what another group was.
   *
   * @param before that group
   */
  Cursor joinUnknown(int peer, ExportGroup before) {
    members++;
    if (key.addPath()) {
      int version = table.version() + 1;
      for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
        for (int out : before.told(prefix)) {
          gone.add(prefix, before.export.get(out).source(), version);
        }
      }
      before.gone.visit(
          RoutingTable.BEFORE_ALL, (prefix, source) -> gone.add(prefix, source, version));
    }
    return resume(peer, RoutingTable.BEFORE_ALL);
  }

  /**
   * A place for a peer that has seen all up to a version of the table, and nothing since. What has
   * changed since is packed for it alone.
   */
  Cursor resume(int peer, int version) {
    fit();
    for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
      if (table.prefixes().isUsed(prefix) && table.changed(prefix) > version) {
        if (key.addPath()) {
          for (int out : sentPaths[prefix]) {
            packer.announce(out, prefix);
          }
        } else if (sent.get(prefix) == Export.NOTHING || !packer.isFor(sent.get(prefix), peer)) {
          packer.withdraw(0, prefix);
        } else {
          packer.announce(sent.get(prefix), prefix);
        }
      }
    }
    gone.visit(version, (prefix, source) -> takeBackFrom(peer, source, prefix));
    return new Cursor(peer, log, packed());
  }

  private void takeBackFrom(int peer, int source, int prefix) {
    if (table.prefixes().isUsed(prefix)
        && !tells(sentPaths[prefix], source, peer)
        && table.sources().peer(source) != peer) {
      packer.withdraw(source, prefix);
    }
  }

  /** A peer has no place any more. */
  void leave(@Nullable Cursor cursor) {
    if (cursor != null) {
      cursor.leave();
    }
    members--;
    if (members == 0) {
      dropImage();
    }
  }

  /** A peer loses its place, and stays a member. */
  void detach(Cursor cursor) {
    cursor.leave();
  }

  boolean isEmpty() {
    return members == 0;
  }

  private Log image() {
    Log known = image;
    if (known != null) {
      return known;
    }
    fit();
    for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
      if (key.addPath()) {
        for (int out : sentPaths[prefix]) {
          packer.announce(out, prefix);
        }
      } else if (sent.get(prefix) != Export.NOTHING) {
        packer.announce(sent.get(prefix), prefix);
      }
    }
    Log made = packed();
    // It is kept for others that join now.
    made.first().readers++;
    image = made;
    return made;
  }

  /** Lets go of the image that is kept for others; called when the table has another version. */
  void dropImage() {
    if (image != null) {
      image.first().readers--;
      image.reclaim();
      image = null;
    }
  }

  /** The image is no more what one peer is told, or another: the peer of this address. */
  void dropImage(IpAddress peer) {
    moves.forget();
    if (image != null && export.hasNextHop(peer)) {
      dropImage();
    }
  }

  private void differ(int prefix, int peer, ExportGroup before) {
    int[] then = before.told(prefix);
    int[] now = told(prefix);
    for (int out : then) {
      OutSet had = before.export.get(out);
      boolean kept =
          key.addPath()
              ? tells(now, had.source(), peer)
              : now.length > 0 && packer.isFor(now[0], peer);
      if (!kept && before.isFor(out, peer)) {
        if (key.addPath()) {
          takeBack(had.source(), prefix);
        } else {
          packer.withdraw(0, prefix);
        }
      }
    }
    for (int out : now) {
      OutSet set = export.get(out);
      if (packer.isFor(out, peer) && !before.hasTold(then, set, peer)) {
        packer.announce(out, prefix);
      }
    }
  }

  private boolean hasTold(int[] outs, OutSet set, int peer) {
    for (int out : outs) {
      OutSet had = export.get(out);
      if (packer.isFor(out, peer)
          && (!key.addPath() || had.source() == set.source())
          && had.hasOctetsOf(set)) {
        return true;
      }
    }
    return false;
  }

  private Log packed() {
    Log packed = new Log(pool);
    packer.write(packed);
    packed.finish();
    packer.clear();
    return packed;
  }

  /** Adds the sources of all that members have been told, or may have. */
  void addSources(BitSet used) {
    export.addSources(used);
    gone.addSources(used);
  }

  /** Which outgoing sets are in use. */
  BitSet used() {
    BitSet used = new BitSet();
    for (int prefix = 0; prefix < sent.size(); prefix++) {
      used.set(sent.get(prefix));
    }
    for (int[] outs : sentPaths) {
      for (int out : outs) {
        used.set(out);
      }
    }
    return used;
  }

  /** The end of the numbers of prefixes. */
  int prefixes() {
    return table.prefixes().end();
  }

  OutSet set(int out) {
    return export.get(out);
  }

  /** The set of a source among some; {@link Export#NOTHING} when there is none. */
  int ofSource(int[] outs, int source) {
    for (int out : outs) {
      if (export.get(out).source() == source) {
        return out;
      }
    }
    return Export.NOTHING;
  }

  /** Whether all that another group tells of a set of the same source are told of this one. */
  boolean isForAll(int out, ExportGroup other, int had) {
    return packer.isForAll(out, other.packer, had);
  }

  /** What is told of a prefix, as numbers of sets. */
  int[] told(int prefix) {
    if (key.addPath()) {
      return prefix < sentPaths.length ? sentPaths[prefix] : NOTHING;
    }
    boolean something = prefix < sent.size() && sent.get(prefix) != Export.NOTHING;
    return something ? new int[] {sent.get(prefix)} : NOTHING;
  }

  /** A prefix has no paths, and its number will be another's. */
  void forget(int prefix) {
    summed = false;
    if (key.addPath()) {
      if (prefix < sentPaths.length) {
        for (int out : sentPaths[prefix]) {
          count(out, -1);
        }
        sentPaths[prefix] = NOTHING;
      }
    } else if (prefix < sent.size()) {
      count(sent.get(prefix), -1);
      sent.set(prefix, Export.NOTHING);
    }
  }

  /** Takes in all of the table, for a group that is new and has nobody to tell. */
  void fill() {
    fit();
    for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
      if (table.head(prefix) != PathTable.NONE) {
        if (key.addPath()) {
          compareAll(prefix);
        } else {
          compareBest(prefix);
        }
      }
    }
    packer.clear();
  }

  /** Frees what it holds; there must be no members. */
  void close() {
    dropImage();
    log.finish();
    log.reclaim();
  }
}
