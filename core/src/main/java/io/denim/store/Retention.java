package io.denim.store;

import java.util.List;

/**
 * How much history a journal keeps for watches that begin in the past, and when it is compacted.
 *
 * @param changes compacted when more changes than this, and twice as many as there are entries, are
 *     remembered; a quarter of them is kept
 * @param bytes compacted when the file is longer, unless the entries alone fill half of it
 */
record Retention(int changes, long bytes) {
  /** What a store uses when nothing is said: a few megabytes. */
  static final Retention USUAL = new Retention(4096, 16 << 20);

  /** Whether it is time to compact. */
  boolean exceeded(History history, long fileSize) {
    int remembered = history.remembered();
    return remembered > changes + 2L * history.count()
        || (fileSize > bytes && weight(history.changes()) > fileSize / 2);
  }

  /** The revision up to which changes are folded into the snapshot. */
  long newBase(History history) {
    List<Change> all = history.changes();
    long left = bytes / 4;
    int keep = 0;
    while (keep < all.size() / 4 && left > 0) {
      keep++;
      left -= weight(all.subList(all.size() - keep, all.size() - keep + 1));
    }
    return history.revision() - keep;
  }

  private static long weight(List<Change> changes) {
    long weight = 0;
    for (Change change : changes) {
      weight += change instanceof Change.Put put ? 64 + put.value().length() : 64;
    }
    return weight;
  }
}
