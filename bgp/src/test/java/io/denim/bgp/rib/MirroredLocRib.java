package io.denim.bgp.rib;

import io.denim.bgp.wire.MirroredTable;
import io.denim.net.Family;
import java.util.List;

/** Somebody who follows the best routes of a family, and what he makes of it. */
final class MirroredLocRib {
  final MirroredTable table = new MirroredTable();
  private final LocRib follows;
  int parts;
  int messages;

  MirroredLocRib(Rib rib, Family family) {
    follows = rib.follow(family, this::take);
  }

  private void take(List<byte[]> updates) {
    if (updates.isEmpty()) {
      throw new AssertionError("a part of nothing");
    }
    parts++;
    messages += updates.size();
    updates.forEach(table::take);
  }

  void next() {
    follows.next();
  }

  /** Reads all that there is, and waits for what comes. */
  void readAll() {
    int before;
    do {
      before = parts;
      follows.next();
    } while (parts > before);
  }

  void end() {
    follows.end();
  }
}
