package io.denim.bgp.rib;

/**
 * Prefixes without paths, in the order in which they went, and the version of the table with which
 * each did. 8 octets each; nothing is allocated but to grow.
 */
final class Tombs {
  private final Ints prefixes = new Ints(0);
  private final Ints versions = new Ints(0);
  private int first;
  private int end;

  boolean isEmpty() {
    return first == end;
  }

  /** The prefix that has been here longest. */
  int prefix() {
    return prefixes.get(first);
  }

  /** Its version. */
  int version() {
    return versions.get(first);
  }

  /** Takes it out. */
  void poll() {
    first++;
    if (first == end) {
      first = 0;
      end = 0;
    }
  }

  void add(int prefix, int version) {
    if (end == prefixes.size() && 2 * first > end) {
      moveToFront();
    }
    prefixes.fit(end);
    versions.fit(end);
    prefixes.set(end, prefix);
    versions.set(end++, version);
  }

  private void moveToFront() {
    for (int i = first; i < end; i++) {
      prefixes.set(i - first, prefixes.get(i));
      versions.set(i - first, versions.get(i));
    }
    end -= first;
    first = 0;
  }
}
