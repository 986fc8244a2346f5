package io.denim.bgp.bmp;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A station, and what it is told of this speaker.
 *
 * @param address where it listens
 * @param sysName the name of this node
 * @param sysDescr what runs on it
 * @param statistics how often numbers are sent
 */
public record BmpStation(
    InetSocketAddress address, String sysName, String sysDescr, Duration statistics) {
  /** Numbers are sent once a minute. */
  public static final Duration DEFAULT_STATISTICS = Duration.ofMinutes(1);

  /** Checks the duration. */
  public BmpStation {
    if (statistics.toMillis() < 1) {
      throw new IllegalArgumentException("statistics are sent every 1 ms or less often");
    }
  }

  /** One that is sent numbers once a minute. */
  public static BmpStation of(InetSocketAddress address, String sysName, String sysDescr) {
    return new BmpStation(address, sysName, sysDescr, DEFAULT_STATISTICS);
  }
}
