package io.denim.linux.nft;

import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** Octets as a value: register data, set keys. */
public final class Bytes implements Comparable<Bytes> {
  private final byte[] octets;

  private Bytes(byte[] octets) {
    this.octets = octets;
  }

  /** A copy of these octets. */
  public static Bytes of(byte... octets) {
    return new Bytes(octets.clone());
  }

  /** Four octets in host order, as the kernel holds marks, interface numbers and states. */
  public static Bytes host32(int value) {
    return be32(Integer.reverseBytes(value));
  }

  /** Four octets in network order. */
  public static Bytes be32(int value) {
    return of((byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value);
  }

  /** Two octets in network order, such as a port. */
  public static Bytes be16(int value) {
    return of((byte) (value >>> 8), (byte) value);
  }

  /** A device name as the kernel compares it: 16 octets, padded with NUL. */
  public static Bytes name(String device) {
    return of(Arrays.copyOf(device.getBytes(java.nio.charset.StandardCharsets.UTF_8), 16));
  }

  /** One octet, such as a protocol. */
  public static Bytes u8(int value) {
    return of((byte) value);
  }

  /** An address, 4 or 16 octets. */
  public static Bytes address(IpAddress address) {
    return of(address.bytes());
  }

  /** A hardware address, 6 octets. */
  public static Bytes mac(MacAddress mac) {
    return of(mac.bytes());
  }

  /** How many. */
  public int length() {
    return octets.length;
  }

  /** A copy of the octets. */
  public byte[] toArray() {
    return octets.clone();
  }

  /**
   * These one after another, each padded to 4 octets: a key or a value of a {@linkplain
   * TableState.ValueType#then concatenated type}.
   */
  public static Bytes concatenation(Bytes... parts) {
    int length = 0;
    for (Bytes part : parts) {
      length += padded(part.octets.length);
    }
    byte[] joined = new byte[length];
    int at = 0;
    for (Bytes part : parts) {
      System.arraycopy(part.octets, 0, joined, at, part.octets.length);
      at += padded(part.octets.length);
    }
    return new Bytes(joined);
  }

  private static int padded(int length) {
    return (length + 3) & ~3;
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(octets, other.octets);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(octets);
  }
}
