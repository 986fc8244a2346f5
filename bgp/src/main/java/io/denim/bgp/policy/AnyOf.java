package io.denim.bgp.policy;

import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.List;

/** Whether a route has one of a few values. */
final class AnyOf {
  private AnyOf() {}

  static boolean communities(AttributeSet attributes, List<Integer> wanted) {
    for (int community : wanted) {
      if (attributes.hasCommunity(community)) {
        return true;
      }
    }
    return false;
  }

  static boolean extCommunities(AttributeSet attributes, List<Long> wanted) {
    for (int i = 0; i < attributes.extendedCommunityCount(); i++) {
      if (wanted.contains(attributes.extendedCommunity(i))) {
        return true;
      }
    }
    return false;
  }

  static boolean largeCommunities(AttributeSet attributes, List<LargeCommunity> wanted) {
    for (LargeCommunity community : wanted) {
      if (attributes.hasLargeCommunity(community)) {
        return true;
      }
    }
    return false;
  }

  static boolean ases(AsPath path, List<Long> wanted) {
    for (long as : wanted) {
      if (path.contains(as)) {
        return true;
      }
    }
    return false;
  }

  static boolean cidrs(IpAddress address, List<Cidr> wanted) {
    for (Cidr cidr : wanted) {
      if (cidr.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
