package io.denim.bgp.wire;

import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** Values of attributes whose length was found good, and which next hops are none. */
final class AttributeValues {
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
