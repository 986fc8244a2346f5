package io.denim.cni;

import io.denim.net.IpAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A port of a container that is reachable at the node.
 *
 * @param hostPort the port at the node, 1 to 65535
 * @param containerPort the container's port, 1 to 65535
 * @param protocol the protocol of both
 * @param hostIp the node's address; 0.0.0.0 and :: stand for all of their family, empty for all of
 *     both
 */
public record PortMapping(
    int hostPort, int containerPort, Protocol protocol, Optional<IpAddress> hostIp) {
  /** A protocol with ports. */
  public enum Protocol {
    TCP,
    UDP,
    SCTP;

    static Optional<Protocol> tryParse(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "tcp" -> Optional.of(TCP);
        case "udp" -> Optional.of(UDP);
        case "sctp" -> Optional.of(SCTP);
        default -> Optional.empty();
      };
    }
  }

  /** Checks the ports. */
  public PortMapping {
    checkPort(hostPort);
    checkPort(containerPort);
  }

  private static void checkPort(int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("a port is 1 to 65535, got " + port);
    }
  }

  /**
   * Reads {@code portMappings}. Those with host port 0 ask for nothing and are left out, as are
   * repetitions.
   */
  static List<PortMapping> readAll(List<Value> values) {
    record Outside(int hostPort, Protocol protocol, Optional<IpAddress> hostIp) {}
    Map<Outside, PortMapping> mappings = new LinkedHashMap<>();
    for (Value value : values) {
      read(value)
          .ifPresent(mapping -> {
            PortMapping other =
                mappings.putIfAbsent(
                    new Outside(mapping.hostPort, mapping.protocol, mapping.hostIp), mapping);
            if (other != null && !other.equals(mapping)) {
              throw value.wrong("another mapping leads this host port to " + other.containerPort);
            }
          });
    }
    return List.copyOf(mappings.values());
  }

  private static Optional<PortMapping> read(Value value) {
    Keys keys = value.object();
    int hostPort = keys.whole("hostPort", 0, 65535).orElse(0);
    int containerPort =
        keys.whole("containerPort", 1, 65535)
            .orElseThrow(() -> value.wrong("containerPort is missing; allowed is 1 to 65535"));
    Protocol protocol =
        keys.parsed("protocol", Protocol::tryParse, "tcp, udp or sctp").orElse(Protocol.TCP);
    Optional<IpAddress> hostIp =
        keys.parsed("hostIP", IpAddress::tryParse, "an address such as 192.0.2.7");
    return hostPort == 0
        ? Optional.empty()
        : Optional.of(new PortMapping(hostPort, containerPort, protocol, hostIp));
  }
}
