package io.denim.state;

/**
 * How the host ends of pods' veths are told from other links: by their link group, which a veth is
 * born with and which survives the agent.
 */
public final class PodPorts {
  /** Ports of the pods' bridge. */
  public static final int GROUP = 0xde40;

  /** Veths of detached pods, which are deleted together. */
  public static final int DYING = 0xde41;

  private PodPorts() {}
}
