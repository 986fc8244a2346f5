package io.denim.bgp.config;

import java.util.Optional;

/**
 * What a session does with the unicast routes of one family (RFC 4760).
 *
 * @param addPathReceive whether the peer may send several paths of a prefix (RFC 7911)
 * @param addPathSend whether the peer is sent several paths of a prefix (RFC 7911)
 * @param extendedNextHop whether IPv4 routes may have IPv6 next hops (RFC 8950)
 * @param maxPrefixes how many prefixes the peer may announce
 */
public record FamilyConfig(
    boolean addPathReceive,
    boolean addPathSend,
    boolean extendedNextHop,
    Optional<MaxPrefixes> maxPrefixes) {
  /** One path a prefix, next hops of the family itself, no limit. */
  public static final FamilyConfig PLAIN = new FamilyConfig(false, false, false, Optional.empty());

  /** This with several paths of a prefix both ways. */
  public FamilyConfig withAddPath() {
    return new FamilyConfig(true, true, extendedNextHop, maxPrefixes);
  }

  /** This with next hops of the other family. */
  public FamilyConfig withExtendedNextHop() {
    return new FamilyConfig(addPathReceive, addPathSend, true, maxPrefixes);
  }

  /** This with a limit. */
  public FamilyConfig withMaxPrefixes(int limit, MaxPrefixes.Action action) {
    return new FamilyConfig(
        addPathReceive, addPathSend, extendedNextHop, Optional.of(new MaxPrefixes(limit, action)));
  }
}
