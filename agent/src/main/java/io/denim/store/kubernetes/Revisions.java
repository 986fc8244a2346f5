package io.denim.store.kubernetes;

/**
 * Compares resource versions. They are decimal numbers that only grow, for every list of a server
 * (KEP-5504); what is no number is equal to everything.
 */
public final class Revisions {
  private Revisions() {}

  /** Whether one is surely smaller than the other. */
  public static boolean isOlder(String one, String other) {
    if (!isNumber(one) || !isNumber(other)) {
      return false;
    }
    return one.length() != other.length()
        ? one.length() < other.length()
        : one.compareTo(other) < 0;
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.charAt(0) != '0'
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
