package io.denim.cni;

import io.denim.net.InterfaceAddress;
import io.denim.net.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code runtimeConfig}: what the runtime asks for this one container (CONVENTIONS.md,
 * "capabilities"). A request that the runtime does not make is taken from the pod's annotations:
 * {@code kubernetes.io/ingress-bandwidth} and {@code egress-bandwidth}, {@code denim.io/ips},
 * {@code denim.io/mac}.
 *
 * @param portMappings ports to reach at the node; those with host port 0 left out
 * @param bandwidth limits; empty for none
 * @param ips addresses that are asked for; a length that is not given is that of a single address
 * @param mac the hardware address that is asked for
 * @param ipRanges ranges to take addresses from, one address of each set
 * @param dns servers, search domains and options for the container's resolver
 * @param annotations the pod's annotations, as far as the runtime hands them on
 */
public record RuntimeConfig(
    List<PortMapping> portMappings,
    Optional<Bandwidth> bandwidth,
    List<InterfaceAddress> ips,
    Optional<MacAddress> mac,
    List<RangeSet> ipRanges,
    Dns dns,
    Map<String, String> annotations) {
  /** Nothing is asked for. */
  public static final RuntimeConfig NONE =
      new RuntimeConfig(
          List.of(), Optional.empty(), List.of(), Optional.empty(), List.of(), Dns.NONE, Map.of());

  private static final String IPS = "denim.io/ips";
  private static final String MAC = "denim.io/mac";

  /** Copies the collections. */
  public RuntimeConfig {
    portMappings = List.copyOf(portMappings);
    ips = List.copyOf(ips);
    ipRanges = List.copyOf(ipRanges);
    annotations = Map.copyOf(annotations);
  }

  /** Reads the key of a configuration. */
  static RuntimeConfig read(Keys config) {
    return config.object("runtimeConfig").map(RuntimeConfig::readObject).orElse(NONE);
  }

  private static RuntimeConfig readObject(Keys keys) {
    Annotations annotations = Annotations.read(keys);
    return new RuntimeConfig(
        PortMapping.readAll(keys.list("portMappings")),
        keys.value("bandwidth").isPresent()
            ? keys.value("bandwidth").flatMap(value -> Bandwidth.read(value.path(), value.object()))
            : Bandwidth.ofAnnotations(annotations),
        keys.value("ips").isPresent() ? ips(keys.list("ips")) : ips(annotations),
        keys.parsed("mac", Addresses::tryMac, Addresses.MAC)
            .or(() ->
                annotations
                    .value(MAC)
                    .map(value -> value.parsed(Addresses::tryMac, Addresses.MAC))),
        RangeReader.sets(keys.list("ipRanges")),
        keys.object("dns").map(RuntimeConfig::dns).orElse(Dns.NONE),
        annotations.texts());
  }

  /** Reads a list of addresses with or without lengths. */
  static List<InterfaceAddress> ips(List<Value> values) {
    return values.stream()
        .map(value -> value.parsed(Addresses::tryInterface, Addresses.INTERFACE))
        .toList();
  }

  private static List<InterfaceAddress> ips(Annotations annotations) {
    List<InterfaceAddress> ips = new ArrayList<>();
    annotations
        .value(IPS)
        .ifPresent(value -> {
          for (String each : value.text().split(",", -1)) {
            ips.add(
                Addresses.tryInterface(each.strip())
                    .orElseThrow(
                        () -> value.invalid("a list with commas of " + Addresses.INTERFACE)));
          }
        });
    return ips;
  }

  private static Dns dns(Keys keys) {
    return new Dns(keys.texts("servers"), "", keys.texts("searches"), keys.texts("options"));
  }
}
