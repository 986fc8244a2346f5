package io.denim.bgp.config;

/** How far a peer may be away, and how that is held. */
public sealed interface Ttl {
  /** The usual: an eBGP peer is on the same link, an iBGP peer is anywhere. */
  Ttl DEFAULT = new Default();

  /** Packets leave with TTL 1 to an external peer and 255 to an internal one. */
  record Default() implements Ttl {}

  /**
   * An eBGP peer behind routers: packets leave with this TTL.
   *
   * @param hops 1 to 255
   */
  record Multihop(int hops) implements Ttl {
    /** Checks the number of hops. */
    public Multihop {
      Bounds.check("the hops of multihop", hops, 1, 255);
    }
  }

  /**
   * The generalized TTL security mechanism (RFC 5082): packets leave with TTL 255, and those that
   * come with less than 256 − {@code hops} are dropped by the kernel. Both sides need it.
   *
   * @param hops 1 (on the same link) to 254
   */
  record Security(int hops) implements Ttl {
    /** Checks the number of hops. */
    public Security {
      Bounds.check("the hops of TTL security", hops, 1, 254);
    }

    /** The least TTL of a packet that is taken. */
    public int least() {
      return 256 - hops;
    }
  }
}
