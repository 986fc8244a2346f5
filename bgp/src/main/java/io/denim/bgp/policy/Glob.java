package io.denim.bgp.policy;

/**
 * A pattern of names: {@code *} stands for any number of characters, {@code ?} for one, all others
 * for themselves.
 *
 * @param pattern the pattern
 */
public record Glob(String pattern) {
  /** Checks that it can match something. */
  public Glob {
    if (pattern.isEmpty()) {
      throw new IllegalArgumentException("a pattern of names is not empty");
    }
  }

  /** Whether the whole name fits. At most the product of the lengths in time; allocates nothing. */
  public boolean matches(String name) {
    int at = 0;
    int star = -1;
    int resume = 0;
    int i = 0;
    while (i < name.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        resume = i;
      } else if (at < pattern.length() && fits(pattern.charAt(at), name.charAt(i))) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++resume;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }

  private static boolean fits(char wanted, char given) {
    return wanted == '?' || wanted == given;
  }

  @Override
  public String toString() {
    return pattern;
  }
}
