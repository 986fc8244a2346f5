package io.denim.bgp.policy;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A set of prefixes, given by matches, whose order and repetition do not count.
 *
 * <p>It is compiled when it is made: a hash table of the matches, keyed by the masked address and
 * its length. A look-up tries the lengths that occur in the set, at most 33 or 129, usually two or
 * three; it allocates nothing. The table takes about 60 octets a match.
 */
public final class PrefixSet {
  private final List<PrefixMatch> matches;
  private final int hash;
  private final Table v4;
  private final Table v6;

  private PrefixSet(Collection<PrefixMatch> given) {
    matches = given.stream().distinct().sorted().toList();
    hash = matches.hashCode();
    v4 = new Table(matches.stream().filter(each -> family(each) == Family.IPV4).toList());
    v6 = new Table(matches.stream().filter(each -> family(each) == Family.IPV6).toList());
  }

  private static Family family(PrefixMatch match) {
    return match.prefix().family();
  }

  /** The set of what these match. */
  public static PrefixSet of(Collection<PrefixMatch> matches) {
    return new PrefixSet(matches);
  }

  /** The set of what these match. */
  public static PrefixSet of(PrefixMatch... matches) {
    return new PrefixSet(List.of(matches));
  }

  /** The matches, sorted. */
  public List<PrefixMatch> matches() {
    return matches;
  }

  /** Whether a prefix is in the set. */
  public boolean contains(Cidr prefix) {
    IpAddress address = prefix.address();
    return contains(address.family(), address.high(), address.low(), prefix.length());
  }

  /**
   * Whether a prefix is in the set.
   *
   * @param high the upper 64 bits of an IPv6 address; 0 for IPv4
   * @param low the lower 64 bits; for IPv4 the 32 bits of the address
   * @param length the prefix length
   */
  public boolean contains(Family family, long high, long low, int length) {
    return (family == Family.IPV4 ? v4 : v6).contains(high, low, length, family.bits());
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof PrefixSet that && hash == that.hash && matches.equals(that.matches));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return matches.toString();
  }

  /** The matches of one family, by open addressing; those of one prefix lie behind each other. */
  private static final class Table {
    private final int[] lengths;
    private final int[] slots;
    private final long[] highs;
    private final long[] lows;
    private final short[] bases;
    private final short[] mins;
    private final short[] maxs;

    Table(List<PrefixMatch> matches) {
      int count = matches.size();
      lengths = matches.stream().mapToInt(each -> each.prefix().length()).distinct().toArray();
      Arrays.sort(lengths);
      slots = new int[count == 0 ? 1 : Integer.highestOneBit(count) * 4];
      highs = new long[count];
      lows = new long[count];
      bases = new short[count];
      mins = new short[count];
      maxs = new short[count];
      Arrays.fill(slots, -1);
      for (int i = 0; i < count; i++) {
        put(i, matches.get(i));
      }
    }

    private void put(int i, PrefixMatch match) {
      IpAddress address = match.prefix().address();
      highs[i] = address.high();
      lows[i] = address.low();
      bases[i] = (short) match.prefix().length();
      mins[i] = (short) match.min();
      maxs[i] = (short) match.max();
      int slot = slot(highs[i], lows[i], bases[i]);
      while (slots[slot] >= 0) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = i;
    }

    private int slot(long high, long low, int length) {
      long mixed = (31 * (31 * high + low) + length) * 0x9e37_79b9_7f4a_7c15L;
      return (int) (mixed >>> 32) & (slots.length - 1);
    }

    boolean contains(long high, long low, int length, int bits) {
      for (int base : lengths) {
        if (base > length) {
          return false;
        }
        if (inside(maskHigh(high, base, bits), maskLow(low, base, bits), base, length)) {
          return true;
        }
      }
      return false;
    }

    private boolean inside(long high, long low, int base, int length) {
      int slot = slot(high, low, base);
      for (int i = slots[slot]; i >= 0; i = slots[slot]) {
        if (bases[i] == base
            && lows[i] == low
            && highs[i] == high
            && length >= mins[i]
            && length <= maxs[i]) {
          return true;
        }
        slot = (slot + 1) & (slots.length - 1);
      }
      return false;
    }

    private static long maskHigh(long high, int length, int bits) {
      return bits == 32 ? 0 : high & ones(length);
    }

    private static long maskLow(long low, int length, int bits) {
      return bits == 32 ? low & ones(length + 32) : low & ones(length - 64);
    }

    /** A long whose first {@code count} bits are 1; none or all beyond the ends. */
    private static long ones(int count) {
      return count <= 0 ? 0 : count >= 64 ? -1L : -1L << (64 - count);
    }
  }
}
