package io.denim.bgp.wire;

import io.denim.net.Family;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the capabilities of an OPEN. What is damaged within its own length is ignored, as if the
 * peer had not said it (RFC 5492 section 3); only what runs over its parameter is an error.
 */
final class CapabilityReader {
  private static final int ROLES = 4;

  private final byte[] buf;
  private final CapabilitiesBuilder to = Capabilities.builder();
  private long fourOctetAs;
  private boolean hasFourOctetAs;

  CapabilityReader(byte[] buf) {
    this.buf = buf;
  }

  /** Reads one parameter of type 2. */
  void parameter(int from, int end) {
    int at = from;
    while (at < end) {
      int length = end - at < 2 ? 0 : buf[at + 1] & 0xff;
      if (end - at < 2 || at + 2 + length > end) {
        throw new Malformed(2, 0, "a capability runs over the end of its parameter");
      }
      capability(buf[at] & 0xff, at + 2, length);
      at += 2 + length;
    }
  }

  /** Whether the four-octet AS capability came. */
  boolean hasFourOctetAs() {
    return hasFourOctetAs;
  }

  /** The AS of that capability. */
  long fourOctetAs() {
    return fourOctetAs;
  }

  Capabilities capabilities() {
    return to.build();
  }

  private void capability(int code, int at, int length) {
    switch (code) {
      case CapabilityCode.MULTIPROTOCOL -> multiprotocol(at, length);
      case CapabilityCode.ROUTE_REFRESH, CapabilityCode.OLD_ROUTE_REFRESH -> to.routeRefresh();
      case CapabilityCode.EXTENDED_NEXT_HOP -> extendedNextHop(at, length);
      case CapabilityCode.EXTENDED_MESSAGES -> to.extendedMessages();
      case CapabilityCode.ROLE -> role(at, length);
      case CapabilityCode.GRACEFUL_RESTART -> gracefulRestart(at, length);
      case CapabilityCode.FOUR_OCTET_AS -> fourOctetAs(at, length);
      case CapabilityCode.ADD_PATH -> addPath(at, length);
      case CapabilityCode.ENHANCED_REFRESH -> to.enhancedRefresh();
      case CapabilityCode.LONG_LIVED_GRACEFUL_RESTART -> longLived(at, length);
      case CapabilityCode.HOST_NAME -> hostName(at, length);
      case CapabilityCode.SOFTWARE_VERSION -> softwareVersion(at, length);
      default -> to.unknown(code);
    }
  }

  private void multiprotocol(int at, int length) {
    if (length == 4) {
      to.multiprotocol();
      Family family = FamilyCode.of(Octets.int16(buf, at), buf[at + 3] & 0xff);
      if (family != null) {
        to.family(family);
      }
    }
  }

  private void extendedNextHop(int at, int length) {
    for (int i = 0; length % 6 == 0 && i < length; i += 6) {
      boolean unicast = Octets.int16(buf, at + i + 2) == FamilyCode.UNICAST;
      if (unicast && Octets.int16(buf, at + i) == 1 && Octets.int16(buf, at + i + 4) == 2) {
        to.ipv4OverIpv6NextHop();
      }
    }
  }

  private void role(int at, int length) {
    if (length != 1 || (buf[at] & 0xff) > ROLES) {
      return;
    }
    if (to.role().orElse(buf[at]) != buf[at]) {
      throw new Malformed(2, 11, "the peer says two different roles");
    }
    to.role(buf[at]);
  }

  private void gracefulRestart(int at, int length) {
    if (length < 2 || (length - 2) % 4 != 0) {
      return;
    }
    int head = Octets.int16(buf, at);
    Map<Family, Boolean> families = new EnumMap<>(Family.class);
    for (int i = 2; i < length; i += 4) {
      Family family = family(at + i);
      if (family != null) {
        families.put(family, (buf[at + i + 3] & 0x80) != 0);
      }
    }
    to.gracefulRestart(
        new GracefulRestart((head & 0x8000) != 0, (head & 0x4000) != 0, head & 0xfff, families));
  }

  private void fourOctetAs(int at, int length) {
    if (length != 4) {
      return;
    }
    fourOctetAs = Octets.int32(buf, at) & 0xffffffffL;
    hasFourOctetAs = true;
    to.fourOctetAs();
    if (fourOctetAs == 0) {
      throw new Malformed(2, 2, new byte[4], "the peer says AS 0");
    }
  }

  private void addPath(int at, int length) {
    for (int i = 0; length % 4 == 0 && i < length; i += 4) {
      Family family = family(at + i);
      int number = buf[at + i + 3];
      for (AddPath value : AddPath.values()) {
        if (family != null && value.number() == number) {
          to.addPath(family, value);
        }
      }
    }
  }

  private void longLived(int at, int length) {
    if (length % 7 != 0) {
      return;
    }
    Map<Family, LongLived> families = new EnumMap<>(Family.class);
    for (int i = 0; i < length; i += 7) {
      Family family = family(at + i);
      if (family != null) {
        int word = Octets.int32(buf, at + i + 3);
        families.put(family, new LongLived(word < 0, word & 0xffffff));
      }
    }
    to.longLived(families);
  }

  private void hostName(int at, int length) {
    int host = length < 1 ? 0 : buf[at] & 0xff;
    if (length < 2 + host || length != 2 + host + (buf[at + 1 + host] & 0xff)) {
      return;
    }
    int domain = length - 2 - host;
    to.hostName(
        new HostName(Octets.text(buf, at + 1, host), Octets.text(buf, at + 2 + host, domain)));
  }

  private void softwareVersion(int at, int length) {
    if (length > 0 && length == 1 + (buf[at] & 0xff)) {
      to.softwareVersion(Octets.text(buf, at + 1, length - 1));
    }
  }

  private @Nullable Family family(int at) {
    return FamilyCode.of(Octets.int16(buf, at), buf[at + 2] & 0xff);
  }
}
