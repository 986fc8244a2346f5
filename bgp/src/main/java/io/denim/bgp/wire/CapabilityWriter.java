package io.denim.bgp.wire;

import io.denim.net.Family;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Writes the capabilities of an OPEN, in BIRD's order, which is by code. */
final class CapabilityWriter {
  private static final int MAX_TEXT = 64;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** The content of the parameter; empty if there is nothing to say. */
  byte[] write(Capabilities from, long as) {
    if (from.multiprotocol()) {
      from.families().forEach(this::multiprotocol);
    }
    flag(from.routeRefresh(), CapabilityCode.ROUTE_REFRESH);
    if (from.ipv4OverIpv6NextHop()) {
      octets(CapabilityCode.EXTENDED_NEXT_HOP, 6, 0, 1, 0, FamilyCode.UNICAST, 0, 2);
    }
    flag(from.extendedMessages(), CapabilityCode.EXTENDED_MESSAGES);
    from.role().ifPresent(role -> octets(CapabilityCode.ROLE, 1, role));
    from.gracefulRestart().ifPresent(this::gracefulRestart);
    if (from.fourOctetAs()) {
      octets(CapabilityCode.FOUR_OCTET_AS, 4);
      int16((int) (as >>> 16));
      int16((int) as);
    }
    addPath(from);
    flag(from.enhancedRefresh(), CapabilityCode.ENHANCED_REFRESH);
    from.longLived().ifPresent(this::longLived);
    from.hostName().ifPresent(this::hostName);
    from.softwareVersion().ifPresent(this::softwareVersion);
    return out.toByteArray();
  }

  private void multiprotocol(Family family) {
    octets(CapabilityCode.MULTIPROTOCOL, 4, 0, FamilyCode.afi(family), 0, FamilyCode.UNICAST);
  }

  private void flag(boolean present, int code) {
    if (present) {
      octets(code, 0);
    }
  }

  private void gracefulRestart(GracefulRestart restart) {
    octets(CapabilityCode.GRACEFUL_RESTART, 2 + 4 * restart.families().size());
    int16(
        (restart.restarting() ? 0x8000 : 0)
            | (restart.notification() ? 0x4000 : 0)
            | restart.seconds());
    restart
        .families()
        .forEach((family, forwarding) ->
            octets(0, FamilyCode.afi(family), FamilyCode.UNICAST, forwarding ? 0x80 : 0));
  }

  private void addPath(Capabilities from) {
    if (!from.addPath().isEmpty()) {
      octets(CapabilityCode.ADD_PATH, 4 * from.addPath().size());
      from.addPath()
          .forEach((family, value) ->
              octets(0, FamilyCode.afi(family), FamilyCode.UNICAST, value.number()));
    }
  }

  private void longLived(Map<Family, LongLived> families) {
    octets(CapabilityCode.LONG_LIVED_GRACEFUL_RESTART, 7 * families.size());
    families.forEach((family, value) -> {
      octets(0, FamilyCode.afi(family), FamilyCode.UNICAST, value.forwarding() ? 0x80 : 0);
      octets(value.staleSeconds() >>> 16);
      int16(value.staleSeconds());
    });
  }

  private void hostName(HostName name) {
    byte[] host = text(name.host());
    byte[] domain = text(name.domain());
    octets(CapabilityCode.HOST_NAME, 2 + host.length + domain.length, host.length);
    out.writeBytes(host);
    octets(domain.length);
    out.writeBytes(domain);
  }

  private void softwareVersion(String version) {
    byte[] text = text(version);
    octets(CapabilityCode.SOFTWARE_VERSION, 1 + text.length, text.length);
    out.writeBytes(text);
  }

  /** At most 64 octets, cut between characters. */
  private static byte[] text(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(octets.length, MAX_TEXT);
    while (length < octets.length && (octets[length] & 0xc0) == 0x80) {
      length--;
    }
    return Arrays.copyOf(octets, length);
  }

  private void int16(int value) {
    octets(value >>> 8, value);
  }

  private void octets(int... values) {
    for (int value : values) {
      out.write(value);
    }
  }
}
