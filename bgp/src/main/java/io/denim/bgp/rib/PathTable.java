package io.denim.bgp.rib;

/**
 * The paths of all prefixes of one family, as lists that begin at a prefix. A path is a number; 20
 * octets each; nothing is allocated but to grow.
 *
 * <p>A path has the attributes that came ({@code raw}) and those that the import rules made of them
 * ({@code attributes}, {@link #NONE} when they refused it), since rules may change.
 */
final class PathTable {
  /** No path, no attributes. */
  static final int NONE = -1;

  // The columns.
  private static final int NEXT = 0;
  private static final int SOURCE = 1;
  private static final int RAW = 2;
  private static final int ATTRIBUTES = 3;
  private static final int AGE = 4;

  // A source stands above two marks.
  private static final int MARKS = 2;
  private static final int STALE = 1;
  private static final int LONG_LIVED = 2;

  private final Rows rows = new Rows(0, 0, 0, 0, 0);
  private int free = NONE;
  private int end;
  private int size;

  /** How many there are. */
  int size() {
    return size;
  }

  /** A new path at the head of a list. */
  int add(int head, int pathSource, int rawId, int attributesId, int now) {
    int path = free;
    if (path == NONE) {
      path = end++;
      rows.fit(path);
    } else {
      free = rows.get(path, NEXT);
    }
    size++;
    rows.set(path, NEXT, head);
    rows.set(path, SOURCE, pathSource << MARKS);
    rows.set(path, RAW, rawId);
    rows.set(path, ATTRIBUTES, attributesId);
    rows.set(path, AGE, now);
    return path;
  }

  /** Another announcement of the same path. */
  void set(int path, int rawId, int attributesId, int now) {
    rows.set(path, RAW, rawId);
    rows.set(path, ATTRIBUTES, attributesId);
    rows.set(path, AGE, now);
    fresh(path);
  }

  /** The path of a source in a list, or {@link #NONE}. */
  int find(int head, int pathSource) {
    int path = head;
    while (path != NONE && source(path) != pathSource) {
      path = next(path);
    }
    return path;
  }

  /** Takes a path out of a list; gives the new head. */
  int remove(int head, int path) {
    int after = next(path);
    int result = head;
    if (head == path) {
      result = after;
    } else {
      int before = head;
      while (next(before) != path) {
        before = next(before);
      }
      rows.set(before, NEXT, after);
    }
    rows.set(path, NEXT, free);
    free = path;
    size--;
    return result;
  }

  int next(int path) {
    return rows.get(path, NEXT);
  }

  int source(int path) {
    return rows.get(path, SOURCE) >>> MARKS;
  }

  int raw(int path) {
    return rows.get(path, RAW);
  }

  int attributes(int path) {
    return rows.get(path, ATTRIBUTES);
  }

  void attributes(int path, int attributesId) {
    rows.set(path, ATTRIBUTES, attributesId);
  }

  /** When it came, in seconds of the speaker's clock. */
  int age(int path) {
    return rows.get(path, AGE);
  }

  /** Whether its peer has not said it again since its session was lost. */
  boolean isStale(int path) {
    return (rows.get(path, SOURCE) & STALE) != 0;
  }

  /** Whether it is so beyond the restart time (RFC 9494). */
  boolean isLongLived(int path) {
    return (rows.get(path, SOURCE) & LONG_LIVED) != 0;
  }

  /** Its peer has said it again. */
  void fresh(int path) {
    rows.set(path, SOURCE, rows.get(path, SOURCE) & ~(STALE | LONG_LIVED));
  }

  /** Its peer's session was lost; one that is long-lived stays so. */
  void stale(int path) {
    rows.set(path, SOURCE, rows.get(path, SOURCE) | STALE);
  }

  /** The restart time is over. */
  void longLived(int path) {
    rows.set(path, SOURCE, rows.get(path, SOURCE) | STALE | LONG_LIVED);
  }
}
