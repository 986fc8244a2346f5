package io.denim.state;

import java.util.Set;

/**
 * How the host ends of pods' veths, and what else is a pod's alone, are told from other links: by
 * their link group, which a veth is born with and which survives the agent.
 */
public final class PodPorts {
  /** Ports of the node's bridge, by which packets may leave that came in by them (hairpin). */
  public static final int GROUP = 0xde40;

  /** Veths of detached pods, which are deleted together. */
  public static final int DYING = 0xde41;

  /** Ports of the node's bridge without hairpin. */
  public static final int WITHOUT_HAIRPIN = 0xde42;

  /** Ports of other bridges. */
  public static final int ELSEWHERE = 0xde43;

  /** Devices that limit what comes from pods. */
  public static final int LIMITER = 0xde44;

  /** All of these groups. */
  public static final Set<Integer> ALL = Set.of(GROUP, DYING, WITHOUT_HAIRPIN, ELSEWHERE, LIMITER);

  /** All groups of ports of the node's bridge. */
  public static final Set<Integer> OF_NODE_BRIDGE = Set.of(GROUP, WITHOUT_HAIRPIN);

  private PodPorts() {}
}
