package io.denim.bgp.wire;

import io.denim.net.Family;
import org.jspecify.annotations.Nullable;

/** The numbers of the address families (RFC 4760): AFI 1 and 2, SAFI 1 for unicast. */
final class FamilyCode {
  static final int UNICAST = 1;

  private FamilyCode() {}

  static int afi(Family family) {
    return family == Family.IPV4 ? 1 : 2;
  }

  /** The family of these numbers; null for one this speaker does not know. */
  static @Nullable Family of(int afi, int safi) {
    if (safi != UNICAST) {
      return null;
    }
    return switch (afi) {
      case 1 -> Family.IPV4;
      case 2 -> Family.IPV6;
      default -> null;
    };
  }
}
