package io.denim.bgp.wire;

import io.denim.net.Family;
import java.util.Optional;

/**
 * The wish to be told all routes of a family again (RFC 2918), or the marks around the answer (RFC
 * 7313).
 *
 * @param subtype {@link #REQUEST}, {@link #BEGIN} or {@link #END}
 */
public record RouteRefresh(Family family, int subtype) {
  /** Please send all again. */
  public static final int REQUEST = 0;

  /** BoRR: from here on all comes again. */
  public static final int BEGIN = 1;

  /** EoRR: that was all; what did not come is gone. */
  public static final int END = 2;

  private static final int LENGTH = 23;

  /** Checks the subtype. */
  public RouteRefresh {
    if (subtype < REQUEST || subtype > END) {
      throw new IllegalArgumentException("a route refresh is of subtype 0 to 2, got " + subtype);
    }
  }

  /**
   * Reads a whole message; empty for a family or subtype unknown here, which is to be ignored.
   *
   * @throws Malformed 7/1 with the message when it is not of 23 octets
   */
  public static Optional<RouteRefresh> parse(byte[] buf, int off, int length) {
    Framer.checkLength(buf, off, length, Framer.ROUTE_REFRESH);
    int at = off + Framer.HEADER_LENGTH;
    int subtype = buf[at + 2] & 0xff;
    if (subtype > END) {
      return Optional.empty();
    }
    if (length != LENGTH) {
      throw Malformed.of(
          7,
          1,
          buf,
          off,
          off + Math.min(length, Framer.MAX_LENGTH - 21),
          off + length,
          "a route refresh of " + length + " octets");
    }
    return Optional.ofNullable(FamilyCode.of(Octets.int16(buf, at), buf[at + 3] & 0xff))
        .map(family -> new RouteRefresh(family, subtype));
  }

  /** The whole message. */
  public byte[] encode() {
    byte[] message = Framer.message(Framer.ROUTE_REFRESH, LENGTH - Framer.HEADER_LENGTH);
    Octets.putInt16(message, Framer.HEADER_LENGTH, FamilyCode.afi(family));
    message[Framer.HEADER_LENGTH + 2] = (byte) subtype;
    message[Framer.HEADER_LENGTH + 3] = FamilyCode.UNICAST;
    return message;
  }
}
