package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeParser;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.NlriReader;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All routes of a speaker, of both families. Used by one thread.
 *
 * <p>Changes become visible to peers by {@link #flush}, so that what comes together leaves
 * together.
 */
public final class Rib {
  /** So many sets of attributes may be there before any is given up. */
  private static final int FEW_SETS = 8192;

  private final Sources sources;
  private final AttributeTable attributes;
  private final Log.Pool pool = new Log.Pool();
  private final Map<Family, RoutingTable> tables = new EnumMap<>(Family.class);
  private final Map<Integer, Import> imports = new HashMap<>();
  private final Map<GroupKey, ExportGroup> groups = new HashMap<>();
  private final NlriReader nlri = new NlriReader();
  private final Listener listener;
  private int setsLast;

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
    sources = new Sources(local);
    attributes = new AttributeTable(seed);
    this.listener = listener;
    for (Family family : Family.values()) {
      tables.put(family, new RoutingTable(family, sources, attributes, nextHops));
    }
  }

  RoutingTable table(Family family) {
    return Objects.requireNonNull(tables.get(family));
  }

  /** A number for a peer; given back by {@link #removePeer}. */
  public int newPeer() {
    int peer = sources.newPeer();
    tables.values().forEach(table -> table.fitPeer(peer));
    return peer;
  }

  /** A session is up: who it is with, and how its routes are let in. */
  public void setPeer(SourceInfo info, ImportRules rules) {
    sources.set(info);
    imports.put(info.peer(), new Import(rules, info, attributes));
  }

  /** A peer is gone; its paths must be. */
  public void removePeer(int peer) {
    sources.remove(peer);
    imports.remove(peer);
  }

  /** A peer's import rules are others: all of its paths are looked at again. */
  public void changeImport(SourceInfo info, ImportRules rules) {
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
    private static final Taken AS_IT_IS = new Taken(Optional.empty(), List.of());

    private static Taken withdrawn(String why) {
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
    withdraw(peer, Family.IPV4, buffer, update.withdrawn(), session);
    withdraw(peer, update.unreachFamily(), buffer, update.unreach(), session);
    Taken taken = Taken.AS_IT_IS;
    if (!update.nlri().isEmpty()) {
      taken =
          announce(
              new Announced(peer, Family.IPV4, update.nlri(), AttributeTable.NextHop.IN_BLOCK),
              update,
              buffer,
              session,
              now);
    }
    if (!update.reach().isEmpty()) {
      AttributeTable.NextHop nextHop =
          new AttributeTable.NextHop(update.reachNextHop(), update.reachLinkLocal());
      Announced announced = new Announced(peer, update.reachFamily(), update.reach(), nextHop);
      Taken second = announce(announced, update, buffer, session, now);
      taken = second.equals(Taken.AS_IT_IS) ? taken : second;
    }
    return taken;
  }

  private void withdraw(
      int peer, Family family, byte[] buffer, UpdateReader.Range range, Negotiated session) {
    if (range.isEmpty()) {
      return;
    }
    RoutingTable table = table(family);
    nlri.reset(buffer, range.offset(), range.length(), family, session.addPath(family));
    while (nlri.next()) {
      table.withdraw(source(peer), nlri.high(), nlri.low(), nlri.length());
    }
  }

  /** The source of the prefix that was read last. */
  private int source(int peer) {
    return sources.number(peer, (int) Math.max(0, nlri.pathId()));
  }

  /** One of the two places for announced prefixes in an UPDATE. */
  private record Announced(
      int peer, Family family, UpdateReader.Range range, AttributeTable.NextHop nextHop) {}

  private Taken announce(
      Announced announced, UpdateReader update, byte[] buffer, Negotiated session, int now) {
    Family family = announced.family();
    if (update.outcome() == UpdateReader.Outcome.WITHDRAW) {
      withdraw(announced.peer(), family, buffer, announced.range(), session);
      return Taken.withdrawn(update.reason());
    }
    AttributeTable.NextHop nextHop = announced.nextHop();
    AttributeTable.Block block =
        attributes.block(
            update.key(),
            update.keyOffset(),
            update.keyLength(),
            session,
            nextHop,
            () ->
                AttributeParser.parse(
                    update.key(),
                    update.keyOffset(),
                    update.keyLength(),
                    session,
                    nextHop.address(),
                    nextHop.linkLocal(),
                    nextHop.isInBlock()));
    return switch (block.parsed()) {
      case ParsedAttributes.Withdraw(_, _, String words) -> {
        withdraw(announced.peer(), family, buffer, announced.range(), session);
        yield Taken.withdrawn(words);
      }
      case ParsedAttributes.Good(_, List<ParsedAttributes.Remark> remarks) -> {
        announce(announced, buffer, session, block.set(), now);
        yield remarks.isEmpty() ? Taken.AS_IT_IS : new Taken(Optional.empty(), remarks);
      }
    };
  }

  private void announce(Announced announced, byte[] buffer, Negotiated session, int raw, int now) {
    Family family = announced.family();
    RoutingTable table = table(family);
    Import in = importOf(announced.peer());
    UpdateReader.Range range = announced.range();
    nlri.reset(buffer, range.offset(), range.length(), family, session.addPath(family));
    while (nlri.next()) {
      int set = in.of(raw, family, nlri.high(), nlri.low(), nlri.length());
      int source = source(announced.peer());
      table.announce(source, nlri.high(), nlri.low(), nlri.length(), raw, set, now);
    }
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
    table(family).markStale(peer);
  }

  /** What a peer that restarted has not said again is gone. */
  public void removeStale(int peer, Family family) {
    table(family).removeStale(peer);
  }

  /** How many paths a peer has in a family. */
  public int received(int peer, Family family) {
    return table(family).received(peer);
  }

  /** To how many prefixes of a family there is a route that may be used. */
  public int chosen(Family family) {
    return table(family).chosen();
  }

  /** How many of them were let in. */
  public int accepted(int peer, Family family) {
    return table(family).accepted(peer);
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
        table.flush(_ -> {});
      } else {
        table.flush(
            prefix -> listener.changed(table.prefixes().cidr(prefix), bestRoutes(table, prefix)));
      }
    }
    if (attributes.size() > FEW_SETS + 2 * setsLast) {
      giveUpUnused();
    }
  }

  private List<BestRoute> bestRoutes(RoutingTable table, int prefix) {
    int best = table.best(prefix);
    if (best == PathTable.NONE) {
      return List.of();
    }
    List<BestRoute> routes = new ArrayList<>();
    for (int path = table.head(prefix); path != PathTable.NONE; path = table.paths().next(path)) {
      if (table.paths().attributes(path) != PathTable.NONE
          && (path == best || table.decision().areEqual(path, best))) {
        routes.add(
            new BestRoute(
                sources.info(table.paths().source(path)),
                sources.kind(table.paths().source(path)),
                attributes.get(table.paths().attributes(path))));
      }
    }
    return routes;
  }

  private void giveUpUnused() {
    BitSet used = new BitSet();
    tables.values().forEach(table -> table.addUsed(used));
    attributes.keepOnly(used);
    imports.values().forEach(Import::forget);
    groups.values().forEach(group -> group.export().keepOnly(group.used()));
    setsLast = attributes.size();
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
  public final class Telling {
    private final int peer;
    private ExportGroup group;
    private @Nullable Cursor cursor;
    private int version;

    private Telling(int peer, ExportGroup group) {
      this.peer = peer;
      this.group = group;
      cursor = group.join(peer);
    }

    /** Where the peer stands; empty while it is too far behind to have a place. */
    public Optional<Cursor> cursor() {
      return Optional.ofNullable(cursor);
    }

    /** What depends on for what it is told. */
    public GroupKey key() {
      return group.key();
    }

    /** What it is told of a prefix, and why, or why nothing. */
    public String explain(Cidr prefix) {
      flush();
      RoutingTable table = table(group.key().family());
      return new Views(table, attributes, Rib.this::importOf, 0).told(prefix, group, peer);
    }

    /** What it is told of each prefix, as it leaves. */
    public Map<Cidr, List<AttributeSet>> told() {
      flush();
      Map<Cidr, List<AttributeSet>> told = new TreeMap<>();
      RoutingTable table = table(group.key().family());
      for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
        for (int out : group.told(prefix)) {
          OutSet set = group.export().get(out);
          if (sources.peer(set.source()) != peer) {
            told.computeIfAbsent(table.prefixes().cidr(prefix), _ -> new ArrayList<>())
                .add(set.attributes());
          }
        }
      }
      return told;
    }

    /** It is to be told all of the table again. At a boundary of messages. */
    public void again() {
      if (cursor != null) {
        cursor = group.again(cursor);
      } else {
        version = RoutingTable.BEFORE_ALL;
      }
    }

    /** It falls behind, and gives its place up. At a boundary, or with the rest in hand. */
    public void detach() {
      if (cursor != null) {
        version = cursor.version();
        group.detach(cursor);
        cursor = null;
        table(group.key().family()).detach();
      }
    }

    /** It reads again. */
    public void resume() {
      if (cursor == null) {
        cursor = group.resume(peer, version);
        table(group.key().family()).attach();
      }
    }

    /** Something else is to be told it from now on. At a boundary, or with the rest in hand. */
    public void change(GroupKey key) {
      if (key.equals(group.key())) {
        return;
      }
      ExportGroup next = group(key);
      Cursor before = cursor;
      boolean known = before != null && before.isDrained();
      cursor = known ? next.joinFrom(peer, group) : next.joinUnknown(peer);
      leave(group, before);
      group = next;
    }

    /** Nothing more is told it. */
    public void end() {
      leave(group, cursor);
      cursor = null;
    }

    private void leave(ExportGroup left, @Nullable Cursor at) {
      RoutingTable table = table(left.key().family());
      left.leave(at);
      if (at == null) {
        table.attach();
      }
      if (left.isEmpty()) {
        table.groups().remove(left);
        groups.remove(left.key());
        left.close();
      }
    }
  }

  /** Begins to tell a peer what those of this key are told. */
  public Telling tell(int peer, GroupKey key) {
    return new Telling(peer, group(key));
  }
}
