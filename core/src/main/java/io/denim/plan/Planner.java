package io.denim.plan;

import io.denim.model.Backend;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.plan.Desired.Device;
import io.denim.plan.Desired.SysctlRule;
import io.denim.state.LocalNode;
import io.denim.state.LocalNode.Stack;
import io.denim.state.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Expands paths and the node's own needs into kernel objects. */
public final class Planner {
  private Planner() {}

  /**
   * The MTU of the pods: that of the largest packet that every path of the configured backend
   * carries, in bytes.
   *
   * @throws IllegalArgumentException when the encapsulation leaves less than IPv4's (68) or IPv6's
   *     (1280) minimum
   */
  public static int podMtu(Snapshot snapshot) {
    int mtu = snapshot.underlay().mtu();
    if (snapshot.config().backend() instanceof Backend.Vxlan vxlan) {
      for (Family family : snapshot.local().stacks().keySet()) {
        mtu = Math.min(mtu, Devices.vxlanMtu(vxlan, family, snapshot.underlay().mtu()));
      }
    }
    int least = snapshot.local().stack(Family.IPV6).isPresent() ? 1280 : 68;
    if (mtu < least) {
      throw new IllegalArgumentException(
          "Backend.MTU or the MTU of "
              + snapshot.underlay().device()
              + " leaves pods an MTU of "
              + mtu
              + "; allowed: "
              + least
              + " or more");
    }
    return mtu;
  }

  /** What should exist on this node, given the paths that {@link PathPlanner} chose. */
  public static Desired plan(Snapshot snapshot, List<PeerPath> paths) {
    PeerObjects peers = PeerObjects.of(paths);
    List<Device> devices = devices(snapshot);
    return new Desired(
        networks(snapshot),
        snapshot.underlay().device(),
        devices,
        peers.routes(),
        blackholes(snapshot),
        peers.neighbours(),
        peers.forwarding(),
        FirewallPlanner.firewall(snapshot),
        sysctls(snapshot, devices),
        true);
  }

  private static List<Cidr> networks(Snapshot snapshot) {
    List<Cidr> networks = new ArrayList<>();
    for (Family family : Family.values()) {
      snapshot.config().network(family).ifPresent(network -> networks.add(network.network()));
    }
    return networks;
  }

  private static List<Device> devices(Snapshot snapshot) {
    List<Device> devices = new ArrayList<>();
    if (snapshot.config().backend() instanceof Backend.Vxlan vxlan) {
      for (Family family : Family.values()) {
        snapshot
            .local()
            .stack(family)
            .ifPresent(stack -> devices.add(vxlanDevice(snapshot, vxlan, family, stack)));
      }
    }
    bridge(snapshot).ifPresent(devices::add);
    return devices;
  }

  private static Device vxlanDevice(
      Snapshot snapshot, Backend.Vxlan vxlan, Family family, Stack stack) {
    IpAddress own = stack.subnet().address();
    return new Desired.VxlanDevice(
        Devices.vxlan(family, vxlan.vni()),
        Devices.vxlanMtu(vxlan, family, snapshot.underlay().mtu()),
        stack.vtepMac(),
        List.of(new InterfaceAddress(own, family.bits())),
        vxlan.vni(),
        vxlan.effectivePort(),
        snapshot.underlay().address(family).orElse(stack.publicAddress()),
        snapshot.underlay().device(),
        vxlan.learning(),
        vxlan.gbp());
  }

  private static List<Cidr> blackholes(Snapshot snapshot) {
    return snapshot.local().rules().blackhole()
        ? snapshot.local().stacks().values().stream().map(Stack::subnet).sorted().toList()
        : List.of();
  }

  private static Optional<Device> bridge(Snapshot snapshot) {
    LocalNode local = snapshot.local();
    if (local.rules().blackhole()) {
      return Optional.empty();
    }
    List<InterfaceAddress> gateways = new ArrayList<>();
    for (Family family : Family.values()) {
      local
          .stack(family)
          .map(Stack::subnet)
          .ifPresent(subnet ->
              gateways.add(new InterfaceAddress(subnet.address().plus(1), subnet.length())));
    }
    return gateways.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Desired.BridgeDevice(
                Devices.BRIDGE, podMtu(snapshot), local.bridgeMac(), gateways));
  }

  private static List<SysctlRule> sysctls(Snapshot snapshot, List<Device> devices) {
    List<SysctlRule> rules = new ArrayList<>();
    String external = snapshot.underlay().device();
    if (snapshot.local().stack(Family.IPV4).isPresent()) {
      rules.add(new SysctlRule.Exactly("net/ipv4/ip_forward", "1"));
      rules.add(new SysctlRule.NotStrict("net/ipv4/conf/" + external + "/rp_filter"));
      for (Device device : devices) {
        rules.add(new SysctlRule.Exactly("net/ipv4/conf/" + device.name() + "/forwarding", "1"));
        rules.add(new SysctlRule.NotStrict("net/ipv4/conf/" + device.name() + "/rp_filter"));
      }
    }
    if (snapshot.local().stack(Family.IPV6).isPresent()) {
      // A forwarding host ignores router advertisements unless told 2, and would lose its default
      // route.
      rules.add(new SysctlRule.Instead("net/ipv6/conf/" + external + "/accept_ra", "1", "2"));
      rules.add(new SysctlRule.Exactly("net/ipv6/conf/all/forwarding", "1"));
      for (Device device : devices) {
        if (device instanceof Desired.BridgeDevice) {
          // The bridge's link-local address would be looked for on the link when its first port
          // comes up, and the node reach no pod by IPv6 for two seconds.
          rules.add(new SysctlRule.Exactly("net/ipv6/conf/" + device.name() + "/accept_dad", "0"));
        }
      }
    }
    for (Device device : devices) {
      if (device instanceof Desired.VxlanDevice) {
        rules.add(
            new SysctlRule.Instead("net/ipv6/conf/" + device.name() + "/accept_ra", "1", "0"));
      }
    }
    return rules;
  }
}
