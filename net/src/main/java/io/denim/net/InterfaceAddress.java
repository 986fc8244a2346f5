package io.denim.net;

import java.util.Optional;

/**
 * An address as a device carries it: with the length of the prefix that is on the link. Host bits
 * are kept.
 *
 * @param address the device's own address
 * @param length the on-link prefix length, 0 to 32 or 128
 */
public record InterfaceAddress(IpAddress address, int length)
    implements Comparable<InterfaceAddress> {
  /** Checks the length. */
  public InterfaceAddress {
    if (length < 0 || length > address.family().bits()) {
      throw new IllegalArgumentException(
          "the prefix length of "
              + address
              + " is 0 to "
              + address.family().bits()
              + ", got "
              + length);
    }
  }

  /**
   * Reads {@code address/length}.
   *
   * @throws InvalidTextException when it is no such text
   */
  public static InterfaceAddress parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new InvalidTextException(
                text, "is not an address with a prefix length", "such as 10.244.1.1/24"));
  }

  /** As {@link #parse}; empty when it is no such text. */
  public static Optional<InterfaceAddress> tryParse(String text) {
    int slash = text.indexOf('/');
    int digits = text.length() - slash - 1;
    if (slash < 0 || digits < 1 || digits > 3) {
      return Optional.empty();
    }
    int length = 0;
    for (int i = slash + 1; i < text.length(); i++) {
      if (!IpText.isDigit(text.charAt(i))) {
        return Optional.empty();
      }
      length = length * 10 + text.charAt(i) - '0';
    }
    int prefix = length;
    boolean leadingZero = digits > 1 && text.charAt(slash + 1) == '0';
    return IpAddress.tryParse(text.substring(0, slash))
        .filter(address -> !leadingZero && prefix <= address.family().bits())
        .map(address -> new InterfaceAddress(address, prefix));
  }

  /** The prefix on the link. */
  public Cidr subnet() {
    return Cidr.of(address, length);
  }

  @Override
  public int compareTo(InterfaceAddress other) {
    int order = address.compareTo(other.address);
    return order != 0 ? order : Integer.compare(length, other.length);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
