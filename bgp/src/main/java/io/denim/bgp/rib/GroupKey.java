package io.denim.bgp.rib;

import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.config.Role;
import io.denim.bgp.policy.Policy;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Optional;

/**
 * All on which depends what a peer is told. Those of one key are told the same, and share the work.
 *
 * @param family of the routes
 * @param external whether the peer is of another AS
 * @param localAs the AS that is prepended for an external peer
 * @param client whether it is a client of this reflector
 * @param clusterId under which routes are reflected to it
 * @param nextHop whose address is the next hop
 * @param ownAddress of the session, in the family of the next hop
 * @param ownLinkLocal the link-local address of this side that goes along with it (RFC 2545)
 * @param subnet that an external peer shares with this side, whose next hops it reaches itself;
 *     empty when none is known
 * @param policy what may leave, and how
 * @param addPath whether all paths are told (RFC 7911)
 * @param fourOctetAs whether it knows AS numbers of four octets (RFC 6793)
 * @param mostOctets the longest message that it takes
 * @param longLived whether it knows of stale routes (RFC 9494)
 * @param role what this speaker is to an external peer (RFC 9234); empty when nothing is said
 * @param v4OverV6 whether it takes IPv4 routes with a next hop of IPv6 (RFC 8950)
 * @param draining whether its session is to end soon, and what it is told says so (RFC 8326)
 */
public record GroupKey(
    Family family,
    boolean external,
    long localAs,
    boolean client,
    int clusterId,
    NextHopMode nextHop,
    IpAddress ownAddress,
    Optional<IpAddress> ownLinkLocal,
    Optional<Cidr> subnet,
    Policy policy,
    boolean addPath,
    boolean fourOctetAs,
    int mostOctets,
    boolean longLived,
    Optional<Role> role,
    boolean v4OverV6,
    boolean draining) {}
