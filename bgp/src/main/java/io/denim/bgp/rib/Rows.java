package io.denim.bgp.rib;

import java.util.Arrays;

/**
 * A growing table of int values in pages of rows: to grow, nothing is copied and nothing becomes
 * garbage, and of a million rows at most a page is too many. What is known of one thing stands side
 * by side, in one line of the processor's cache or two.
 */
final class Rows {
  private static final int BITS = 12;
  private static final int MASK = (1 << BITS) - 1;

  private final int width;
  private final int[] initial;
  private int[][] pages = new int[0][];

  /**
   * An empty table.
   *
   * @param initial the values of a row until they are set; as many as there are columns
   */
  Rows(int... initial) {
    this.initial = initial.clone();
    width = initial.length;
  }

  /** There is a row with this index. */
  void fit(int row) {
    int before = pages.length;
    int needed = (row >>> BITS) + 1;
    if (needed > before) {
      pages = Arrays.copyOf(pages, needed);
      for (int page = before; page < needed; page++) {
        pages[page] = page();
      }
    }
  }

  private int[] page() {
    int[] page = new int[width << BITS];
    for (int column = 0; column < width; column++) {
      for (int at = column; initial[column] != 0 && at < page.length; at += width) {
        page[at] = initial[column];
      }
    }
    return page;
  }

  int get(int row, int column) {
    return pages[row >>> BITS][(row & MASK) * width + column];
  }

  void set(int row, int column, int value) {
    pages[row >>> BITS][(row & MASK) * width + column] = value;
  }
}
