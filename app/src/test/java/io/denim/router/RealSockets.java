package io.denim.router;

import io.denim.bgp.speaker.Sockets;

/** The sockets of {@code denim bgp run}, for tests of other packages. */
public final class RealSockets {
  private RealSockets() {}

  /** Sockets of a speaker of this AS. */
  public static Sockets of(long as) {
    return new KernelSockets(as);
  }
}
