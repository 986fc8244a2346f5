package io.denim.bgp.rib;

import org.jspecify.annotations.Nullable;

/**
 * Whether those who move to a group from another may read its image, which is packed once for all
 * of them, in the place of what is different for each: where that is most of it, and nothing has to
 * be taken back. A drain moves all peers at once.
 */
final class Moves {
  private final ExportGroup to;
  private @Nullable ExportGroup from;
  private int version;
  private boolean byImage;

  Moves(ExportGroup to) {
    this.to = to;
  }

  /** Found once for all who move from a group at a version of the table. */
  boolean areByImage(ExportGroup group, int now) {
    if (group != from || now != version) {
      from = group;
      version = now;
      byImage = isMostlyOther(group);
    }
    return byImage;
  }

  /** Peers have other addresses, or the table is another. */
  void forget() {
    from = null;
  }

  private boolean isMostlyOther(ExportGroup group) {
    long told = 0;
    long other = 0;
    for (int prefix = 0; prefix < to.prefixes(); prefix++) {
      int[] now = to.told(prefix);
      for (int had : group.told(prefix)) {
        int out = to.ofSource(now, group.set(had).source());
        if (out == Export.NOTHING || !to.isForAll(out, group, had)) {
          return false;
        }
        told++;
        other += to.set(out).hasOctetsOf(group.set(had)) ? 0 : 1;
      }
    }
    return 2 * other > told;
  }
}
