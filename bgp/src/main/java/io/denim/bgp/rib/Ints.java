package io.denim.bgp.rib;

import java.util.Arrays;

/**
 * A growing list of int values in pages: to grow, nothing is copied and nothing becomes garbage,
 * and of a million entries at most a page is too many.
 */
final class Ints {
  private static final int BITS = 13;
  private static final int MASK = (1 << BITS) - 1;

  private final int initial;
  private int[][] pages = new int[0][];

  /** An empty list whose entries have this value until they are set. */
  Ints(int initial) {
    this.initial = initial;
  }

  /** How many entries there are. */
  int size() {
    return pages.length << BITS;
  }

  /** There is an entry with this index. */
  void fit(int index) {
    int before = pages.length;
    int needed = (index >>> BITS) + 1;
    if (needed > before) {
      pages = Arrays.copyOf(pages, needed);
      for (int page = before; page < needed; page++) {
        pages[page] = new int[MASK + 1];
        if (initial != 0) {
          Arrays.fill(pages[page], initial);
        }
      }
    }
  }

  /** Sets an entry behind all that were set before; there is one with this index then. */
  void append(int index, int value) {
    if ((index & MASK) == 0) {
      fit(index);
    }
    set(index, value);
  }

  int get(int index) {
    return pages[index >>> BITS][index & MASK];
  }

  void set(int index, int value) {
    pages[index >>> BITS][index & MASK] = value;
  }
}
