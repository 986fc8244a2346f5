package io.denim.bgp.wire;

import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Optional;

/** MP_REACH_NLRI and MP_UNREACH_NLRI of one UPDATE (RFC 4760, next hops RFC 2545 and 8950). */
final class MpAttributes {
  private static final int SHORTEST_REACH = 5;
  private static final int SHORTEST_UNREACH = 3;

  private final UpdateReader.Range reach = new UpdateReader.Range();
  private final UpdateReader.Range unreach = new UpdateReader.Range();
  private boolean hasReach;
  private boolean reachLocated;
  private boolean reachRead;
  private boolean hasUnreach;
  private boolean unreachRead;
  private boolean ignoredFamily;
  private Family reachFamily = Family.IPV4;
  private Family unreachFamily = Family.IPV4;
  private IpAddress nextHop = IpAddress.ANY_V6;
  private Optional<IpAddress> linkLocal = Optional.empty();

  void clear() {
    hasReach = false;
    reachLocated = false;
    reachRead = false;
    hasUnreach = false;
    unreachRead = false;
    ignoredFamily = false;
    reachFamily = Family.IPV4;
    unreachFamily = Family.IPV4;
    reach.set(0, 0);
    unreach.set(0, 0);
  }

  /** An MP_REACH_NLRI that cannot be relied on: it counts as one, but announces nothing. */
  void unreadableReach() {
    once(hasReach, "MP_REACH_NLRI");
    hasReach = true;
  }

  void reach(byte[] buf, int at, int value, int end, Negotiated session) {
    once(hasReach, "MP_REACH_NLRI");
    hasReach = true;
    reachLocated = true;
    if (end - value < SHORTEST_REACH) {
      throw fault(1, buf, at, end, "MP_REACH_NLRI has " + (end - value) + " octets");
    }
    int length = buf[value + 3] & 0xff;
    int prefixes = value + SHORTEST_REACH + length;
    if (prefixes > end) {
      throw fault(1, buf, at, end, "the next hop runs over the end of MP_REACH_NLRI");
    }
    Family family = FamilyCode.of(Octets.int16(buf, value), buf[value + 2] & 0xff);
    if (family == null || !session.agreed(family)) {
      ignoredFamily = true;
      return;
    }
    boolean v6NextHop = family == Family.IPV6 || session.v4OverV6NextHop();
    boolean known =
        length == 4 ? family == Family.IPV4 : v6NextHop && (length == 16 || length == 32);
    if (!known) {
      throw fault(1, buf, at, end, "a next hop of " + length + " octets for " + family);
    }
    checkPrefixes(buf, at, prefixes, end, family, session);
    reachRead = true;
    reachFamily = family;
    reach.set(prefixes, end);
    nextHop(buf, value + 4, length);
  }

  void unreach(byte[] buf, int at, int value, int end, Negotiated session) {
    once(hasUnreach, "MP_UNREACH_NLRI");
    hasUnreach = true;
    int flags = buf[at] & (AttributeCode.OPTIONAL | AttributeCode.TRANSITIVE);
    if (flags != AttributeCode.OPTIONAL) {
      throw fault(4, buf, at, end, "MP_UNREACH_NLRI has the flags " + Octets.hex(buf, at, 1));
    }
    if (end - value < SHORTEST_UNREACH) {
      throw fault(9, buf, at, end, "MP_UNREACH_NLRI has " + (end - value) + " octets");
    }
    Family family = FamilyCode.of(Octets.int16(buf, value), buf[value + 2] & 0xff);
    if (family == null || !session.agreed(family)) {
      ignoredFamily = true;
      return;
    }
    checkPrefixes(buf, at, value + SHORTEST_UNREACH, end, family, session);
    unreachRead = true;
    unreachFamily = family;
    unreach.set(value + SHORTEST_UNREACH, end);
  }

  private static void once(boolean seen, String name) {
    if (seen) {
      throw new Malformed(3, 1, name + " comes twice");
    }
  }

  private static void checkPrefixes(
      byte[] buf, int at, int from, int end, Family family, Negotiated session) {
    if (Nlri.fault(buf, from, end - from, family.bits(), session.addPath(family)) >= 0) {
      throw fault(9, buf, at, end, "an " + family + " prefix is cut off or too long");
    }
  }

  /** With the whole attribute as data. */
  private static Malformed fault(int subcode, byte[] buf, int from, int end, String words) {
    return Malformed.of(3, subcode, buf, from, end, end, words);
  }

  /** A lone link-local address, or one in the place of the global, is the next hop itself. */
  private void nextHop(byte[] buf, int at, int length) {
    if (length == 4) {
      linkLocal = Optional.empty();
      int bits = Octets.int32(buf, at);
      if (!nextHop.isV4() || nextHop.low32() != bits) {
        nextHop = IpAddress.v4(bits);
      }
      return;
    }
    nextHop = same(nextHop, buf, at);
    if (length == 16 || nextHop.isLinkLocal()) {
      linkLocal = Optional.empty();
      return;
    }
    IpAddress before = linkLocal.orElse(IpAddress.ANY_V6);
    IpAddress now = same(before, buf, at + 16);
    if (nextHop.isAny() && now.isLinkLocal()) {
      // So says BIRD that there is no global one.
      nextHop = now;
      linkLocal = Optional.empty();
    } else if (!now.equals(before)) {
      linkLocal = Optional.of(now).filter(IpAddress::isLinkLocal);
    }
  }

  /** The IPv6 address of these octets, the very same object if it is equal to the one before. */
  private static IpAddress same(IpAddress before, byte[] buf, int at) {
    long high = Octets.int64(buf, at);
    long low = Octets.int64(buf, at + 8);
    boolean equal = !before.isV4() && before.high() == high && before.low() == low;
    return equal ? before : IpAddress.v6(high, low);
  }

  /** Whether it is known where the announced prefixes are, be they of a family agreed or not. */
  boolean reachLocated() {
    return reachLocated;
  }

  /** Whether there is an MP_UNREACH_NLRI of a family that was agreed. */
  boolean unreachRead() {
    return unreachRead;
  }

  boolean ignoredFamily() {
    return ignoredFamily;
  }

  UpdateReader.Range reach() {
    return reach;
  }

  UpdateReader.Range unreach() {
    return unreach;
  }

  Family reachFamily() {
    return reachFamily;
  }

  Family unreachFamily() {
    return unreachFamily;
  }

  IpAddress nextHop() {
    return reachRead ? nextHop : IpAddress.ANY_V6;
  }

  Optional<IpAddress> linkLocal() {
    return reachRead ? linkLocal : Optional.empty();
  }
}
