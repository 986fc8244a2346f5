package io.denim.cni;

/** Foreign text as a message shows it: not longer than a line. */
final class Excerpt {
  private static final int LONGEST = 80;

  private Excerpt() {}

  /** The text, or its beginning. */
  static String of(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  /** As {@link #of}, in quotes. */
  static String quoted(String text) {
    return '"' + of(text) + '"';
  }
}
