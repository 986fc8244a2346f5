package io.denim.bgp.wire;

import io.denim.net.Family;
import java.nio.ByteBuffer;

/**
 * Packs prefixes into UPDATEs, as many as a message holds: {@link #begin} or {@link
 * #beginWithdraw}, {@link #add} until it says false, {@link #end}. Used again for each message, by
 * one thread; allocates only to grow. What does not fit is not written: a message without a prefix
 * leaves the buffer as it was.
 *
 * <p>IPv4 with an IPv4 next hop goes into the message's own fields (RFC 4271); all else into
 * MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760, 8950), the former in front of the other attributes
 * (RFC 7606 section 5.1).
 */
public final class UpdateEncoder {
  private static final byte[] NOTHING = {};
  private static final int LENGTHS = 4;
  private static final int MP_HEADER = 4;

  /**
   * So much may be written behind the end of a message, of an address whose rest does not count.
   */
  private static final int ADDRESS = 16;

  private ByteBuffer out = ByteBuffer.allocate(0);

  /** The message so far: an array takes single octets in a fraction of a buffer's time. */
  private byte[] message = NOTHING;

  private byte[] attributes = NOTHING;
  private int at;
  private int limit;
  private int count;
  private int bits;
  private int mpAt;
  private boolean announce;

  /**
   * Begins to announce.
   *
   * @param out where to, from its position on
   * @param maxLength of the message
   * @param attrs as {@link AttributeSet#encode} gives them; with NEXT_HOP if {@code nextHop} is
   *     empty
   * @param nextHop 4, 16 or 32 octets for MP_REACH_NLRI; empty for the classic form, which is for
   *     IPv4 only
   */
  public void begin(ByteBuffer out, int maxLength, Family family, byte[] attrs, byte[] nextHop) {
    boolean classic = nextHop.length == 0;
    if (classic && family != Family.IPV4) {
      throw new IllegalArgumentException(family + " needs a next hop in MP_REACH_NLRI");
    }
    start(out, maxLength, family, true, attrs);
    int fixed = Framer.HEADER_LENGTH + LENGTHS + attrs.length;
    limit -= classic ? fixed : fixed + MP_HEADER + 5 + nextHop.length;
    if (limit < 0) {
      return;
    }
    header();
    putInt16(0);
    putInt16(attrs.length);
    if (classic) {
      put(attrs);
    } else {
      mpHeader(AttributeCode.MP_REACH_NLRI, family);
      message[at++] = (byte) nextHop.length;
      put(nextHop);
      message[at++] = 0;
    }
  }

  /** Begins to withdraw: IPv4 in the message's own field, IPv6 in MP_UNREACH_NLRI. */
  public void beginWithdraw(ByteBuffer out, int maxLength, Family family) {
    start(out, maxLength, family, false, NOTHING);
    boolean classic = family == Family.IPV4;
    int fixed = Framer.HEADER_LENGTH + LENGTHS;
    limit -= classic ? fixed : fixed + MP_HEADER + 3;
    if (limit < 0) {
      return;
    }
    header();
    putInt16(0);
    if (!classic) {
      putInt16(0);
      mpHeader(AttributeCode.MP_UNREACH_NLRI, family);
    }
  }

  private void start(
      ByteBuffer to, int maxLength, Family family, boolean announcing, byte[] attrs) {
    out = to;
    attributes = attrs;
    limit = Math.min(maxLength, to.remaining());
    if (message.length < limit + ADDRESS) {
      message = new byte[limit + ADDRESS];
    }
    at = 0;
    count = 0;
    bits = family.bits();
    mpAt = 0;
    announce = announcing;
  }

  private void header() {
    Octets.putInt64(message, 0, -1);
    Octets.putInt64(message, 8, -1);
    message[18] = (byte) Framer.UPDATE;
    at = Framer.HEADER_LENGTH;
  }

  private void mpHeader(int code, Family family) {
    mpAt = at;
    message[at++] = (byte) (AttributeCode.OPTIONAL | AttributeCode.EXTENDED_LENGTH);
    message[at++] = (byte) code;
    putInt16(0);
    putInt16(FamilyCode.afi(family));
    message[at++] = (byte) FamilyCode.UNICAST;
  }

  private void putInt16(int value) {
    Octets.putInt16(message, at, value);
    at += 2;
  }

  private void put(byte[] octets) {
    System.arraycopy(octets, 0, message, at, octets.length);
    at += octets.length;
  }

  /**
   * Adds a prefix if there is room.
   *
   * @param pathId of ADD-PATH; -1 for none
   * @param high the upper 64 bits of an IPv6 address, 0 for IPv4
   * @param low the lower 64; for IPv4 the 32 of the address
   * @return whether it was added
   */
  public boolean add(long pathId, long high, long low, int length) {
    boolean withPathId = pathId >= 0;
    int size = Nlri.size(withPathId, length);
    if (size > limit) {
      return false;
    }
    limit -= size;
    if (withPathId) {
      Octets.putInt32(message, at, (int) pathId);
    }
    Nlri.put(message, withPathId ? at + Nlri.PATH_ID_LENGTH : at, bits, high, low, length);
    at += size;
    count++;
    return true;
  }

  /** Completes the message; how many prefixes it has. With none, nothing is written. */
  public int end() {
    if (count == 0) {
      return 0;
    }
    int lengths = Framer.HEADER_LENGTH;
    if (mpAt > 0) {
      Octets.putInt16(message, mpAt + 2, at - mpAt - MP_HEADER);
      put(attributes);
      Octets.putInt16(message, lengths + 2, at - lengths - LENGTHS);
    } else if (!announce) {
      Octets.putInt16(message, lengths, at - lengths - 2);
      putInt16(0);
    }
    Octets.putInt16(message, 16, at);
    out.put(message, 0, at);
    return count;
  }

  /** The UPDATE that says that all routes of a family have been told (RFC 4724 section 2). */
  public static byte[] endOfRib(Family family) {
    if (family == Family.IPV4) {
      return Framer.message(Framer.UPDATE, LENGTHS);
    }
    byte[] message = Framer.message(Framer.UPDATE, LENGTHS + MP_HEADER + 3);
    ByteBuffer out = ByteBuffer.wrap(message).position(Framer.HEADER_LENGTH + 2);
    out.putShort((short) (MP_HEADER + 3));
    out.put((byte) (AttributeCode.OPTIONAL | AttributeCode.EXTENDED_LENGTH));
    out.put((byte) AttributeCode.MP_UNREACH_NLRI).putShort((short) 3);
    out.putShort((short) FamilyCode.afi(family)).put((byte) FamilyCode.UNICAST);
    return message;
  }
}
