package io.denim.net;

import java.util.HexFormat;
import java.util.Optional;

/**
 * A 48-bit hardware address (IEEE 802).
 *
 * @param bits the address in the lower 48 bits, first octet highest
 */
public record MacAddress(long bits) implements Comparable<MacAddress> {
  /** 00:00:00:00:00:00, in a VXLAN FDB "everybody else". */
  public static final MacAddress ZERO = new MacAddress(0);

  /** Checks that no bit above the 48th is set. */
  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("a MAC address has 48 bits, got " + bits);
    }
  }

  /**
   * The address of six octets.
   *
   * @throws IllegalArgumentException for another length
   */
  public static MacAddress ofBytes(byte[] octets) {
    if (octets.length != 6) {
      throw new IllegalArgumentException("a MAC address has 6 octets, got " + octets.length);
    }
    long bits = 0;
    for (byte octet : octets) {
      bits = bits << 8 | (octet & 0xff);
    }
    return new MacAddress(bits);
  }

  /**
   * A locally administered unicast address made of the lower 48 of these bits (the two flag bits of
   * the first octet are set as they must be), for addresses that are drawn at random.
   */
  public static MacAddress local(long random) {
    return new MacAddress((random & 0xfcff_ffff_ffffL) | 0x0200_0000_0000L);
  }

  /**
   * Reads six hexadecimal octets with colons.
   *
   * @throws InvalidTextException when it is no such text
   */
  public static MacAddress parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new InvalidTextException(text, "is not a MAC address", "such as c6:d2:32:6f:8f:44"));
  }

  /** As {@link #parse}; empty when it is no such text. */
  public static Optional<MacAddress> tryParse(String text) {
    if (text.length() != 17) {
      return Optional.empty();
    }
    long bits = 0;
    for (int i = 0; i < 17; i++) {
      char c = text.charAt(i);
      if (i % 3 == 2) {
        if (c != ':') {
          return Optional.empty();
        }
      } else if (HexFormat.isHexDigit(c)) {
        bits = bits << 4 | HexFormat.fromHexDigit(c);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(new MacAddress(bits));
  }

  /** The six octets, a new array each time. */
  public byte[] bytes() {
    byte[] octets = new byte[6];
    for (int i = 0; i < 6; i++) {
      octets[i] = (byte) (bits >>> (40 - 8 * i));
    }
    return octets;
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(bytes());
  }
}
