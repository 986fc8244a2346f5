package io.denim.bgp.wire;

/**
 * What long-lived graceful restart says of one family (RFC 9494).
 *
 * @param forwarding F: whether forwarding went on over the restart
 * @param staleSeconds how long stale routes are kept after the restart time, 24 bits
 */
public record LongLived(boolean forwarding, int staleSeconds) {
  /** Checks the time. */
  public LongLived {
    if (staleSeconds < 0 || staleSeconds > 0xffffff) {
      throw new IllegalArgumentException("a stale time is 0 to 16777215 s, got " + staleSeconds);
    }
  }
}
