package io.denim.bgp.config;

/**
 * Whether routes outlive a lost session (RFC 4724, with notifications as in RFC 8538).
 *
 * @param enabled whether the capability is offered
 * @param restartSeconds how long the peer is asked to wait for this speaker's return, 0 to 4095
 * @param longLivedSeconds how long stale routes are kept after that, as the last choice (RFC 9494);
 *     0 for not at all, at most 16777215
 */
public record GracefulRestart(boolean enabled, int restartSeconds, int longLivedSeconds) {
  /** On, with 120 s, not long-lived. */
  public static final GracefulRestart DEFAULT = new GracefulRestart(true, 120, 0);

  /** Not offered; a lost session's routes go at once. */
  public static final GracefulRestart OFF = new GracefulRestart(false, 0, 0);

  /** Checks that the times fit into the capabilities: 12 and 24 bits. */
  public GracefulRestart {
    Bounds.check("the restart time", restartSeconds, 0, 4095);
    Bounds.check("the long-lived stale time", longLivedSeconds, 0, 0xff_ffff);
    if (!enabled && longLivedSeconds != 0) {
      throw new IllegalArgumentException(
          "long-lived graceful restart needs graceful restart (RFC 9494 4.1)");
    }
  }

  /** Whether stale routes are kept after the restart time. */
  public boolean longLived() {
    return longLivedSeconds > 0;
  }
}
