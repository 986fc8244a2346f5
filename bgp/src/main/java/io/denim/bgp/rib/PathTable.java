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

  private final Ints next = new Ints(0);
  private final Ints source = new Ints(0);
  private final Ints raw = new Ints(0);
  private final Ints attributes = new Ints(0);
  private final Ints age = new Ints(0);
  private final Bits stale = new Bits();
  private final Bits longLived = new Bits();
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
      fit(path);
    } else {
      free = next.get(path);
    }
    size++;
    next.set(path, head);
    source.set(path, pathSource);
    set(path, rawId, attributesId, now);
    return path;
  }

  /** Another announcement of the same path. */
  void set(int path, int rawId, int attributesId, int now) {
    raw.set(path, rawId);
    attributes.set(path, attributesId);
    age.set(path, now);
    fresh(path);
  }

  /** The path of a source in a list, or {@link #NONE}. */
  int find(int head, int pathSource) {
    int path = head;
    while (path != NONE && source.get(path) != pathSource) {
      path = next.get(path);
    }
    return path;
  }

  /** Takes a path out of a list; gives the new head. */
  int remove(int head, int path) {
    int after = next.get(path);
    int result = head;
    if (head == path) {
      result = after;
    } else {
      int before = head;
      while (next.get(before) != path) {
        before = next.get(before);
      }
      next.set(before, after);
    }
    next.set(path, free);
    free = path;
    size--;
    return result;
  }

  int next(int path) {
    return next.get(path);
  }

  int source(int path) {
    return source.get(path);
  }

  int raw(int path) {
    return raw.get(path);
  }

  int attributes(int path) {
    return attributes.get(path);
  }

  void attributes(int path, int attributesId) {
    attributes.set(path, attributesId);
  }

  /** When it came, in seconds of the speaker's clock. */
  int age(int path) {
    return age.get(path);
  }

  /** Whether its peer has not said it again since its session was lost. */
  boolean isStale(int path) {
    return stale.get(path);
  }

  /** Whether it is so beyond the restart time (RFC 9494). */
  boolean isLongLived(int path) {
    return longLived.get(path);
  }

  /** Its peer has said it again. */
  void fresh(int path) {
    stale.clear(path);
    longLived.clear(path);
  }

  /** Its peer's session was lost; one that is long-lived stays so. */
  void stale(int path) {
    stale.set(path);
  }

  /** The restart time is over. */
  void longLived(int path) {
    stale.set(path);
    longLived.set(path);
  }

  private void fit(int path) {
    next.fit(path);
    source.fit(path);
    raw.fit(path);
    attributes.fit(path);
    age.fit(path);
  }
}
