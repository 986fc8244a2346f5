package io.denim.net;

import java.util.Optional;

/**
 * An IPv4 or IPv6 address without a zone. Ordered by family (IPv4 first), then as unsigned numbers.
 *
 * @param family the family
 * @param high the upper 64 bits; 0 for IPv4
 * @param low the lower 64 bits; for IPv4 the 32 bits of the address
 */
public record IpAddress(Family family, long high, long low) implements Comparable<IpAddress> {
  /** 0.0.0.0. */
  public static final IpAddress ANY_V4 = v4(0);

  /** ::. */
  public static final IpAddress ANY_V6 = v6(0, 0);

  /** Checks that an IPv4 address has no bits above the 32nd. */
  public IpAddress {
    if (family == Family.IPV4 && (high != 0 || low >>> 32 != 0)) {
      throw new IllegalArgumentException("an IPv4 address has 32 bits, got " + high + ":" + low);
    }
  }

  /**
   * Spreads well: the first addresses of subnets differ in a few bits in the middle only, and
   * tables of thousands of them would fill a few places.
   */
  @Override
  public int hashCode() {
    long mixed = (31 * high + low) * 0x9e37_79b9_7f4a_7c15L;
    return (int) (mixed >>> 32);
  }

  /** The IPv4 address of these 32 bits, most significant octet first. */
  public static IpAddress v4(int bits) {
    return new IpAddress(Family.IPV4, 0, bits & 0xffffffffL);
  }

  /** The IPv6 address of these 128 bits. */
  public static IpAddress v6(long high, long low) {
    return new IpAddress(Family.IPV6, high, low);
  }

  /**
   * The address of 4 or 16 octets in network order.
   *
   * @throws IllegalArgumentException for another length
   */
  public static IpAddress ofBytes(byte[] octets) {
    return switch (octets.length) {
      case 4 -> new IpAddress(Family.IPV4, 0, read(octets, 0, 4));
      case 16 -> v6(read(octets, 0, 8), read(octets, 8, 8));
      default ->
          throw new IllegalArgumentException("an address has 4 or 16 octets, got " + octets.length);
    };
  }

  private static long read(byte[] octets, int from, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | (octets[from + i] & 0xff);
    }
    return value;
  }

  /**
   * Reads a dotted quad or an IPv6 text.
   *
   * @throws InvalidTextException when it is neither
   */
  public static IpAddress parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new InvalidTextException(
                text, "is not an IP address", "such as 10.244.0.1 or fd00::1"));
  }

  /** Reads a dotted quad or an IPv6 text; empty when it is neither. */
  public static Optional<IpAddress> tryParse(String text) {
    return text.indexOf(':') < 0 ? IpText.parseV4(text) : IpText.parseV6(text);
  }

  /** The address as 4 or 16 octets in network order, a new array each time. */
  public byte[] bytes() {
    int count = family.bits() / 8;
    byte[] octets = new byte[count];
    for (int i = 0; i < count; i++) {
      int shift = 8 * (count - 1 - i);
      octets[i] = (byte) (shift >= 64 ? high >>> (shift - 64) : low >>> shift);
    }
    return octets;
  }

  /** The 32 bits of an IPv4 address; the lowest 32 of an IPv6 one. */
  public int low32() {
    return (int) low;
  }

  /** The address as IPv6 has it: one of IPv4 is ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
  public IpAddress mapped() {
    return isV4() ? v6(0, 0xffff_0000_0000L | low) : this;
  }

  /** Whether this is an IPv4 address. */
  public boolean isV4() {
    return family == Family.IPV4;
  }

  /** Whether this is 0.0.0.0 or ::. */
  public boolean isAny() {
    return high == 0 && low == 0;
  }

  /** Whether this is in 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291). */
  public boolean isLinkLocal() {
    return isV4() ? low >>> 16 == 0xa9fe : high >>> 54 == 0xfe80 >>> 6;
  }

  /** Whether this is in fe80::/10, and says nothing without its interface (RFC 4007). */
  public boolean needsInterface() {
    return !isV4() && isLinkLocal();
  }

  /** Whether this is in 127.0.0.0/8 or ::1. */
  public boolean isLoopback() {
    return isV4() ? low >>> 24 == 127 : high == 0 && low == 1;
  }

  /** Whether this is in 224.0.0.0/4 or ff00::/8. */
  public boolean isMulticast() {
    return isV4() ? low >>> 28 == 0xe : high >>> 56 == 0xff;
  }

  /**
   * The address {@code count} further on (or back, when negative), modulo the size of the family's
   * space.
   */
  public IpAddress plus(long count) {
    if (isV4()) {
      return v4((int) (low + count));
    }
    long sum = low + count;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return v6(high + carry + (count < 0 ? -1 : 0), sum);
  }

  /** This address with all bits after the first {@code length} set to 0. */
  public IpAddress masked(int length) {
    if (isV4()) {
      return v4(length == 0 ? 0 : low32() & (-1 << (32 - length)));
    }
    return v6(high & mask64(length), low & mask64(length - 64));
  }

  /** This address with all bits after the first {@code length} set to 1. */
  IpAddress filled(int length) {
    if (isV4()) {
      return v4(length == 32 ? low32() : low32() | (-1 >>> length));
    }
    return v6(high | ~mask64(length), low | ~mask64(length - 64));
  }

  private static long mask64(int length) {
    return length <= 0 ? 0 : length >= 64 ? -1L : -1L << (64 - length);
  }

  @Override
  public int compareTo(IpAddress other) {
    int order = family.compareTo(other.family);
    if (order == 0) {
      order = Long.compareUnsigned(high, other.high);
    }
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  /** The canonical text: a dotted quad, or RFC 5952. */
  @Override
  public String toString() {
    return isV4() ? IpText.formatV4(low32()) : IpText.formatV6(this);
  }
}
