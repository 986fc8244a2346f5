package io.denim.bgp.wire;

import io.denim.net.Family;
import java.util.Map;

/**
 * The graceful restart capability (RFC 4724, N bit RFC 8538).
 *
 * @param restarting R: this session follows a restart
 * @param notification N: routes are kept over a NOTIFICATION too
 * @param seconds how long the others should wait for the next session, 0 to 4095
 * @param families those that are kept, each with F: whether forwarding went on meanwhile; none
 *     means "I only help others"
 */
public record GracefulRestart(
    boolean restarting, boolean notification, int seconds, Map<Family, Boolean> families) {
  /** Checks the time. */
  public GracefulRestart {
    if (seconds < 0 || seconds > 0xfff) {
      throw new IllegalArgumentException("a restart time is 0 to 4095 s, got " + seconds);
    }
    families = Capabilities.copy(families);
  }
}
