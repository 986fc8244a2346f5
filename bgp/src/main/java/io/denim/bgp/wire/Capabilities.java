package io.denim.bgp.wire;

import io.denim.net.Family;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a speaker says in its OPEN that it can do (RFC 5492), as far as this one knows of it.
 *
 * @param multiprotocol whether families are named at all (RFC 4760)
 * @param families the families wanted; IPv4 alone if none are named
 * @param routeRefresh RFC 2918
 * @param ipv4OverIpv6NextHop IPv4 routes with an IPv6 next hop are understood (RFC 8950)
 * @param extendedMessages messages of up to 65,535 octets (RFC 8654)
 * @param role 0 provider, 1 route server, 2 its client, 3 customer, 4 peer (RFC 9234)
 * @param gracefulRestart RFC 4724
 * @param fourOctetAs AS numbers of four octets (RFC 6793); the number itself is in {@link Open}
 * @param addPath by family (RFC 7911)
 * @param enhancedRefresh RFC 7313
 * @param longLived by family (RFC 9494); empty if not said or said without graceful restart
 * @param hostName for display
 * @param softwareVersion for display
 * @param unknown the codes of other capabilities, for display
 */
public record Capabilities(
    boolean multiprotocol,
    Set<Family> families,
    boolean routeRefresh,
    boolean ipv4OverIpv6NextHop,
    boolean extendedMessages,
    OptionalInt role,
    Optional<GracefulRestart> gracefulRestart,
    boolean fourOctetAs,
    Map<Family, AddPath> addPath,
    boolean enhancedRefresh,
    Optional<Map<Family, LongLived>> longLived,
    Optional<HostName> hostName,
    Optional<String> softwareVersion,
    List<Integer> unknown) {
  /** Of a peer that says none: IPv4 unicast and two-octet AS numbers. */
  public static final Capabilities NONE = new CapabilitiesBuilder().build();

  /** Copies; without the multiprotocol capability the family is IPv4. */
  public Capabilities {
    EnumSet<Family> wanted = EnumSet.noneOf(Family.class);
    wanted.addAll(multiprotocol ? families : Set.of(Family.IPV4));
    families = Collections.unmodifiableSet(wanted);
    addPath = copy(addPath);
    longLived = gracefulRestart.isPresent() ? longLived.map(Capabilities::copy) : Optional.empty();
    unknown = List.copyOf(unknown);
  }

  /** A builder without any capability. */
  public static CapabilitiesBuilder builder() {
    return new CapabilitiesBuilder();
  }

  /**
   * These without what a peer refuses (RFC 5492 3): without any after 2/4, since it does not know
   * the parameter they are in; without those that the NOTIFICATION names after 2/7. The same when
   * it refuses none of them, or leaves no family.
   */
  public Capabilities without(Notification refusal) {
    return CapabilityRefusal.of(refusal).from(this);
  }

  static <V> Map<Family, V> copy(Map<Family, V> map) {
    EnumMap<Family, V> copy = new EnumMap<>(Family.class);
    copy.putAll(map);
    return Collections.unmodifiableMap(copy);
  }
}
