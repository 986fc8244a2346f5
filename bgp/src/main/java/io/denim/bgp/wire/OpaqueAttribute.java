package io.denim.bgp.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An optional transitive attribute that is carried without being understood (RFC 4271 section 5):
 * its value is passed on as it came. Immutable.
 */
public final class OpaqueAttribute {
  private final int code;
  private final int flags;
  private final byte[] value;

  /** One of this code; of the flags, optional, transitive and partial are kept. */
  public OpaqueAttribute(int code, int flags, byte[] value) {
    this.code = code;
    this.flags =
        flags & (AttributeCode.OPTIONAL | AttributeCode.TRANSITIVE | AttributeCode.PARTIAL);
    this.value = value.clone();
  }

  /** The attribute's type code. */
  public int code() {
    return code;
  }

  /** The upper three flag bits. */
  public int flags() {
    return flags;
  }

  /** The value, a new array each time. */
  public byte[] value() {
    return value.clone();
  }

  int length() {
    return value.length;
  }

  void copyTo(byte[] out, int at) {
    System.arraycopy(value, 0, out, at, value.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OpaqueAttribute attribute
        && code == attribute.code
        && flags == attribute.flags
        && Arrays.equals(value, attribute.value);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * code + flags) + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return AttributeCode.name(code) + " " + Octets.hex(value, 0, value.length);
  }
}
