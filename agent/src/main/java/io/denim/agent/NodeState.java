package io.denim.agent;

import io.denim.apply.Observed;
import io.denim.linux.netlink.Route;
import io.denim.model.FlannelConfig;
import io.denim.model.SubnetEnv;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.network.Membership.Held;
import io.denim.state.LocalNode;
import io.denim.state.Peer;
import io.denim.state.Snapshot;
import io.denim.state.Underlay;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a node has been given and has chosen; with what the kernel has and the peers it makes a
 * snapshot.
 */
record NodeState(
    FlannelConfig config,
    InterfaceChoice choice,
    Map<Family, MacAddress> vteps,
    MacAddress bridgeMac,
    Held held) {
  /** Copies the map. */
  NodeState {
    vteps = Map.copyOf(vteps);
  }

  /** Whether the node would have the same subnets by this. */
  boolean hasSubnetsOf(Held other) {
    return held.record().v4().equals(other.record().v4())
        && held.record().v6().equals(other.record().v6());
  }

  NodeState withHeld(Held other) {
    return new NodeState(config, choice, vteps, bridgeMac, other);
  }

  NodeState withChoice(InterfaceChoice other) {
    return new NodeState(config, other, vteps, bridgeMac, held);
  }

  Snapshot snapshot(AgentOptions options, Observed observed, List<Peer> peers) {
    Map<Family, LocalNode.Stack> stacks = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      held.record()
          .subnet(family)
          .ifPresent(subnet ->
              stacks.put(
                  family,
                  new LocalNode.Stack(
                      subnet,
                      choice.published().getOrDefault(family, IpAddress.ANY_V4),
                      vteps.getOrDefault(family, MacAddress.ZERO))));
    }
    return new Snapshot(
        config,
        new LocalNode(options.node(), stacks, bridgeMac, options.rules()),
        underlay(observed),
        peers);
  }

  /** The main table's routes that lead out of the pod networks: those are others' to make. */
  private Underlay underlay(Observed observed) {
    Map<Integer, String> names = new HashMap<>();
    observed.links().forEach(link -> names.put(link.index(), link.name()));
    List<Cidr> networks = new ArrayList<>();
    for (Family family : Family.values()) {
      config.network(family).ifPresent(network -> networks.add(network.network()));
    }
    List<Underlay.UnderlayRoute> routes = new ArrayList<>();
    for (Route route : observed.routes()) {
      boolean ours = networks.stream().anyMatch(network -> network.contains(route.destination()));
      if (!ours && !route.hops().isEmpty()) {
        Route.Hop hop = route.hops().getFirst();
        routes.add(
            new Underlay.UnderlayRoute(
                route.destination(),
                hop.gateway(),
                names.getOrDefault(hop.oif(), ""),
                route.metric()));
      }
    }
    return new Underlay(choice.device(), choice.mtu(), List.copyOf(choice.own().values()), routes);
  }

  /** What subnet.env says of a node. */
  static SubnetEnv subnetEnv(Snapshot snapshot, int mtu) {
    return new SubnetEnv(
        part(snapshot, Family.IPV4),
        part(snapshot, Family.IPV6),
        mtu,
        snapshot.local().rules().masquerade());
  }

  private static Optional<SubnetEnv.Part> part(Snapshot snapshot, Family family) {
    return snapshot
        .local()
        .stack(family)
        .flatMap(stack ->
            snapshot
                .config()
                .network(family)
                .map(network -> SubnetEnv.Part.of(network.network(), stack.subnet())));
  }
}
