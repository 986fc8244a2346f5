package io.denim.bgp.wire;

import java.nio.ByteBuffer;

/**
 * Prefixes on the wire (RFC 4271 section 4.3, RFC 7911): an identifier of four octets if agreed, a
 * length in bits and as many octets as hold them. Allocates nothing.
 */
final class Nlri {
  static final int PATH_ID_LENGTH = 4;

  private Nlri() {}

  /** The octets of a prefix of this length. */
  static int size(boolean withPathId, int length) {
    return (withPathId ? PATH_ID_LENGTH : 0) + 1 + (length + 7) / 8;
  }

  /**
   * Where in the range the first prefix begins that is cut off or too long; -1 if all are good.
   *
   * @param bits of an address of the family
   */
  static int fault(byte[] buf, int from, int length, int bits, boolean withPathId) {
    int end = from + length;
    int at = from;
    while (at < end) {
      int size = withPathId ? at + PATH_ID_LENGTH : at;
      if (size >= end) {
        return at;
      }
      int prefix = buf[size] & 0xff;
      if (prefix > bits || size + 1 + (prefix + 7) / 8 > end) {
        return at;
      }
      at = size + 1 + (prefix + 7) / 8;
    }
    return -1;
  }

  /** Writes the leading bits of an address of so many bits, behind their count. */
  static void put(ByteBuffer out, int bits, long high, long low, int length) {
    out.put((byte) length);
    for (int i = 0; i < (length + 7) / 8; i++) {
      int shift = bits - 8 - 8 * i;
      out.put((byte) (shift >= 64 ? high >>> (shift - 64) : low >>> shift));
    }
  }
}
