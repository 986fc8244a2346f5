package io.denim.linux.nft;

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

  /** How many. */
  public int length() {
    return octets.length;
  }

  /** A copy of the octets. */
  public byte[] toArray() {
    return octets.clone();
  }

  /** These octets and then those, each part padded to 4 octets, as a concatenated key. */
  public Bytes concat(Bytes next) {
    int padded = (octets.length + 3) & ~3;
    byte[] joined = Arrays.copyOf(octets, padded + next.octets.length);
    System.arraycopy(next.octets, 0, joined, padded, next.octets.length);
    return new Bytes(joined);
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
