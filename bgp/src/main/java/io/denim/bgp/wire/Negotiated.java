package io.denim.bgp.wire;

import io.denim.net.Family;
import java.util.EnumSet;
import java.util.Set;

/**
 * What both OPENs together say of the UPDATEs to come.
 *
 * @param external whether the peer is of another AS
 * @param fourOctetAs whether AS numbers have four octets (RFC 6793)
 * @param addPathV4 whether received IPv4 prefixes have path identifiers (RFC 7911)
 * @param addPathV6 whether received IPv6 prefixes have them
 * @param v4OverV6NextHop whether IPv4 prefixes may have an IPv6 next hop (RFC 8950)
 * @param v4 whether IPv4 unicast was agreed
 * @param v6 whether IPv6 unicast was agreed
 * @param confederation whether an external peer is a member of the same confederation (RFC 5065)
 */
public record Negotiated(
    boolean external,
    boolean fourOctetAs,
    boolean addPathV4,
    boolean addPathV6,
    boolean v4OverV6NextHop,
    boolean v4,
    boolean v6,
    boolean confederation) {
  /** Whether the family was agreed. */
  public boolean agreed(Family family) {
    return family == Family.IPV4 ? v4 : v6;
  }

  /** The families that were agreed. */
  public Set<Family> families() {
    EnumSet<Family> agreed = EnumSet.allOf(Family.class);
    agreed.removeIf(family -> !agreed(family));
    return agreed;
  }

  /** Whether received prefixes of the family have path identifiers. */
  public boolean addPath(Family family) {
    return family == Family.IPV4 ? addPathV4 : addPathV6;
  }
}
