package io.denim.agent;

import io.denim.model.Backend;
import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What this node publishes of itself. */
final class LeasePlan {
  private LeasePlan() {}

  static FlannelLease lease(
      FlannelConfig config, Map<Family, IpAddress> published, Map<Family, MacAddress> vteps) {
    IpAddress v4 = published.getOrDefault(Family.IPV4, IpAddress.ANY_V4);
    Optional<IpAddress> v6 = Optional.ofNullable(published.get(Family.IPV6));
    return switch (config.backend()) {
      case Backend.Alloc _ -> new FlannelLease(v4, v6, "", Optional.empty(), Optional.empty());
      case Backend.HostGw gateway ->
          new FlannelLease(v4, v6, gateway.type(), Optional.empty(), Optional.empty());
      case Backend.Vxlan vxlan ->
          new FlannelLease(
              v4,
              v6,
              vxlan.type(),
              data(vxlan, config, vteps, Family.IPV4),
              data(vxlan, config, vteps, Family.IPV6));
    };
  }

  private static Optional<BackendData> data(
      Backend.Vxlan vxlan, FlannelConfig config, Map<Family, MacAddress> vteps, Family family) {
    return config
        .network(family)
        .map(_ -> vteps.get(family))
        .map(mac -> new BackendData.Vxlan(OptionalInt.of(vxlan.vni()), mac));
  }
}
