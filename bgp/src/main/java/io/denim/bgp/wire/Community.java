package io.denim.bgp.wire;

import java.util.Optional;

/**
 * The names of 32-bit communities (RFC 1997): two numbers of 16 bits, written {@code 64512:100}.
 */
public final class Community {
  /** Not outside of the AS or confederation (RFC 1997). */
  public static final int NO_EXPORT = 0xffffff01;

  /** To no peer at all (RFC 1997). */
  public static final int NO_ADVERTISE = 0xffffff02;

  /** To no external peer, members of the confederation included (RFC 1997). */
  public static final int NO_EXPORT_SUBCONFED = 0xffffff03;

  /** About to be withdrawn: prefer another (RFC 8326). */
  public static final int GRACEFUL_SHUTDOWN = 0xffff0000;

  /** Kept beyond the restart time of its peer: least preferred (RFC 9494). */
  public static final int LLGR_STALE = 0xffff0006;

  /** Not to be kept beyond the restart time (RFC 9494). */
  public static final int NO_LLGR = 0xffff0007;

  /** Traffic to be thrown away (RFC 7999). */
  public static final int BLACKHOLE = 0xffff029a;

  private Community() {}

  /**
   * Reads {@code 64512:100}.
   *
   * @throws IllegalArgumentException when it is no such text
   */
  public static int parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "\""
                    + text
                    + "\" is not a community; allowed: two numbers of 0 to 65535, such as"
                    + " 64512:100"));
  }

  /** As {@link #parse}; empty when it is no such text. */
  public static Optional<Integer> tryParse(String text) {
    long[] parts = numbers(text, 2, 0xffff);
    return parts.length == 0
        ? Optional.empty()
        : Optional.of((int) parts[0] << 16 | (int) parts[1]);
  }

  /** The text of a community. */
  public static String format(int community) {
    return (community >>> 16) + ":" + (community & 0xffff);
  }

  /** So many decimal numbers with colons between; none when it is no such text. */
  static long[] numbers(String text, int count, long max) {
    String[] parts = text.split(":", -1);
    long[] numbers = new long[count];
    if (parts.length != count) {
      return new long[0];
    }
    for (int i = 0; i < count; i++) {
      String part = parts[i];
      boolean digits = part.chars().allMatch(c -> c >= '0' && c <= '9');
      if (part.isEmpty() || part.length() > 10 || !digits) {
        return new long[0];
      }
      numbers[i] = Long.parseLong(part);
      if (numbers[i] > max) {
        return new long[0];
      }
    }
    return numbers;
  }
}
