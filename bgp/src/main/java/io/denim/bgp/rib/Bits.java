package io.denim.bgp.rib;

import java.util.Arrays;

/** A growing set of small numbers. */
final class Bits {
  private long[] words = new long[0];

  boolean get(int index) {
    int word = index >>> 6;
    return word < words.length && (words[word] >>> index & 1) != 0;
  }

  void set(int index) {
    int word = index >>> 6;
    if (word >= words.length) {
      words = Arrays.copyOf(words, Math.max(word + 1, Growth.next(words.length)));
    }
    words[word] |= 1L << index;
  }

  void clear(int index) {
    int word = index >>> 6;
    if (word < words.length) {
      words[word] &= ~(1L << index);
    }
  }
}
