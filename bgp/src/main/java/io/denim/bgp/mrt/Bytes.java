package io.denim.bgp.mrt;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Octets that do not change, as a value. */
public final class Bytes {
  private static final int SHOWN = 64;

  private final byte[] octets;

  private Bytes(byte[] octets) {
    this.octets = octets;
  }

  /** A copy. */
  public static Bytes of(byte... octets) {
    return new Bytes(octets.clone());
  }

  /** How many there are. */
  public int length() {
    return octets.length;
  }

  /** The octets, a new array each time. */
  public byte[] toArray() {
    return octets.clone();
  }

  /** One of them, 0 to 255. */
  public int at(int index) {
    return octets[index] & 0xff;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bytes bytes && Arrays.equals(octets, bytes.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  /** Hexadecimal, of many only the first. */
  @Override
  public String toString() {
    int shown = Math.min(octets.length, SHOWN);
    return HexFormat.of().formatHex(octets, 0, shown) + (shown < octets.length ? "…" : "");
  }
}
