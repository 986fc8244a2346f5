package io.denim.router;

import io.denim.bgp.config.SpeakerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * All that {@code denim bgp run} is told by its file.
 *
 * @param speaker the speaker
 * @param control the Unix socket where the other {@code denim bgp} commands find it; none when it
 *     is not to be found
 * @param metrics where Prometheus finds its metrics
 * @param bmp the stations that it tells of its peers and their routes (RFC 7854)
 */
public record RouterConfig(
    SpeakerConfig speaker, Optional<Path> control, Optional<HostPort> metrics, List<HostPort> bmp) {
  /** Copies the list. */
  public RouterConfig {
    bmp = List.copyOf(bmp);
  }
}
