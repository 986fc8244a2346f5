package io.denim.agent;

import io.denim.linux.netlink.Link;
import io.denim.model.Backend;
import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.LeaseRecord;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Devices;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The hardware addresses of a node's own devices, the same after every restart. */
final class HardwareAddresses {
  private final RandomGenerator random;

  HardwareAddresses(RandomGenerator random) {
    this.random = random;
  }

  /** The VTEPs': of the devices that are there, else as published before, else new. */
  Map<Family, MacAddress> vteps(
      FlannelConfig config, List<Link> links, Optional<FlannelLease> published) {
    Map<Family, MacAddress> vteps = new EnumMap<>(Family.class);
    if (config.backend() instanceof Backend.Vxlan vxlan) {
      for (Family family : Family.values()) {
        vteps.put(
            family,
            of(links, Devices.vxlan(family, vxlan.vni()))
                .or(() -> published.flatMap(lease -> vtep(lease, family)))
                .orElseGet(() -> MacAddress.local(random.nextLong())));
      }
    }
    return vteps;
  }

  private static Optional<MacAddress> vtep(FlannelLease lease, Family family) {
    return lease
        .data(family)
        .filter(BackendData.Vxlan.class::isInstance)
        .map(data -> ((BackendData.Vxlan) data).mac());
  }

  private static Optional<MacAddress> of(List<Link> links, String device) {
    return links.stream()
        .filter(link -> link.name().equals(device))
        .flatMap(link -> link.mac().stream())
        .findFirst();
  }

  /**
   * The bridge's: what it has, else 0a:58 and its IPv4 address, as the reference plugins make
   * addresses.
   */
  static MacAddress bridge(LeaseRecord record, List<Link> links) {
    IpAddress subnet = record.v4().or(record::v6).map(Cidr::address).orElse(IpAddress.ANY_V4);
    return of(links, Devices.BRIDGE)
        .orElse(new MacAddress(0x0a58_0000_0000L | (subnet.plus(1).low() & 0xffff_ffffL)));
  }
}
