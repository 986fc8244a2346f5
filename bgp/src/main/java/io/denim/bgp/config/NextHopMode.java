package io.denim.bgp.config;

import java.util.Locale;

/** Which next hop a route that was learned elsewhere is announced with (RFC 4271 5.1.3). */
public enum NextHopMode {
  /**
   * To an internal peer the one it has; to an external peer the speaker's own address, but for a
   * third party on the same subnet.
   */
  AUTOMATIC,
  /** Always the speaker's own address on the session. */
  SELF,
  /** Always the one it has. */
  KEEP;

  /** As it is written in a file. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
