package io.denim.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that somebody probably meant. */
final class Spelling {
  private static final int LONGEST = 64;

  private Spelling() {}

  /** The nearest of the words, if it is at most a third of its letters away. */
  static Optional<String> nearest(String text, Collection<String> words) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    String lower = text.toLowerCase(Locale.ROOT);
    return words.stream()
        .filter(word ->
            distance(lower, word.toLowerCase(Locale.ROOT)) <= Math.max(1, word.length() / 3))
        .min(
            Comparator.comparingInt((String word) -> distance(lower, word.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** The number of letters to insert, drop, replace or swap with their neighbour. */
  static int distance(String from, String to) {
    int[][] steps = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          steps[i][j] = i + j;
          continue;
        }
        int replaced = steps[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(steps[i - 1][j], steps[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          best = Math.min(best, steps[i - 2][j - 2] + 1);
        }
        steps[i][j] = best;
      }
    }
    return steps[from.length()][to.length()];
  }
}
