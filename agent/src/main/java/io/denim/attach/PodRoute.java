package io.denim.attach;

import io.denim.cni.CniResult;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A route in a container.
 *
 * @param destination where to
 * @param gateway the next hop, empty for on the link
 * @param mtu in octets, 0 for none
 * @param advmss the largest TCP segment to announce, 0 for none
 * @param priority the metric, 0 for the kernel's choice
 * @param table the number of the table, 0 for main
 * @param scope the scope, 0 for anywhere
 */
public record PodRoute(
    Cidr destination,
    Optional<IpAddress> gateway,
    int mtu,
    int advmss,
    int priority,
    int table,
    int scope) {
  /** A route by a gateway, without anything special. */
  static PodRoute via(Cidr destination, IpAddress gateway) {
    return new PodRoute(destination, Optional.of(gateway), 0, 0, 0, 0, 0);
  }

  PodRoute withGateway(Optional<IpAddress> other) {
    return new PodRoute(destination, other, mtu, advmss, priority, table, scope);
  }

  /** As a result tells of it. */
  CniResult.Route result() {
    return new CniResult.Route(
        destination,
        gateway,
        OptionalInt.of(mtu),
        OptionalInt.of(advmss),
        OptionalInt.of(priority),
        table == 0 ? OptionalInt.empty() : OptionalInt.of(table),
        scope == 0 ? OptionalInt.empty() : OptionalInt.of(scope));
  }
}
