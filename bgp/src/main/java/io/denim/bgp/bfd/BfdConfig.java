package io.denim.bgp.bfd;

import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A session to be.
 *
 * @param local an address of this host, from which it sends and at which it listens
 * @param remote the peer's
 * @param multihop whether routers may be between the two (RFC 5883)
 * @param interval how often both sides send once it is up, unless the peer is slower
 * @param multiplier how many intervals of silence the peer takes for death, 1 to 255
 * @param device the device by which the peer is reached, where the addresses do not tell
 */
public record BfdConfig(
    IpAddress local,
    IpAddress remote,
    boolean multihop,
    Duration interval,
    int multiplier,
    Optional<String> device) {
  /** 300 ms, three times: a death is known after 900 ms. */
  public static final Duration DEFAULT_INTERVAL = Duration.ofMillis(300);

  /** Three times. */
  public static final int DEFAULT_MULTIPLIER = 3;

  private static final Duration SHORTEST = Duration.ofMillis(10);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Checks each field by itself and against its neighbours. */
  public BfdConfig {
    if (local.family() != remote.family()) {
      throw new IllegalArgumentException(
          "BFD from " + local + " to " + remote + ": both must be of one family");
    }
    if (local.isAny() || local.isMulticast() || remote.isAny() || remote.isMulticast()) {
      throw new IllegalArgumentException(
          "BFD from " + local + " to " + remote + ": both must be addresses of one host each");
    }
    if (local.isLinkLocal() && !local.isV4() && device.isEmpty()) {
      throw new IllegalArgumentException("BFD from " + local + " needs the device it is on");
    }
    if (multihop && device.isPresent()) {
      throw new IllegalArgumentException(
          "BFD over several hops to " + remote + " takes any device; leave it out");
    }
    checkPace(interval, multiplier);
  }

  /** To a neighbour, at the usual pace. */
  public static BfdConfig of(IpAddress local, IpAddress remote) {
    return new BfdConfig(
        local, remote, false, DEFAULT_INTERVAL, DEFAULT_MULTIPLIER, Optional.empty());
  }

  /** To a neighbour on this device, at the usual pace. */
  public static BfdConfig of(IpAddress local, IpAddress remote, String device) {
    return new BfdConfig(
        local, remote, false, DEFAULT_INTERVAL, DEFAULT_MULTIPLIER, Optional.of(device));
  }

  /** To a peer with routers between. */
  public BfdConfig overSeveralHops() {
    return new BfdConfig(local, remote, true, interval, multiplier, device);
  }

  /** At another pace. */
  public BfdConfig every(Duration interval, int multiplier) {
    return new BfdConfig(local, remote, multihop, interval, multiplier, device);
  }

  static void checkPace(Duration interval, int multiplier) {
    if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a BFD interval is 10 ms to 1 min, got " + interval.toMillis() + " ms");
    }
    if (multiplier < 1 || multiplier > 255) {
      throw new IllegalArgumentException("a BFD multiplier is 1 to 255, got " + multiplier);
    }
  }

  Endpoint endpoint() {
    return new Endpoint(local, multihop, device);
  }

  /** What no two sessions have in common, and what the first packets find theirs by. */
  Way way() {
    return new Way(endpoint(), remote);
  }

  record Way(Endpoint at, IpAddress remote) {}
}
