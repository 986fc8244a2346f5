package io.denim.net;

import java.util.Optional;

/**
 * A prefix: an address whose bits after the first {@code length} are 0. Ordered by address, then by
 * length (shorter first).
 *
 * @param address the lowest address
 * @param length the number of leading bits that count, 0 to 32 or 128
 */
public record Cidr(IpAddress address, int length) implements Comparable<Cidr> {
  private static final String ALLOWED = "such as 10.244.0.0/16 or fd00:10::/48";

  /** 0.0.0.0/0. */
  public static final Cidr ALL_V4 = new Cidr(IpAddress.ANY_V4, 0);

  /** ::/0. */
  public static final Cidr ALL_V6 = new Cidr(IpAddress.ANY_V6, 0);

  /** Checks the length and that no host bit is set. */
  public Cidr {
    if (length < 0 || length > address.family().bits()) {
      throw new IllegalArgumentException(
          "the prefix length of "
              + address
              + " is 0 to "
              + address.family().bits()
              + ", got "
              + length);
    }
    if (!address.masked(length).equals(address)) {
      throw new IllegalArgumentException(address + "/" + length + " has host bits set");
    }
  }

  /** The prefix of this length that the address lies in. */
  public static Cidr of(IpAddress member, int length) {
    return new Cidr(member.masked(length), length);
  }

  /** The prefix that holds this address only. */
  public static Cidr host(IpAddress address) {
    return new Cidr(address, address.family().bits());
  }

  /**
   * Reads {@code address/length}; host bits are dropped, so 10.244.3.7/16 is 10.244.0.0/16.
   *
   * @throws InvalidTextException when it is no such text
   */
  public static Cidr parse(String text) {
    return tryParse(text)
        .orElseThrow(() -> new InvalidTextException(text, "is not a CIDR", ALLOWED));
  }

  /** As {@link #parse}; empty when it is no such text. */
  public static Optional<Cidr> tryParse(String text) {
    return InterfaceAddress.tryParse(text).map(InterfaceAddress::subnet);
  }

  /**
   * As {@link #parse}, but set host bits are refused.
   *
   * @throws InvalidTextException when it is no such text or has host bits
   */
  public static Cidr strict(String text) {
    InterfaceAddress read =
        InterfaceAddress.tryParse(text)
            .orElseThrow(() -> new InvalidTextException(text, "is not a CIDR", ALLOWED));
    if (!read.subnet().address().equals(read.address())) {
      throw new InvalidTextException(text, "has host bits set", read.subnet().toString());
    }
    return read.subnet();
  }

  /** The family of the address. */
  public Family family() {
    return address.family();
  }

  /** Whether the address lies in this prefix; false for one of the other family. */
  public boolean contains(IpAddress other) {
    return other.family() == family() && other.masked(length).equals(address);
  }

  /** Whether all of the other prefix lies in this one (a prefix contains itself). */
  public boolean contains(Cidr other) {
    return other.length >= length && contains(other.address);
  }

  /** Whether some address lies in both. */
  public boolean overlaps(Cidr other) {
    return contains(other) || other.contains(this);
  }

  /** The highest address; in an IPv4 subnet its broadcast address. */
  public IpAddress last() {
    return address.filled(length);
  }

  /** The prefix of the same length that follows; wraps at the end of the address space. */
  public Cidr next() {
    return new Cidr(last().plus(1), length);
  }

  /** Whether this is a single address. */
  public boolean isHost() {
    return length == family().bits();
  }

  @Override
  public int compareTo(Cidr other) {
    int order = address.compareTo(other.address);
    return order != 0 ? order : Integer.compare(length, other.length);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
