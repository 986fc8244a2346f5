package io.denim.bgp.rib;

import java.util.Arrays;

/** How arrays grow: by half, since doubling a million of entries is seen as a pause. */
final class Growth {
  private Growth() {}

  static int next(int length) {
    return length + (length >> 1) + 16;
  }

  /** The array itself, or a longer copy in which the index exists. */
  static int[] fit(int[] array, int index) {
    return index < array.length
        ? array
        : Arrays.copyOf(array, Math.max(index + 1, next(array.length)));
  }
}
