package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeSet;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/** What the tables hold, in words and values for people. Slow, and only made when asked for. */
final class Views {
  /** So many paths, or prefixes that are looked at, take some milliseconds. */
  private static final int MOST_PATHS = 2_000;

  private static final int MOST_PREFIXES = 50_000;

  private final RoutingTable table;
  private final AttributeTable attributes;
  private final IntFunction<Import> imports;
  private final int now;

  /**
   * Of a table.
   *
   * @param imports the import rules of a peer
   * @param now the time in the seconds of the paths
   */
  Views(RoutingTable table, AttributeTable attributes, IntFunction<Import> imports, int now) {
    this.table = table;
    this.attributes = attributes;
    this.imports = imports;
    this.now = now;
  }

  /** The routes to these prefixes, in their order, by paths from these sources. */
  List<RouteView> routes(Predicate<Cidr> prefixes, Predicate<SourceInfo> from) {
    List<RouteView> routes = new ArrayList<>();
    for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
      add(prefix, prefixes, from, routes);
    }
    routes.sort(Comparator.comparing(RouteView::prefix));
    return routes;
  }

  /** A part of these, from this number of a prefix on. */
  RoutePage page(int first, Predicate<Cidr> prefixes, Predicate<SourceInfo> from) {
    List<RouteView> routes = new ArrayList<>();
    int end = table.prefixes().end();
    int paths = 0;
    int prefix = first;
    while (prefix < end && prefix - first < MOST_PREFIXES && paths < MOST_PATHS) {
      paths += add(prefix++, prefixes, from, routes);
    }
    return new RoutePage(
        routes,
        prefix < end
            ? Optional.of(new RoutePage.Place(table.family(), prefix))
            : table.family() == Family.IPV4
                ? Optional.of(new RoutePage.Place(Family.IPV6, 0))
                : Optional.empty());
  }

  private int add(
      int prefix, Predicate<Cidr> prefixes, Predicate<SourceInfo> from, List<RouteView> routes) {
    if (!table.prefixes().isUsed(prefix)) {
      return 0;
    }
    Cidr cidr = table.prefixes().cidr(prefix);
    List<PathView> paths = prefixes.test(cidr) ? paths(prefix, from) : List.of();
    if (!paths.isEmpty()) {
      routes.add(new RouteView(cidr, paths));
    }
    return paths.size();
  }

  private List<PathView> paths(int prefix, Predicate<SourceInfo> from) {
    List<PathView> paths = new ArrayList<>();
    for (int path = table.head(prefix); path != PathTable.NONE; path = table.paths().next(path)) {
      if (from.test(table.sources().info(table.paths().source(path)))) {
        paths.add(view(prefix, path));
      }
    }
    paths.sort(Comparator.comparing(PathView::state));
    return paths;
  }

  private PathView view(int prefix, int path) {
    PathTable paths = table.paths();
    int best = table.best(prefix);
    AttributeSet raw = attributes.get(paths.raw(path));
    boolean leftOut = paths.attributes(path) == PathTable.NONE;
    PathView.State state = PathView.State.LEFT_OUT;
    if (!leftOut) {
      boolean equal = path != best && best != PathTable.NONE && isEqual(prefix, path, best);
      state =
          path == best ? PathView.State.BEST : equal ? PathView.State.EQUAL : PathView.State.WORSE;
    }
    return new PathView(
        table.sources().info(paths.source(path)),
        pathId(paths.source(path)),
        table.sources().kind(paths.source(path)),
        raw,
        leftOut ? raw : attributes.get(paths.attributes(path)),
        now - paths.age(path),
        state,
        paths.isStale(path),
        reason(prefix, path, state));
  }

  private int pathId(int source) {
    return table.sources().peer(source) == 0 ? 0 : table.sources().received(source);
  }

  private boolean isEqual(int prefix, int path, int best) {
    BitSet equal = new BitSet();
    table.decision().equal(table.head(prefix), best, equal::set);
    return equal.get(path);
  }

  private String reason(int prefix, int path, PathView.State state) {
    int best = table.best(prefix);
    return switch (state) {
      case LEFT_OUT -> imported(prefix, path);
      case EQUAL, WORSE ->
          best == PathTable.NONE
              ? "not chosen yet"
              : "the best path has: " + table.decision().decided(best, path).words();
      case BEST -> {
        int second = second(prefix);
        yield second == PathTable.NONE
            ? Decision.Step.ONLY.words()
            : table.decision().decided(path, second).words();
      }
    };
  }

  /** The best of those that are not the best. */
  private int second(int prefix) {
    int best = table.best(prefix);
    int second = PathTable.NONE;
    for (int path = table.head(prefix); path != PathTable.NONE; path = table.paths().next(path)) {
      boolean candidate = path != best && table.paths().attributes(path) != PathTable.NONE;
      if (candidate && (second == PathTable.NONE || table.decision().isBetter(path, second))) {
        second = path;
      }
    }
    return second;
  }

  private String imported(int prefix, int path) {
    PrefixTable prefixes = table.prefixes();
    return imports
        .apply(table.sources().peer(table.paths().source(path)))
        .explain(
            table.paths().raw(path),
            table.family(),
            prefixes.high(prefix),
            prefixes.low(prefix),
            prefixes.length(prefix));
  }

  /** What a group tells of a prefix, or why it tells nothing. */
  String told(Cidr cidr, ExportGroup group, int peer) {
    int prefix = table.prefixes().find(cidr.address().high(), cidr.address().low(), cidr.length());
    if (prefix < 0 || table.head(prefix) == PathTable.NONE) {
      return "nobody has announced " + cidr;
    }
    int best = table.best(prefix);
    if (best == PathTable.NONE) {
      return "no path to " + cidr + " may be used: " + imported(prefix, table.head(prefix));
    }
    int source = table.paths().source(best);
    if (!group.key().addPath() && table.sources().peer(source) == peer) {
      return "the best path to " + cidr + " is this peer's own, and does not go back to it";
    }
    return group
        .export()
        .explain(source, table.paths().attributes(best), table.prefixes(), prefix, peer);
  }
}
