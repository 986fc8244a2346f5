package io.denim.bgp.wire;

import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** Values of attributes whose length was found good, and which next hops are none. */
final class AttributeValues {
  private static final int LABEL_INDEX = 1;
  private static final int ORIGINATOR_SRGB = 3;
  private static final int L3_SERVICE = 5;
  private static final int L2_SERVICE = 6;
  private static final int SID_INFORMATION = 1;

  private AttributeValues() {}

  static int[] ints(byte[] block, int at, int length) {
    int[] values = new int[length / 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = Octets.int32(block, at + 4 * i);
    }
    return values;
  }

  static long[] longs(byte[] block, int at, int length) {
    long[] values = new long[length / 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = Octets.int64(block, at + 8 * i);
    }
    return values;
  }

  static List<LargeCommunity> largeCommunities(byte[] block, int at, int length) {
    List<LargeCommunity> values = new ArrayList<>();
    for (int i = at; i < at + length; i += 12) {
      values.add(
          new LargeCommunity(
              Octets.int32(block, i) & 0xffffffffL,
              Octets.int32(block, i + 4) & 0xffffffffL,
              Octets.int32(block, i + 8) & 0xffffffffL));
    }
    return values;
  }

  /** What a TLV has to be like. */
  private interface Tlv {
    boolean isGood(int type, int at, int size);
  }

  /**
   * Whether this is a list of TLVs, of which those of RFC 8669 3 have their length, 7 for a label
   * index, flags and ranges of 6 octets for an originator's SRGB, and those of RFC 9252 2 are lists
   * again.
   */
  static boolean isPrefixSid(byte[] block, int from, int length) {
    return length > 0
        && areTlvs(
            block,
            from,
            from + length,
            (type, at, size) ->
                switch (type) {
                  case LABEL_INDEX -> size == 7;
                  case ORIGINATOR_SRGB -> size > 2 && (size - 2) % 6 == 0;
                  case L3_SERVICE, L2_SERVICE -> isService(block, at, size);
                  default -> true;
                });
  }

  /** An octet, then TLVs, of which information on a SID has 21 octets and TLVs. */
  private static boolean isService(byte[] block, int from, int length) {
    return length > 0
        && areTlvs(
            block,
            from + 1,
            from + length,
            (type, at, size) ->
                type != SID_INFORMATION
                    || (size >= 21 && areTlvs(block, at + 21, at + size, (_, _, _) -> true)));
  }

  private static boolean areTlvs(byte[] block, int from, int end, Tlv each) {
    int at = from;
    while (at + 3 <= end) {
      int size = Octets.int16(block, at + 1);
      if (at + 3 + size > end || !each.isGood(block[at] & 0xff, at + 3, size)) {
        return false;
      }
      at += 3 + size;
    }
    return at == end;
  }

  /**
   * Fails for what no packet can be sent to: 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/3, and of IPv6 the
   * unspecified, loopback and multicast addresses. An IPv4-mapped one is what routers say on
   * sessions over IPv4 that know no IPv6 address of their own.
   */
  static void checkNextHop(IpAddress address) {
    boolean bad =
        address.isV4()
            ? address.low() >>> 24 == 0 || address.isLoopback() || address.low() >>> 29 == 7
            : address.isAny() || address.isLoopback() || address.isMulticast();
    if (bad) {
      throw new Malformed(3, 8, "the next hop is " + address);
    }
  }
}
