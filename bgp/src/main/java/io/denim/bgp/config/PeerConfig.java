package io.denim.bgp.config;

import io.denim.bgp.policy.Policy;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One peer and all that its session is to do. Made by {@link #of}.
 *
 * @param name what it is called in commands, metrics and logs; one of its kind
 * @param address where it is dialled and from where it dials
 * @param device the interface it is at, for a link-local address of IPv6
 * @param port the port it listens on
 * @param localAddress the address to dial from; the kernel's choice without
 * @param as the AS it may be of
 * @param localAs this speaker's AS on the session, where it is not the speaker's own (RFC 7705)
 * @param passive whether this side waits to be dialled
 * @param timers the session's times
 * @param password the key of the TCP MD5 signature (RFC 2385), 1 to 80 octets of UTF-8
 * @param ttl how far away it may be
 * @param client whether it is a client of this reflector (RFC 4456)
 * @param clusterId the cluster it is a client in; the speaker's own without
 * @param nextHop the next hops it is sent
 * @param families the families of the session and their options
 * @param importPolicy what becomes of the routes it announces
 * @param exportPolicy what becomes of the routes it is announced
 * @param allowOwnAs how often this speaker's own AS may be in a path from it
 * @param enforceFirstAs whether an external peer's paths must begin with its AS (RFC 4271 6.3)
 * @param gracefulRestart whether routes outlive the session
 * @param role what this speaker is to it (RFC 9234)
 * @param extendedMessages whether messages of up to 65535 octets are offered (RFC 8654)
 * @param bfd whether BFD watches the way to it (RFC 5882)
 * @param shutdown whether the session is held down by an administrator
 * @param description words for people
 */
public record PeerConfig(
    String name,
    IpAddress address,
    Optional<String> device,
    int port,
    Optional<IpAddress> localAddress,
    RemoteAs as,
    OptionalLong localAs,
    boolean passive,
    Timers timers,
    Optional<String> password,
    Ttl ttl,
    boolean client,
    Optional<IpAddress> clusterId,
    NextHopMode nextHop,
    Map<Family, FamilyConfig> families,
    Policy importPolicy,
    Policy exportPolicy,
    int allowOwnAs,
    boolean enforceFirstAs,
    GracefulRestart gracefulRestart,
    Optional<Role> role,
    boolean extendedMessages,
    boolean bfd,
    boolean shutdown,
    String description) {
  /** The most octets of a password: TCP_MD5SIG_MAXKEYLEN of linux/tcp.h. */
  public static final int MAX_PASSWORD = 80;

  /** Checks each field by itself and against its neighbours. */
  public PeerConfig {
    Bounds.checkName("a peer's name", name);
    if (address.isMulticast()) {
      throw new IllegalArgumentException("a peer's address is one router's, got " + address);
    }
    if (device.isPresent() != address.needsInterface()) {
      throw new IllegalArgumentException(
          device.isPresent()
              ? "an interface is for a link-local address of IPv6, got " + address
              : "the link-local address "
                  + address
                  + " needs the interface that it is at, such as eth0");
    }
    device.ifPresent(PeerConfig::checkDevice);
    Bounds.check("a peer's port", port, 1, 65535);
    if (localAddress.isPresent() && localAddress.get().family() != address.family()) {
      throw new IllegalArgumentException(
          "the local address is of the family of " + address + ", got " + localAddress.get());
    }
    if (device.isEmpty() && localAddress.filter(IpAddress::needsInterface).isPresent()) {
      throw new IllegalArgumentException(
          "a link-local local address is for a link-local peer, got " + localAddress.get());
    }
    localAs.ifPresent(number -> Bounds.checkAs("the local AS", number));
    password.ifPresent(PeerConfig::checkPassword);
    clusterId.ifPresent(id -> Bounds.checkIdentifier("a peer's cluster id", id));
    if (families.isEmpty()) {
      throw new IllegalArgumentException("a peer has a family at least");
    }
    if (families.containsKey(Family.IPV6) && families.get(Family.IPV6).extendedNextHop()) {
      throw new IllegalArgumentException("next hops of the other family are for IPv4 (RFC 8950)");
    }
    families = Map.copyOf(families);
    Bounds.check("how often the own AS is allowed", allowOwnAs, 0, 255);
    if (client && as instanceof RemoteAs.External) {
      throw new IllegalArgumentException("a client of a reflector is internal (RFC 4456)");
    }
    if (role.isPresent() && as instanceof RemoteAs.Internal) {
      throw new IllegalArgumentException("an internal peer has no role (RFC 9234 4.1)");
    }
  }

  private static void checkDevice(String name) {
    if (!name.matches("[^\\s/:%]{1,15}")) {
      throw new IllegalArgumentException(
          "an interface has a name of 1 to 15 characters, such as eth0, got \"" + name + "\"");
    }
  }

  private static void checkPassword(String password) {
    int length = password.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > MAX_PASSWORD) {
      throw new IllegalArgumentException(
          "a password has 1 to " + MAX_PASSWORD + " octets, got " + length);
    }
  }

  /**
   * A builder of a peer with every default: dialled at port 179, hold time 90 s, the unicast routes
   * of its address's family, all routes taken and announced, graceful restart and extended messages
   * offered, an external peer's first AS enforced.
   */
  public static PeerBuilder of(String name, IpAddress address, RemoteAs as) {
    return new PeerBuilder(name, address, as);
  }

  /** As {@link #of(String, IpAddress, RemoteAs)}, of exactly this AS. */
  public static PeerBuilder of(String name, IpAddress address, long as) {
    return of(name, address, RemoteAs.of(as));
  }

  /** A builder that begins with this peer. */
  public PeerBuilder toBuilder() {
    return new PeerBuilder(this);
  }

  /** What no other peer has. */
  public PeerAddress at() {
    return new PeerAddress(address, device);
  }

  /** This speaker's AS on the session. */
  public long localAs(SpeakerConfig speaker) {
    return localAs.orElse(speaker.as());
  }

  /** The cluster that the peer is a client in. */
  public IpAddress clusterId(SpeakerConfig speaker) {
    return clusterId.orElse(speaker.clusterId());
  }

  /** Without the password, since it goes to logs. */
  @Override
  public String toString() {
    return name + " (" + at() + ", AS " + as + ")";
  }
}
