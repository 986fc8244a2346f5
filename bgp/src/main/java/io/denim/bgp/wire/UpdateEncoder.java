package io.denim.bgp.wire;

import io.denim.net.Family;
import java.nio.ByteBuffer;

/**
 * Packs prefixes into UPDATEs, as many as a message holds: {@link #begin} or {@link
 * #beginWithdraw}, {@link #add} until it says false, {@link #end}. Used again for each message, by
 * one thread; allocates nothing. What does not fit is not written: a message without a prefix
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

  private ByteBuffer out = ByteBuffer.allocate(0);
  private byte[] attributes = NOTHING;
  private int base;
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
    out.putShort((short) 0);
    out.putShort((short) attrs.length);
    if (classic) {
      out.put(attrs);
    } else {
      mpHeader(AttributeCode.MP_REACH_NLRI, family);
      out.put((byte) nextHop.length).put(nextHop).put((byte) 0);
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
    out.putShort((short) 0);
    if (!classic) {
      out.putShort((short) 0);
      mpHeader(AttributeCode.MP_UNREACH_NLRI, family);
    }
  }

  private void start(
      ByteBuffer to, int maxLength, Family family, boolean announcing, byte[] attrs) {
    out = to;
    attributes = attrs;
    base = to.position();
    limit = Math.min(maxLength, to.remaining());
    count = 0;
    bits = family.bits();
    mpAt = 0;
    announce = announcing;
  }

  private void header() {
    out.putLong(-1).putLong(-1).putShort((short) 0).put((byte) Framer.UPDATE);
  }

  private void mpHeader(int code, Family family) {
    mpAt = out.position();
    out.put((byte) (AttributeCode.OPTIONAL | AttributeCode.EXTENDED_LENGTH)).put((byte) code);
    out.putShort((short) 0);
    out.putShort((short) FamilyCode.afi(family)).put((byte) FamilyCode.UNICAST);
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
      out.putInt((int) pathId);
    }
    Nlri.put(out, bits, high, low, length);
    count++;
    return true;
  }

  /** Completes the message; how many prefixes it has. With none, nothing is written. */
  public int end() {
    if (count == 0) {
      out.position(base);
      return 0;
    }
    int lengths = base + Framer.HEADER_LENGTH;
    if (mpAt > 0) {
      out.putShort(mpAt + 2, (short) (out.position() - mpAt - MP_HEADER));
      out.put(attributes);
      out.putShort(lengths + 2, (short) (out.position() - lengths - LENGTHS));
    } else if (!announce) {
      out.putShort(lengths, (short) (out.position() - lengths - 2));
      out.putShort((short) 0);
    }
    out.putShort(base + 16, (short) (out.position() - base));
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
