package io.denim.bgp.config;

import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A route that the speaker announces of its own.
 *
 * @param prefix where it leads
 * @param nextHop over whom; without, over the speaker's own address on each session
 * @param origin ORIGIN: 0 IGP, 1 EGP, 2 incomplete (RFC 4271 5.1.1)
 * @param med MED (RFC 4271 5.1.4)
 * @param localPref LOCAL_PREF towards internal peers (RFC 4271 5.1.5)
 * @param communities its communities (RFC 1997)
 * @param largeCommunities its large communities (RFC 8092)
 * @param kind what it is to the layer above, such as {@code block}, for policies to ask
 */
public record LocalRoute(
    Cidr prefix,
    Optional<IpAddress> nextHop,
    int origin,
    OptionalLong med,
    OptionalLong localPref,
    List<Integer> communities,
    List<LargeCommunity> largeCommunities,
    String kind) {
  /** The kind of a route that somebody wrote into the file. */
  public static final String STATIC = "static";

  /** Checks the numbers, and that the next hop can carry the prefix (RFC 8950). */
  public LocalRoute {
    Bounds.check("the origin of " + prefix, origin, 0, 2);
    med.ifPresent(value -> Bounds.check("the MED of " + prefix, value, 0, 0xffff_ffffL));
    localPref.ifPresent(
        value -> Bounds.check("the LOCAL_PREF of " + prefix, value, 0, 0xffff_ffffL));
    communities = List.copyOf(communities);
    largeCommunities = List.copyOf(largeCommunities);
    nextHop.ifPresent(address -> {
      if (address.isAny() || address.isMulticast()) {
        throw new IllegalArgumentException(
            "the next hop of " + prefix + " is one router's address, got " + address);
      }
      if (address.needsInterface()) {
        throw new IllegalArgumentException(
            "the link-local next hop of "
                + prefix
                + " says nothing off its link; allowed: a global one, got "
                + address);
      }
      if (address.isV4() && !prefix.address().isV4()) {
        throw new IllegalArgumentException(
            "the next hop of " + prefix + " is an IPv6 address, got " + address);
      }
    });
  }

  /** A route of kind {@link #STATIC} over the speaker itself, of origin IGP, with nothing more. */
  public static LocalRoute of(Cidr prefix) {
    return new LocalRoute(
        prefix,
        Optional.empty(),
        0,
        OptionalLong.empty(),
        OptionalLong.empty(),
        List.of(),
        List.of(),
        STATIC);
  }

  /** This over another router. */
  public LocalRoute withNextHop(IpAddress address) {
    return new LocalRoute(
        prefix, Optional.of(address), origin, med, localPref, communities, largeCommunities, kind);
  }

  /** This with these communities. */
  public LocalRoute withCommunities(List<Integer> these) {
    return new LocalRoute(prefix, nextHop, origin, med, localPref, these, largeCommunities, kind);
  }

  /** This of another kind. */
  public LocalRoute withKind(String other) {
    return new LocalRoute(
        prefix, nextHop, origin, med, localPref, communities, largeCommunities, other);
  }
}
