package io.denim.bgp.rib;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.policy.Source;
import io.denim.net.IpAddress;

/**
 * Where routes come from: a session, or the speaker itself.
 *
 * @param peer the number of the peer, above 0; 0 is the speaker itself
 * @param name for people and for rules
 * @param kind what RFC 4456 and the decision process ask for
 * @param identifier the peer's BGP identifier
 * @param at its address
 * @param as its AS
 * @param client whether it is a client of this reflector (RFC 4456)
 */
public record SourceInfo(
    int peer, String name, Source kind, int identifier, PeerAddress at, long as, boolean client) {
  /** One whose address is the same at all interfaces. */
  public SourceInfo(
      int peer,
      String name,
      Source kind,
      int identifier,
      IpAddress address,
      long as,
      boolean client) {
    this(peer, name, kind, identifier, PeerAddress.of(address), as, client);
  }

  /** Its address without its interface. */
  public IpAddress address() {
    return at.address();
  }

  boolean isLocal() {
    return kind == Source.LOCAL;
  }

  boolean isExternal() {
    return kind == Source.EXTERNAL;
  }

  boolean isInternal() {
    return kind == Source.INTERNAL;
  }
}
