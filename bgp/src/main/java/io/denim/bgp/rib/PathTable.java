package io.denim.bgp.rib;

import java.util.Arrays;

/**
 * The paths of all prefixes of one family, as lists that begin at a prefix. A path is a number; 21
 * octets each; nothing is allocated but to grow.
 *
 * <p>A path has the attributes that came ({@code raw}) and those that the import rules made of them
 * ({@code attributes}, {@link #NONE} when they refused it), since rules may change.
 */
final class PathTable {
  /** No path, no attributes. */
  static final int NONE = -1;

  private static final int FIRST = 256;
  private static final byte FRESH = 0;
  private static final byte STALE = 1;
  private static final byte LONG_LIVED = 2;

  private int[] next = new int[FIRST];
  private int[] source = new int[FIRST];
  private int[] raw = new int[FIRST];
  private int[] attributes = new int[FIRST];
  private int[] age = new int[FIRST];
  private byte[] stale = new byte[FIRST];
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
      if (path == next.length) {
        grow();
      }
    } else {
      free = next[path];
    }
    size++;
    next[path] = head;
    source[path] = pathSource;
    set(path, rawId, attributesId, now);
    return path;
  }

  /** Another announcement of the same path. */
  void set(int path, int rawId, int attributesId, int now) {
    raw[path] = rawId;
    attributes[path] = attributesId;
    age[path] = now;
    stale[path] = FRESH;
  }

  /** The path of a source in a list, or {@link #NONE}. */
  int find(int head, int pathSource) {
    int path = head;
    while (path != NONE && source[path] != pathSource) {
      path = next[path];
    }
    return path;
  }

  /** Takes a path out of a list; gives the new head. */
  int remove(int head, int path) {
    int after = next[path];
    int result = head;
    if (head == path) {
      result = after;
    } else {
      int before = head;
      while (next[before] != path) {
        before = next[before];
      }
      next[before] = after;
    }
    next[path] = free;
    free = path;
    size--;
    return result;
  }

  int next(int path) {
    return next[path];
  }

  int source(int path) {
    return source[path];
  }

  int raw(int path) {
    return raw[path];
  }

  int attributes(int path) {
    return attributes[path];
  }

  void attributes(int path, int attributesId) {
    attributes[path] = attributesId;
  }

  /** When it came, in seconds of the speaker's clock. */
  int age(int path) {
    return age[path];
  }

  /** Whether its peer has not said it again since its session was lost. */
  boolean isStale(int path) {
    return stale[path] != FRESH;
  }

  /** Whether it is so beyond the restart time (RFC 9494). */
  boolean isLongLived(int path) {
    return stale[path] == LONG_LIVED;
  }

  /** Its peer has said it again. */
  void fresh(int path) {
    stale[path] = FRESH;
  }

  /** Its peer's session was lost; one that is long-lived stays so. */
  void stale(int path) {
    stale[path] = (byte) Math.max(stale[path], STALE);
  }

  /** The restart time is over. */
  void longLived(int path) {
    stale[path] = LONG_LIVED;
  }

  private void grow() {
    int larger = Growth.next(next.length);
    next = Arrays.copyOf(next, larger);
    source = Arrays.copyOf(source, larger);
    raw = Arrays.copyOf(raw, larger);
    attributes = Arrays.copyOf(attributes, larger);
    age = Arrays.copyOf(age, larger);
    stale = Arrays.copyOf(stale, larger);
  }
}
