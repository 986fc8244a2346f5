package io.denim.bgp.rib;

import java.util.Arrays;

/**
 * Prefixes without paths, in the order in which they went, and the version of the table with which
 * each did. 8 octets each; nothing is allocated but to grow.
 */
final class Tombs {
  private int[] prefixes = new int[16];
  private int[] versions = new int[16];
  private int first;
  private int end;

  boolean isEmpty() {
    return first == end;
  }

  /** The prefix that has been here longest. */
  int prefix() {
    return prefixes[first];
  }

  /** Its version. */
  int version() {
    return versions[first];
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
    if (end == prefixes.length) {
      makeRoom();
    }
    prefixes[end] = prefix;
    versions[end++] = version;
  }

  private void makeRoom() {
    int count = end - first;
    int length = 2 * count > prefixes.length ? Growth.next(prefixes.length) : prefixes.length;
    prefixes = Arrays.copyOf(Arrays.copyOfRange(prefixes, first, end), length);
    versions = Arrays.copyOf(Arrays.copyOfRange(versions, first, end), length);
    first = 0;
    end = count;
  }
}
