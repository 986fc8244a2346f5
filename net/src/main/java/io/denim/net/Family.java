package io.denim.net;

/** The address family of an {@link IpAddress}. */
public enum Family {
  /** IPv4, 32 bits (RFC 791). */
  IPV4(32),
  /** IPv6, 128 bits (RFC 8200). */
  IPV6(128);

  private final int bits;

  Family(int bits) {
    this.bits = bits;
  }

  /** The length of an address in bits. */
  public int bits() {
    return bits;
  }

  @Override
  public String toString() {
    return this == IPV4 ? "IPv4" : "IPv6";
  }
}
