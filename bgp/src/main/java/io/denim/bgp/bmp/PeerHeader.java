package io.denim.bgp.bmp;

import io.denim.bgp.speaker.Monitor;
import io.denim.bgp.wire.Negotiated;
import io.denim.net.IpAddress;

/**
 * Whose routes a message is about: the per-peer header of RFC 7854 4.2 but for its time. The
 * distinguisher is 0, since there is one instance only.
 *
 * @param type 0 a peer, 3 the Loc-RIB (RFC 9069 4.1)
 * @param flags of that type
 * @param address the peer's; 0.0.0.0 of the Loc-RIB
 * @param as the peer's, or the speaker's own
 * @param identifier the peer's, or the speaker's own
 */
record PeerHeader(int type, int flags, IpAddress address, long as, int identifier) {
  static final int GLOBAL_INSTANCE = 0;
  static final int LOC_RIB = 3;

  static final int FLAG_V6 = 0x80;
  static final int FLAG_TWO_OCTET_AS = 0x20;

  /** Of routes as a peer announces them, before policy. */
  static PeerHeader of(Monitor.Link link) {
    boolean fourOctetAs = link.agreed().map(Negotiated::fourOctetAs).orElse(true);
    int flags = (link.address().isV4() ? 0 : FLAG_V6) | (fourOctetAs ? 0 : FLAG_TWO_OCTET_AS);
    return new PeerHeader(GLOBAL_INSTANCE, flags, link.address(), link.as(), link.identifier());
  }

  /** Of all best routes of a speaker: nothing is filtered, so no flag is set (RFC 9069 4.2). */
  static PeerHeader locRib(long as, IpAddress routerId) {
    return new PeerHeader(LOC_RIB, 0, IpAddress.ANY_V4, as, routerId.low32());
  }
}
