package io.denim.bgp.wire;

import io.denim.net.Family;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a NOTIFICATION refuses of an OPEN's capabilities (RFC 5492 3 and 5).
 *
 * @param all whether it refuses the parameter that they are in
 * @param codes the capabilities that it names, but for multiprotocol
 * @param families those that it names
 */
record CapabilityRefusal(boolean all, Set<Integer> codes, Set<Family> families) {
  private static final int OPEN_ERROR = 2;
  private static final int UNSUPPORTED_PARAMETER = 4;
  private static final int UNSUPPORTED_CAPABILITY = 7;

  static CapabilityRefusal of(Notification refusal) {
    Set<Integer> codes = new HashSet<>();
    Set<Family> families = EnumSet.noneOf(Family.class);
    boolean open = refusal.code() == OPEN_ERROR;
    if (open && refusal.subcode() == UNSUPPORTED_CAPABILITY) {
      read(refusal.data(), codes, families);
    }
    boolean all = open && refusal.subcode() == UNSUPPORTED_PARAMETER;
    return new CapabilityRefusal(all, codes, families);
  }

  /** They stand there as in an OPEN; what is cut off is not named. */
  private static void read(byte[] data, Set<Integer> codes, Set<Family> families) {
    int at = 0;
    while (at + 2 <= data.length && at + 2 + (data[at + 1] & 0xff) <= data.length) {
      int length = data[at + 1] & 0xff;
      if ((data[at] & 0xff) != CapabilityCode.MULTIPROTOCOL) {
        codes.add(data[at] & 0xff);
      } else if (length == 4) {
        Family family = FamilyCode.of(Octets.int16(data, at + 2), data[at + 5] & 0xff);
        if (family != null) {
          families.add(family);
        }
      }
      at += 2 + length;
    }
  }

  /** What is left of these. */
  Capabilities from(Capabilities said) {
    if (all) {
      return said.families().contains(Family.IPV4) ? Capabilities.NONE : said;
    }
    Set<Family> left = EnumSet.noneOf(Family.class);
    said.families().stream().filter(family -> !families.contains(family)).forEach(left::add);
    if (left.isEmpty()) {
      return said;
    }
    return new Capabilities(
        said.multiprotocol(),
        left,
        said.routeRefresh()
            && stays(CapabilityCode.ROUTE_REFRESH)
            && stays(CapabilityCode.OLD_ROUTE_REFRESH),
        said.ipv4OverIpv6NextHop() && stays(CapabilityCode.EXTENDED_NEXT_HOP),
        said.extendedMessages() && stays(CapabilityCode.EXTENDED_MESSAGES),
        stays(CapabilityCode.ROLE) ? said.role() : OptionalInt.empty(),
        said.gracefulRestart()
            .filter(_ -> stays(CapabilityCode.GRACEFUL_RESTART))
            .map(restart ->
                new GracefulRestart(
                    restart.restarting(),
                    restart.notification(),
                    restart.seconds(),
                    only(left, restart.families()))),
        said.fourOctetAs() && stays(CapabilityCode.FOUR_OCTET_AS),
        stays(CapabilityCode.ADD_PATH) ? only(left, said.addPath()) : Map.of(),
        said.enhancedRefresh() && stays(CapabilityCode.ENHANCED_REFRESH),
        stays(CapabilityCode.LONG_LIVED_GRACEFUL_RESTART)
            ? said.longLived().map(kept -> only(left, kept))
            : Optional.empty(),
        said.hostName().filter(_ -> stays(CapabilityCode.HOST_NAME)),
        said.softwareVersion().filter(_ -> stays(CapabilityCode.SOFTWARE_VERSION)),
        said.unknown());
  }

  private boolean stays(int code) {
    return !codes.contains(code);
  }

  private static <V> Map<Family, V> only(Set<Family> left, Map<Family, V> map) {
    Map<Family, V> only = new EnumMap<>(Family.class);
    map.forEach((family, value) -> {
      if (left.contains(family)) {
        only.put(family, value);
      }
    });
    return only;
  }
}
