package io.denim.bgp.wire;

import io.denim.net.IpAddress;

/**
 * Who made an aggregate (RFC 4271 section 5.1.7).
 *
 * @param as its AS, four octets wide
 * @param address its identifier, written as an IPv4 address
 */
public record Aggregator(long as, IpAddress address) {
  /** Checks the AS (not 0: RFC 7607) and the family. */
  public Aggregator {
    if (as < 1 || as > 0xffffffffL || !address.isV4()) {
      throw new IllegalArgumentException(
          "an aggregator is an AS of 1 to 4294967295 and an IPv4 address, got "
              + as
              + " "
              + address);
    }
  }

  @Override
  public String toString() {
    return as + " " + address;
  }
}
