package io.denim.bgp.rib;

import io.denim.net.IpAddress;

/** How near next hops are, as whoever uses the speaker knows it (RFC 4271 9.1.2.1). */
@FunctionalInterface
public interface NextHops {
  /** Who forwards nothing himself does not care. */
  NextHops ALL_EQUAL = _ -> 0;

  /** A path whose next hop cannot be reached is worse than all others, and still passed on. */
  long UNREACHABLE = Long.MAX_VALUE;

  /** The metric of the way to a next hop; less is nearer. */
  long metric(IpAddress nextHop);
}
