package io.denim.bgp.rib;

import io.denim.bgp.wire.Community;

/**
 * The paths of a table whose peer is away, and has not said them again: kept as they are (RFC 4724
 * 4.2), and beyond its restart time as the last choice (RFC 9494 4.2).
 */
final class StalePaths {
  private final RoutingTable table;
  private final AttributeTable attributes;

  StalePaths(RoutingTable table, AttributeTable attributes) {
    this.table = table;
    this.attributes = attributes;
  }

  private PathTable paths() {
    return table.paths();
  }

  /** Marks what a peer has announced until now. */
  void mark(int peer) {
    table.visit(peer, (_, path) -> paths().stale(path));
  }

  /** What is still marked stays as the last choice, but for what has NO_LLGR, which goes. */
  void markLongLived(int peer) {
    table.visit(
        peer,
        (prefix, path) -> {
          if (paths().isStale(path) && !paths().isLongLived(path)) {
            markLongLived(prefix, path);
          }
        });
  }

  private void markLongLived(int prefix, int path) {
    int let = paths().attributes(path);
    int set = let == PathTable.NONE ? paths().raw(path) : let;
    if (attributes.get(set).hasCommunity(Community.NO_LLGR)) {
      table.remove(prefix, path);
    } else {
      paths().longLived(path);
      table.reconsider(prefix, path, let);
    }
  }

  /** Removes what is still marked. */
  void remove(int peer) {
    table.visit(
        peer,
        (prefix, path) -> {
          if (paths().isStale(path)) {
            table.remove(prefix, path);
          }
        });
  }

  /**
   * The attributes with which a path takes part.
   *
   * @param let those that the import rules made
   */
  int attributes(int path, int let) {
    return let == PathTable.NONE || !paths().isLongLived(path)
        ? let
        : attributes.intern(
            attributes.get(let).toBuilder().addCommunity(Community.LLGR_STALE).build());
  }
}
