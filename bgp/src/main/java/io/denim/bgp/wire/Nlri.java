package io.denim.bgp.wire;

/**
 * Prefixes on the wire (RFC 4271 section 4.3, RFC 7911): an identifier of four octets if agreed, a
 * length in bits and as many octets as hold them. Allocates nothing.
 */
final class Nlri {
  static final int PATH_ID_LENGTH = 4;

  private Nlri() {}

  /** The octets of a prefix of this length. */
  static int size(boolean withPathId, int length) {
    return (withPathId ? PATH_ID_LENGTH : 0) + 1 + octets(length);
  }

  /** How many octets hold so many bits. */
  static int octets(int length) {
    return (length + 7) >>> 3;
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
      int next = size + 1 + octets(prefix);
      if (prefix > bits || next > end) {
        return at;
      }
      at = next;
    }
    return -1;
  }

  /**
   * Writes the leading bits of an address of so many bits, behind their count. The rest of the
   * address is written, too, so that there has to be room for all of it.
   */
  static void put(byte[] out, int at, int bits, long high, long low, int length) {
    out[at] = (byte) length;
    if (bits == Integer.SIZE) {
      Octets.putInt32(out, at + 1, (int) low);
    } else {
      putWide(out, at + 1, high, low);
    }
  }

  private static void putWide(byte[] out, int at, long high, long low) {
    Octets.putInt64(out, at, high);
    Octets.putInt64(out, at + Long.BYTES, low);
  }
}
