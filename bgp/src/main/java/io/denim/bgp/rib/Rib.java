package io.denim.bgp.rib;

import io.denim.bgp.config.Aggregate;
import io.denim.bgp.wire.Aggregator;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.ParsedAttributes;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All routes of a speaker, of both families. Used by one thread.
 *
 * <p>Changes become visible to peers by {@link #flush}, so that what comes together leaves
 * together.
 */
public final class Rib {
  /** So many sets of attributes, or sources, may be there before any is given up. */
  private static final int FEW = 8192;

  private final Sources sources;
  private final AttributeTable attributes;
  private final Log.Pool pool;
  private final Map<Family, RoutingTable> tables = new EnumMap<>(Family.class);
  private final List<@Nullable Import> imports = new ArrayList<>();
  private final Map<GroupKey, ExportGroup> groups = new HashMap<>();
  private final Incoming incoming;
  private final Listener listener;
  private int setsLast;
  private int sourcesLast;

  /** Hears what routes packets should take. */
  public interface Listener {
    /** Nobody who wants to know. */
    Listener NOBODY = (_, _) -> {};

    /** The routes of a prefix may have changed: all that are as good as the best one, or none. */
    void changed(Cidr prefix, List<BestRoute> routes);
  }

  /**
   * A speaker's tables, empty.
   *
   * @param local the speaker itself
   * @param seed for hash values, that nobody outside knows
   */
  public Rib(SourceInfo local, long seed, NextHops nextHops, Listener listener) {
    this(local, seed, nextHops, listener, new Log.Pool());
  }

  Rib(SourceInfo local, long seed, NextHops nextHops, Listener listener, Log.Pool pool) {
    this.pool = pool;
    sources = new Sources(local);
    attributes = new AttributeTable(seed);
    this.listener = listener;
    for (Family family : Family.values()) {
      tables.put(family, new RoutingTable(family, seed, sources, attributes, nextHops));
    }
    incoming = new Incoming(attributes, sources, tables);
  }

  RoutingTable table(Family family) {
    return Objects.requireNonNull(tables.get(family));
  }

  /** A number for a peer; given back by {@link #removePeer}. */
  public int newPeer() {
    int peer = sources.newPeer();
    while (imports.size() <= peer) {
      imports.add(null);
    }
    tables.values().forEach(table -> table.fitPeer(peer));
    return peer;
  }

  /**
   * A session is up: who it is with, and how its routes are let in. If there are routes still of a
   * session before, and the peer is not what it was, it is decided anew who is told of them.
   */
  public void setPeer(SourceInfo info, ImportRules rules) {
    if (sources.isChange(info)) {
      forgetExports();
      tables
          .values()
          .forEach(table -> table.visit(info.peer(), (prefix, _) -> table.touch(prefix)));
    }
    if (!info.address().needsInterface() && sources.at(info.address()) != info.peer()) {
      groups.values().forEach(group -> group.dropImage(info.address()));
    }
    sources.set(info);
    imports.set(info.peer(), new Import(rules, info, attributes));
  }

  /** A peer is gone; its paths must be. Its number will be another's. */
  public void removePeer(int peer) {
    sources
        .address(peer)
        .ifPresent(address -> groups.values().forEach(group -> group.dropImage(address)));
    sources.remove(peer);
    imports.set(peer, null);
    forgetExports();
  }

  private void forgetExports() {
    groups.values().forEach(group -> group.export().forget());
  }

  /** A peer's import rules may be others: all of its paths are looked at again if they are. */
  public void changeImport(SourceInfo info, ImportRules rules) {
    if (!sources.isChange(info) && importOf(info.peer()).rules().equals(rules)) {
      return;
    }
    setPeer(info, rules);
    Import now = importOf(info.peer());
    for (RoutingTable table : tables.values()) {
      PrefixTable prefixes = table.prefixes();
      table.visit(
          info.peer(),
          (prefix, path) ->
              table.reconsider(
                  prefix,
                  path,
                  now.of(
                      table.paths().raw(path),
                      table.family(),
                      prefixes.high(prefix),
                      prefixes.low(prefix),
                      prefixes.length(prefix))));
    }
  }

  private Import importOf(int peer) {
    return Objects.requireNonNull(imports.get(peer), "a peer without import rules");
  }

  /**
   * What was wrong with an UPDATE that ended nothing (RFC 7606).
   *
   * @param withdrawnBecause why its routes counted as withdrawn, if they did
   * @param remarks attributes that were left out or assumed
   */
  public record Taken(Optional<String> withdrawnBecause, List<ParsedAttributes.Remark> remarks) {
    static final Taken AS_IT_IS = new Taken(Optional.empty(), List.of());

    static Taken withdrawn(String why) {
      return new Taken(Optional.of(why), List.of());
    }
  }

  /**
   * Takes an UPDATE in that has been read without a fault of the session's.
   *
   * @param buffer what the reader read
   * @param session the same object for all sessions of a kind
   * @param now seconds of any clock
   */
  public Taken update(int peer, UpdateReader update, byte[] buffer, Negotiated session, int now) {
    return incoming.update(peer, importOf(peer), update, buffer, session, now);
  }

  /** The speaker announces a route of its own; one of the same kind to the prefix gives way. */
  public void originate(Cidr prefix, AttributeSet set, String kind, int now) {
    int number = attributes.intern(set);
    table(prefix.family())
        .announce(
            sources.ownNumber(kind),
            prefix.address().high(),
            prefix.address().low(),
            prefix.length(),
            number,
            number,
            now);
  }

  /**
   * The speaker announces each of these, as a route of a kind of its own, as long as a best path is
   * inside of it. They come in the place of those that were given before.
   *
   * @param aggregator the speaker, as AGGREGATOR names it
   */
  public void aggregates(List<Aggregate> aggregates, Aggregator aggregator) {
    tables.values().forEach(table -> table.aggregates(aggregates, aggregator));
  }

  /** The speaker takes a route of its own back. */
  public void takeBack(Cidr prefix, String kind) {
    table(prefix.family())
        .withdraw(
            sources.ownNumber(kind),
            prefix.address().high(),
            prefix.address().low(),
            prefix.length());
  }

  /** All routes of a peer in a family are gone. */
  public void removeAll(int peer, Family family) {
    table(family).removeAll(peer);
  }

  /** A peer restarts: its routes are kept, until it has said them again (RFC 4724 4.2). */
  public void markStale(int peer, Family family) {
    table(family).stale().mark(peer);
  }

  /** The restart time is over, and what is still stale stays as the last choice (RFC 9494 4.2). */
  public void markLongLived(int peer, Family family) {
    table(family).stale().markLongLived(peer);
  }

  /** What a peer that restarted has not said again is gone. */
  public void removeStale(int peer, Family family) {
    table(family).stale().remove(peer);
  }

  /** How many paths a peer has in a family. */
  public int received(int peer, Family family) {
    return table(family).received(peer);
  }

  /** How many of them were let in. */
  public int accepted(int peer, Family family) {
    return table(family).accepted(peer);
  }

  /** To how many prefixes of a family there is a route that may be used. */
  public int chosen(Family family) {
    return table(family).chosen();
  }

  /** Whether next hops are nearer or farther than they were: everything is chosen anew. */
  public void nextHopsChanged() {
    tables.values().forEach(RoutingTable::touchAll);
  }

  /** How many prefixes wait for {@link #flush}. */
  public int waiting() {
    int count = 0;
    for (RoutingTable table : tables.values()) {
      count += table.dirtyCount();
    }
    return count;
  }

  /** How many octets the logs take. */
  public long logOctets() {
    return pool.octets();
  }

  /** Chooses best paths anew, and writes down what is to be told of them. */
  public void flush() {
    for (RoutingTable table : tables.values()) {
      if (listener.equals(Listener.NOBODY)) {
        table.flush(RoutingTable.NOBODY);
      } else {
        table.flush(
            prefix -> listener.changed(table.prefixes().cidr(prefix), bestRoutes(table, prefix)));
      }
    }
    if (attributes.size() > FEW + 2 * setsLast || sources.size() > FEW + 2 * sourcesLast) {
      giveUpUnused();
    }
  }

  /**
   * Lets go of what all peers know to be gone; {@link #flush} does so too, when there is less time.
   */
  public void reclaim() {
    tables.values().forEach(RoutingTable::giveBack);
  }

  private List<BestRoute> bestRoutes(RoutingTable table, int prefix) {
    int best = table.best(prefix);
    if (best == PathTable.NONE) {
      return List.of();
    }
    List<BestRoute> routes = new ArrayList<>();
    table
        .decision()
        .equal(
            table.head(prefix),
            best,
            path ->
                routes.add(
                    new BestRoute(
                        sources.info(table.paths().source(path)),
                        sources.kind(table.paths().source(path)),
                        attributes.get(table.paths().attributes(path)))));
    return routes;
  }

  /** Nothing may wait for a flush. */
  void giveUpUnused() {
    BitSet used = new BitSet();
    tables.values().forEach(table -> table.addUsed(used));
    attributes.keepOnly(used);
    for (Import each : imports) {
      if (each != null) {
        each.forget();
      }
    }
    groups.values().forEach(group -> group.export().keepOnly(group.used()));
    setsLast = attributes.size();
    sources.keepOnly(usedSources());
    sourcesLast = sources.size();
  }

  private BitSet usedSources() {
    BitSet used = new BitSet();
    for (RoutingTable table : tables.values()) {
      table.addSources(used);
    }
    groups.values().forEach(group -> group.addSources(used));
    return used;
  }

  /**
   * The routes of a family, in the order of their prefixes.
   *
   * @param prefixes which
   * @param from by paths of whom
   * @param now in the seconds that {@link #update} is given
   */
  public List<RouteView> routes(
      Family family, Predicate<Cidr> prefixes, Predicate<SourceInfo> from, int now) {
    flush();
    return new Views(table(family), attributes, this::importOf, now).routes(prefixes, from);
  }

  /**
   * A part of the routes to some prefixes.
   *
   * @param from the sources by whose paths
   * @param now in seconds of the speaker's clock
   */
  public RoutePage page(
      RoutePage.Place first, Predicate<Cidr> prefixes, Predicate<SourceInfo> from, int now) {
    flush();
    return new Views(table(first.family()), attributes, this::importOf, now)
        .page(first.prefix(), prefixes, from);
  }

  /** The group of a key; made when there is none. */
  private ExportGroup group(GroupKey key) {
    ExportGroup known = groups.get(key);
    if (known != null) {
      return known;
    }
    // What waits may have taken paths away that are the best ones still.
    flush();
    RoutingTable table = table(key.family());
    ExportGroup made = new ExportGroup(key, table, new Export(key, sources, attributes), pool);
    made.fill();
    groups.put(key, made);
    table.groups().add(made);
    return made;
  }

  /** What one peer is told of one family. Made by {@link #tell}. */
  public final class Telling implements RoutingTable.Reader {
    private final int peer;
    private ExportGroup group;
    private @Nullable Cursor cursor;

    /** While it has no place, or an image before it: it has been told all until this version. */
    private int seen = RoutingTable.BEFORE_ALL;

    /** Then too: of what went away until this version, it has nothing. */
    private int clean;

    private Telling(int peer, ExportGroup group) {
      this.peer = peer;
      this.group = group;
      clean = table().version();
      cursor = group.join(peer);
      table().readers().add(this);
    }

    private RoutingTable table() {
      return Rib.this.table(group.key().family());
    }

    /** Where the peer stands; empty while it is too far behind to have a place. */
    public Optional<Cursor> cursor() {
      return Optional.ofNullable(cursor);
    }

    /** How many routes it is told, as far as the tables have been flushed. */
    public int count() {
      return group.routesFor(peer);
    }

    /** What it is told of a prefix, and why, or why nothing. */
    public String explain(Cidr prefix) {
      flush();
      RoutingTable table = table();
      return new Views(table, attributes, Rib.this::importOf, 0).told(prefix, group, peer);
    }

    /** What it is told of each prefix, as it leaves. */
    public Map<Cidr, List<AttributeSet>> told() {
      flush();
      Map<Cidr, List<AttributeSet>> told = new TreeMap<>();
      RoutingTable table = table();
      for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
        for (int out : group.told(prefix)) {
          OutSet set = group.export().get(out);
          if (group.isFor(out, peer)) {
            told.computeIfAbsent(table.prefixes().cidr(prefix), _ -> new ArrayList<>())
                .add(set.attributes());
          }
        }
      }
      return told;
    }

    @Override
    public int clean() {
      return cursor == null || cursor.inImage() ? clean : cursor.version(table().version());
    }

    /** It is to be told all of the table again. At a boundary of messages. */
    public void again() {
      clean = clean();
      seen = RoutingTable.BEFORE_ALL;
      if (cursor != null && cursor.inImage()) {
        // What the image would have taken back must be so still.
        group.detach(cursor);
        cursor = group.resume(peer, seen);
      } else if (cursor != null) {
        cursor = group.again(cursor);
      }
    }

    /** It falls behind, and gives its place up. At a boundary, or with the rest in hand. */
    public void detach() {
      if (cursor != null) {
        if (!cursor.inImage()) {
          clean = clean();
          seen = clean;
        }
        group.detach(cursor);
        cursor = null;
      }
    }

    /** It reads again. */
    public void resume() {
      if (cursor == null) {
        cursor = group.resume(peer, seen);
      }
    }

    /** Something else is to be told it from now on. At a boundary, or with the rest in hand. */
    public void change(GroupKey key) {
      if (key.equals(group.key())) {
        return;
      }
      ExportGroup next = group(key);
      Cursor before = cursor;
      clean = clean();
      seen = RoutingTable.BEFORE_ALL;
      boolean known = before != null && before.isDrained();
      cursor = known ? next.joinFrom(peer, group) : next.joinUnknown(peer, group);
      leave(before);
      group = next;
    }

    /** Nothing more is told it. */
    public void end() {
      leave(cursor);
      cursor = null;
      table().readers().remove(this);
    }

    private void leave(@Nullable Cursor at) {
      group.leave(at);
      if (group.isEmpty()) {
        table().groups().remove(group);
        groups.remove(group.key());
        group.close();
      }
    }
  }

  /**
   * Somebody follows the best routes of a family from now on.
   *
   * @param follower is given the parts that he asks for, and has them from then on
   */
  public LocRib follow(Family family, Consumer<List<byte[]>> follower) {
    flush();
    return new LocRib(table(family), attributes, follower);
  }

  /** Begins to tell a peer what those of this key are told. */
  public Telling tell(int peer, GroupKey key) {
    return new Telling(peer, group(key));
  }
}
