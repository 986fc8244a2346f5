package io.denim.agent;

import io.denim.ipam.Acquired;
import io.denim.ipam.FlannelLayout;
import io.denim.linux.netlink.Link;
import io.denim.model.Backend;
import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.NodeFacts;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Devices;
import io.denim.store.Store;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The hardware addresses of a node's own devices, the same after every restart. */
final class HardwareAddresses {
  private final String node;
  private final Store store;
  private final RandomGenerator random;

  HardwareAddresses(String node, Store store, RandomGenerator random) {
    this.node = node;
    this.store = store;
    this.random = random;
  }

  /** The VTEPs': of the devices that are there, else as published before, else new. */
  Map<Family, MacAddress> vteps(FlannelConfig config, List<Link> links) {
    Map<Family, MacAddress> vteps = new EnumMap<>(Family.class);
    if (config.backend() instanceof Backend.Vxlan vxlan) {
      Optional<FlannelLease> published = published();
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

  private Optional<FlannelLease> published() {
    try {
      return store
          .get(FlannelLayout.node(node))
          .map(entry -> NodeFacts.parse(entry.value()))
          .flatMap(facts -> store.get(FlannelLayout.lease(facts.subnet())))
          .map(entry -> FlannelLease.parse(entry.value()));
    } catch (InvalidConfigException e) {
      // What cannot be read is about to be written anew.
      return Optional.empty();
    }
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
  static MacAddress bridge(Acquired acquired, List<Link> links) {
    IpAddress subnet =
        acquired
            .record()
            .v4()
            .or(() -> acquired.record().v6())
            .map(Cidr::address)
            .orElse(IpAddress.ANY_V4);
    return of(links, Devices.BRIDGE)
        .orElse(new MacAddress(0x0a58_0000_0000L | (subnet.plus(1).low() & 0xffff_ffffL)));
  }
}
