package io.denim.bgp.rib;

import io.denim.bgp.policy.Source;
import io.denim.net.IpAddress;

/**
 * Where routes come from: a session, or the speaker itself.
 *
 * @param peer the number of the peer, above 0; 0 is the speaker itself
 * @param name for people and for rules
 * @param kind what RFC 4456 and the decision process ask for
 * @param identifier the peer's BGP identifier
 * @param address its address
 * @param as its AS
 * @param client whether it is a client of this reflector (RFC 4456)
 */
public record SourceInfo(
    int peer,
    String name,
    Source kind,
    int identifier,
    IpAddress address,
    long as,
    boolean client) {
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
