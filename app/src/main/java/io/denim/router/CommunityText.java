package io.denim.router;

import io.denim.bgp.wire.Community;
import io.denim.net.IpAddress;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Communities as they are written in the file. */
final class CommunityText {
  static final String COMMUNITY = "such as 64512:100 or no-export";
  static final String LARGE = "such as 64512:1:2";
  static final String EXTENDED =
      "such as rt:64512:100, soo:4200000000:1, rt:10.0.0.1:7 or 0x0002fc0000000064";

  /** The names in IANA's registry of well-known communities. */
  private static final Map<String, Integer> WELL_KNOWN =
      new TreeMap<>(
          Map.of(
              "graceful-shutdown", Community.GRACEFUL_SHUTDOWN,
              "llgr-stale", Community.LLGR_STALE,
              "no-llgr", Community.NO_LLGR,
              "blackhole", Community.BLACKHOLE,
              "no-export", Community.NO_EXPORT,
              "no-advertise", Community.NO_ADVERTISE,
              "no-export-subconfed", Community.NO_EXPORT_SUBCONFED));

  private static final Pattern ROUTE_TARGET =
      Pattern.compile("(rt|soo):([0-9]{1,10}|[0-9]{1,3}(?:\\.[0-9]{1,3}){3}):([0-9]{1,10})");
  private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]{16}");

  private CommunityText() {}

  /**
   * Reads {@code 64512:100} or a well-known name.
   *
   * @throws IllegalArgumentException naming the text and what is allowed
   */
  static int parse(String text) {
    Integer known = WELL_KNOWN.get(text);
    return known != null
        ? known
        : Community.tryParse(text)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "\""
                        + text
                        + "\" is no community; allowed: two numbers of 0 to 65535, such as"
                        + " 64512:100, or "
                        + String.join(", ", WELL_KNOWN.keySet())));
  }

  /**
   * Reads a route target or site of origin of an AS of two or four octets or of an address (RFC
   * 4360, RFC 5668), or the 16 hexadecimal digits of any extended community.
   *
   * @throws IllegalArgumentException naming the text and what is allowed
   */
  static long parseExtended(String text) {
    if (HEX.matcher(text).matches()) {
      return Long.parseUnsignedLong(text.substring(2), 16);
    }
    return target(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "\"" + text + "\" is no extended community; allowed: " + EXTENDED));
  }

  private static Optional<Long> target(String text) {
    Matcher matcher = ROUTE_TARGET.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long subtype = matcher.group(1).equals("rt") ? 2 : 3;
    long local = Long.parseLong(matcher.group(3));
    if (matcher.group(2).indexOf('.') >= 0) {
      return IpAddress.tryParse(matcher.group(2))
          .filter(_ -> local <= 0xffff)
          .map(address -> 0x01L << 56 | subtype << 48 | address.low() << 16 | local);
    }
    long as = Long.parseLong(matcher.group(2));
    if (as <= 0xffff && local <= 0xffff_ffffL) {
      return Optional.of(subtype << 48 | as << 32 | local);
    }
    return as <= 0xffff_ffffL && local <= 0xffff
        ? Optional.of(0x02L << 56 | subtype << 48 | as << 16 | local)
        : Optional.empty();
  }
}
