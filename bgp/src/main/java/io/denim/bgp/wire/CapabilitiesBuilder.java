package io.denim.bgp.wire;

import io.denim.net.Family;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Makes {@link Capabilities} one by one. */
public final class CapabilitiesBuilder {
  private boolean multiprotocol;
  private final Set<Family> families = EnumSet.noneOf(Family.class);
  private boolean routeRefresh;
  private boolean ipv4OverIpv6NextHop;
  private boolean extendedMessages;
  private OptionalInt role = OptionalInt.empty();
  private Optional<GracefulRestart> gracefulRestart = Optional.empty();
  private boolean fourOctetAs;
  private final Map<Family, AddPath> addPath = new EnumMap<>(Family.class);
  private boolean enhancedRefresh;
  private Optional<Map<Family, LongLived>> longLived = Optional.empty();
  private Optional<HostName> hostName = Optional.empty();
  private Optional<String> softwareVersion = Optional.empty();
  private final Set<Integer> unknown = new TreeSet<>();

  CapabilitiesBuilder() {}

  /** The multiprotocol capability is there, whatever families it names. */
  CapabilitiesBuilder multiprotocol() {
    multiprotocol = true;
    return this;
  }

  /** One family more. */
  public CapabilitiesBuilder family(Family family) {
    families.add(family);
    return multiprotocol();
  }

  /** Route refresh. */
  public CapabilitiesBuilder routeRefresh() {
    routeRefresh = true;
    return this;
  }

  /** IPv4 routes with an IPv6 next hop. */
  public CapabilitiesBuilder ipv4OverIpv6NextHop() {
    ipv4OverIpv6NextHop = true;
    return this;
  }

  /** Extended messages. */
  public CapabilitiesBuilder extendedMessages() {
    extendedMessages = true;
    return this;
  }

  /** The role. */
  public CapabilitiesBuilder role(int value) {
    role = OptionalInt.of(value);
    return this;
  }

  /** Graceful restart; the last one counts. */
  public CapabilitiesBuilder gracefulRestart(GracefulRestart value) {
    gracefulRestart = Optional.of(value);
    return this;
  }

  /** AS numbers of four octets. */
  public CapabilitiesBuilder fourOctetAs() {
    fourOctetAs = true;
    return this;
  }

  /** Several paths for a prefix of this family. */
  public CapabilitiesBuilder addPath(Family family, AddPath value) {
    addPath.put(family, value);
    return this;
  }

  /** Enhanced route refresh. */
  public CapabilitiesBuilder enhancedRefresh() {
    enhancedRefresh = true;
    return this;
  }

  /** Long-lived graceful restart; no family means that it is understood only. */
  public CapabilitiesBuilder longLived(Map<Family, LongLived> value) {
    longLived = Optional.of(value);
    return this;
  }

  /** The host's name. */
  public CapabilitiesBuilder hostName(HostName value) {
    hostName = Optional.of(value);
    return this;
  }

  /** The program and its version. */
  public CapabilitiesBuilder softwareVersion(String value) {
    softwareVersion = Optional.of(value);
    return this;
  }

  CapabilitiesBuilder unknown(int code) {
    unknown.add(code);
    return this;
  }

  OptionalInt role() {
    return role;
  }

  /** The capabilities. */
  public Capabilities build() {
    return new Capabilities(
        multiprotocol,
        families,
        routeRefresh,
        ipv4OverIpv6NextHop,
        extendedMessages,
        role,
        gracefulRestart,
        fourOctetAs,
        addPath,
        enhancedRefresh,
        longLived,
        hostName,
        softwareVersion,
        List.copyOf(unknown));
  }
}
