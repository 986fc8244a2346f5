package io.denim.bgp.wire;

import java.util.Comparator;
import java.util.Optional;

/**
 * A community of three 32-bit numbers (RFC 8092), written {@code 4200000000:1:2}. Ordered as on the
 * wire.
 *
 * @param global the AS that gives the others their meaning
 * @param local1 the first number of that AS's choice
 * @param local2 the second
 */
public record LargeCommunity(long global, long local1, long local2)
    implements Comparable<LargeCommunity> {
  private static final long MAX = 0xffffffffL;
  private static final Comparator<LargeCommunity> ORDER =
      Comparator.comparingLong(LargeCommunity::global)
          .thenComparingLong(LargeCommunity::local1)
          .thenComparingLong(LargeCommunity::local2);

  /** Checks that each number is of 32 bits. */
  public LargeCommunity {
    if (((global | local1 | local2) & ~MAX) != 0) {
      throw new IllegalArgumentException(
          "the numbers of a large community are 0 to 4294967295, got "
              + global
              + ":"
              + local1
              + ":"
              + local2);
    }
  }

  /**
   * Reads {@code 4200000000:1:2}.
   *
   * @throws IllegalArgumentException when it is no such text
   */
  public static LargeCommunity parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "\""
                    + text
                    + "\" is not a large community; allowed: three numbers of 0 to 4294967295,"
                    + " such as 4200000000:1:2"));
  }

  /** As {@link #parse}; empty when it is no such text. */
  public static Optional<LargeCommunity> tryParse(String text) {
    long[] parts = Community.numbers(text, 3, MAX);
    return parts.length == 0
        ? Optional.empty()
        : Optional.of(new LargeCommunity(parts[0], parts[1], parts[2]));
  }

  @Override
  public int compareTo(LargeCommunity other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return global + ":" + local1 + ":" + local2;
  }
}
