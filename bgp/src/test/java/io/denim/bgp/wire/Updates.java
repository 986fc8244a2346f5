package io.denim.bgp.wire;

import io.denim.net.Family;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** UPDATEs from hexadecimal, and what the two readers make of them together. */
final class Updates {
  static final Negotiated INTERNAL =
      new Negotiated(false, true, false, false, false, true, true, false);
  static final Negotiated EXTERNAL =
      new Negotiated(true, true, false, false, false, true, true, false);

  /** An internal peer that knows two-octet AS numbers only. */
  static final Negotiated OLD =
      new Negotiated(false, false, false, false, false, true, true, false);

  static final String ORIGIN = "40010100";
  static final String AS_PATH = "4002060201fbf00001";
  static final String NEXT_HOP = "400304c0000201";
  static final String LOCAL_PREF = "40050400000064";
  static final String GOOD = ORIGIN + AS_PATH + NEXT_HOP + LOCAL_PREF;

  /** 10.1.0.0/16. */
  static final String PREFIX = "100a01";

  /** 2001:db8::/32 with the next hop fd00::1. */
  static final String REACH =
      "800e1a00020110" + "fd000000000000000000000000000001" + "0020" + "20010db8";

  private static final HexFormat HEX = HexFormat.of();

  private Updates() {}

  static byte[] hex(String text) {
    return HEX.parseHex(text.replace(" ", ""));
  }

  /** A whole message of these fields. */
  static byte[] update(String withdrawn, String attributes, String nlri) {
    byte[] w = hex(withdrawn);
    byte[] a = hex(attributes);
    byte[] n = hex(nlri);
    byte[] message = Framer.message(Framer.UPDATE, 4 + w.length + a.length + n.length);
    Octets.putInt16(message, 19, w.length);
    System.arraycopy(w, 0, message, 21, w.length);
    Octets.putInt16(message, 21 + w.length, a.length);
    System.arraycopy(a, 0, message, 23 + w.length, a.length);
    System.arraycopy(n, 0, message, 23 + w.length + a.length, n.length);
    return message;
  }

  /** The good attributes with this one in the place of that of the same code, or behind them. */
  static String with(String attribute) {
    String code = attribute.substring(2, 4);
    StringBuilder block = new StringBuilder();
    Stream.of(ORIGIN, AS_PATH, NEXT_HOP, LOCAL_PREF)
        .filter(good -> !good.substring(2, 4).equals(code))
        .forEach(block::append);
    return block.append(attribute).toString();
  }

  /** An attribute of this code and flags, its length in two octets if need be. */
  static String attribute(int flags, int code, byte[] value) {
    boolean extended = value.length > 255;
    return String.format(
            Locale.ROOT,
            extended ? "%02x%02x%04x" : "%02x%02x%02x",
            extended ? flags | 0x10 : flags,
            code,
            value.length)
        + HEX.formatHex(value);
  }

  /**
   * R with the codes, W, D if some attribute was discarded, else OK: of a message, with all that is
   * announced in it.
   */
  static String outcome(byte[] message, Negotiated session) {
    UpdateReader reader = new UpdateReader();
    try {
      reader.read(message, 0, message.length, session);
    } catch (Malformed malformed) {
      return "R " + malformed.code() + "/" + malformed.subcode();
    }
    if (reader.outcome() == UpdateReader.Outcome.WITHDRAW) {
      return "W";
    }
    if (reader.nlri().isEmpty() && reader.reach().isEmpty()) {
      return "OK";
    }
    return switch (attributes(reader, session)) {
      case ParsedAttributes.Withdraw _ -> "W";
      case ParsedAttributes.Good good ->
          good.remarks().stream().allMatch(remark -> remark.words().endsWith("is assumed"))
              ? "OK"
              : "D";
    };
  }

  static ParsedAttributes attributes(UpdateReader reader, Negotiated session) {
    return AttributeParser.parse(
        reader.key(),
        reader.keyOffset(),
        reader.keyLength(),
        session,
        reader.reachNextHop(),
        reader.reachLinkLocal(),
        !reader.nlri().isEmpty());
  }

  /** The attributes of a message that is good. */
  static AttributeSet set(byte[] message, Negotiated session) {
    UpdateReader reader = new UpdateReader();
    reader.read(message, 0, message.length, session);
    return switch (attributes(reader, session)) {
      case ParsedAttributes.Good good -> good.attributes();
      case ParsedAttributes.Withdraw withdraw -> throw new AssertionError(withdraw.words());
    };
  }

  /** The prefixes of a range as text, with the path identifier in front if there is one. */
  static List<String> prefixes(
      byte[] buf, UpdateReader.Range range, Family family, boolean addPath) {
    NlriReader reader =
        new NlriReader().reset(buf, range.offset(), range.length(), family, addPath);
    List<String> texts = new ArrayList<>();
    while (reader.next()) {
      texts.add((addPath ? reader.pathId() + ":" : "") + reader.prefix());
    }
    return texts;
  }
}
