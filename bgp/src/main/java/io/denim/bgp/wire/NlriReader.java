package io.denim.bgp.wire;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;

/**
 * Goes over the prefixes of a range that {@link UpdateReader} found good. Made to be used again:
 * {@link #reset}, then {@link #next} while it says true. Allocates nothing.
 */
public final class NlriReader {
  private byte[] buf = {};
  private int at;
  private int end;
  private Family family = Family.IPV4;
  private boolean withPathId;
  private long pathId;
  private long high;
  private long low;
  private int length;

  /** Begins a range. */
  public NlriReader reset(byte[] from, int off, int len, Family of, boolean addPath) {
    buf = from;
    at = off;
    end = off + len;
    family = of;
    high = 0;
    withPathId = addPath;
    pathId = -1;
    return this;
  }

  /** Reads the next prefix; false at the end. */
  public boolean next() {
    if (at >= end) {
      return false;
    }
    if (withPathId) {
      pathId = Octets.int32(buf, at) & 0xffffffffL;
      at += Nlri.PATH_ID_LENGTH;
    }
    length = buf[at++] & 0xff;
    if (family == Family.IPV4) {
      low = narrow(at, length);
    } else {
      wide();
    }
    at += Nlri.octets(length);
    return true;
  }

  private void wide() {
    high = leading(at, Math.min(length, Long.SIZE));
    low = length > Long.SIZE ? leading(at + Long.BYTES, length - Long.SIZE) : 0;
  }

  /** Up to 32 bits from a place on, as the first ones of the lower half of a word. */
  private long narrow(int from, int bits) {
    return from + Integer.BYTES <= buf.length
        ? Octets.int32(buf, from) & -1L << (Integer.SIZE - bits) & 0xffff_ffffL
        : leading(from, bits) >>> Integer.SIZE;
  }

  /** Up to 64 bits from a place on, as the first ones of a word. */
  private long leading(int from, int bits) {
    int octets = Nlri.octets(bits);
    long word = 0;
    for (int i = 0; i < octets; i++) {
      word = word << 8 | (buf[from + i] & 0xff);
    }
    return bits == 0 ? 0 : word << (Long.SIZE - 8 * octets) & -1L << (Long.SIZE - bits);
  }

  /** The path identifier, unsigned; -1 without ADD-PATH. */
  public long pathId() {
    return pathId;
  }

  /** The length of the prefix in bits. */
  public int length() {
    return length;
  }

  /** The upper 64 bits of an IPv6 prefix; 0 for IPv4. Bits beyond the length are 0. */
  public long high() {
    return high;
  }

  /** The lower 64 bits; for IPv4 the 32 of the address. Bits beyond the length are 0. */
  public long low() {
    return low;
  }

  /** The prefix as a value; this allocates. */
  public Cidr prefix() {
    return new Cidr(new IpAddress(family, high, low), length);
  }
}
