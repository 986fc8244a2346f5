package io.denim.bgp.wire;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The routes that follow from UPDATEs without path identifiers, read with nothing of Denim's. */
public final class MirroredTable {
  private static final int MP_REACH_NLRI = 14;
  private static final int MP_UNREACH_NLRI = 15;
  private static final int EXTENDED_LENGTH = 0x10;

  private final Map<Cidr, Route> routes = new TreeMap<>();
  private final Set<Family> ended = EnumSet.noneOf(Family.class);

  /**
   * One route.
   *
   * @param attributes all but MP_REACH_NLRI, in hexadecimal
   * @param nextHop of MP_REACH_NLRI, in hexadecimal; empty when it is among the others
   */
  public record Route(String attributes, String nextHop) {
    /** As a route of these attributes must look, with AS numbers of four octets. */
    public static Route of(Family family, AttributeSet set) {
      boolean classic = family == Family.IPV4 && set.nextHop().isV4();
      String nextHop =
          HexFormat.of().formatHex(set.nextHop().bytes())
              + set.linkLocalNextHop()
                  .map(address -> HexFormat.of().formatHex(address.bytes()))
                  .orElse("");
      return new Route(HexFormat.of().formatHex(set.encode(true, classic)), classic ? "" : nextHop);
    }
  }

  /** What is there now. */
  public Map<Cidr, Route> routes() {
    return routes;
  }

  /** The families of which all was told (RFC 4724 2). */
  public Set<Family> ended() {
    return ended;
  }

  /** Takes a whole UPDATE in. */
  public void take(byte[] update) {
    ByteBuffer from = ByteBuffer.wrap(update);
    for (int i = 0; i < 16; i++) {
      check(from.get() == -1, "marker");
    }
    check(from.getShort() == (short) update.length, "length");
    check(from.get() == 2, "type");
    ByteBuffer withdrawn = part(from, from.getShort() & 0xffff);
    ByteBuffer attributes = part(from, from.getShort() & 0xffff);
    if (!withdrawn.hasRemaining() && !attributes.hasRemaining() && !from.hasRemaining()) {
      ended.add(Family.IPV4);
    }
    while (withdrawn.hasRemaining()) {
      routes.remove(prefix(withdrawn, Family.IPV4));
    }
    StringBuilder others = new StringBuilder();
    ByteBuffer reach = ByteBuffer.allocate(0);
    while (attributes.hasRemaining()) {
      int start = attributes.position();
      int flags = attributes.get();
      int code = attributes.get() & 0xff;
      boolean extended = (flags & EXTENDED_LENGTH) != 0;
      int length = extended ? attributes.getShort() & 0xffff : attributes.get() & 0xff;
      ByteBuffer value = part(attributes, length);
      switch (code) {
        case MP_REACH_NLRI -> reach = value;
        case MP_UNREACH_NLRI -> unreach(value);
        default -> {
          byte[] whole = new byte[attributes.position() - start];
          attributes.get(start, whole);
          others.append(HexFormat.of().formatHex(whole));
        }
      }
    }
    while (from.hasRemaining()) {
      routes.put(prefix(from, Family.IPV4), new Route(others.toString(), ""));
    }
    if (reach.hasRemaining()) {
      reach(reach, others.toString());
    }
  }

  private void reach(ByteBuffer value, String attributes) {
    Family family = family(value);
    byte[] nextHop = new byte[value.get()];
    value.get(nextHop);
    check(value.get() == 0, "reserved");
    check(value.hasRemaining(), "a prefix");
    while (value.hasRemaining()) {
      routes.put(prefix(value, family), new Route(attributes, HexFormat.of().formatHex(nextHop)));
    }
  }

  private void unreach(ByteBuffer value) {
    Family family = family(value);
    if (!value.hasRemaining()) {
      ended.add(family);
    }
    while (value.hasRemaining()) {
      routes.remove(prefix(value, family));
    }
  }

  private static Family family(ByteBuffer value) {
    int afi = value.getShort();
    check(afi == 1 || afi == 2, "AFI");
    check(value.get() == 1, "SAFI");
    return afi == 1 ? Family.IPV4 : Family.IPV6;
  }

  private static Cidr prefix(ByteBuffer from, Family family) {
    int length = from.get() & 0xff;
    byte[] octets = new byte[family.bits() / 8];
    from.get(octets, 0, (length + 7) / 8);
    return new Cidr(IpAddress.ofBytes(octets), length);
  }

  private static ByteBuffer part(ByteBuffer from, int length) {
    ByteBuffer part = from.slice(from.position(), length);
    from.position(from.position() + length);
    return part;
  }

  private static void check(boolean good, String what) {
    if (!good) {
      throw new AssertionError("not as an UPDATE has it: " + what);
    }
  }
}
