package io.denim.bgp.rib;

import io.denim.bgp.config.Role;
import io.denim.bgp.policy.Policy;
import java.util.Optional;
import java.util.Set;

/**
 * How a peer's routes are let in.
 *
 * @param policy what may enter, and how
 * @param localAs this speaker's AS on the session
 * @param allowOwnAs how often that may be in a path
 * @param enforceFirstAs whether an external peer's path must begin with its AS
 * @param identifier this speaker's own
 * @param clusters the clusters that it is a reflector of
 * @param role what this speaker is to an external peer (RFC 9234); empty when nothing is said
 * @param draining whether the session is to end soon, and the peer's routes are the last choice
 */
public record ImportRules(
    Policy policy,
    long localAs,
    int allowOwnAs,
    boolean enforceFirstAs,
    int identifier,
    Set<Integer> clusters,
    Optional<Role> role,
    boolean draining) {
  /** Copies the set. */
  public ImportRules {
    clusters = Set.copyOf(clusters);
  }
}
