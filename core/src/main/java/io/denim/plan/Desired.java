package io.denim.plan;

import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Optional;

/**
 * The kernel objects that should exist on this node, and nothing about those that are none of
 * Denim's.
 *
 * @param networks the pod networks; what the kernel holds inside them on Denim's devices is Denim's
 *     to remove
 * @param external the device towards the other nodes
 * @param devices the devices that Denim makes, in the order in which they are made
 * @param routes routes of the main table, by destination
 * @param blackholes prefixes whose packets are dropped where no longer prefix says better
 * @param neighbours permanent neighbours, by device and address
 * @param forwarding VXLAN forwarding entries, by device and hardware address
 * @param firewall masquerade and forward rules
 * @param sysctls kernel parameters, by path
 * @param allPeers whether every other node is in it. Where a node goes on with what it remembers
 *     there may be more, and the ways to them that the kernel has stay
 */
public record Desired(
    List<Cidr> networks,
    String external,
    List<Device> devices,
    List<RouteEntry> routes,
    List<Cidr> blackholes,
    List<NeighbourEntry> neighbours,
    List<ForwardingEntry> forwarding,
    Firewall firewall,
    List<SysctlRule> sysctls,
    boolean allPeers) {
  /** Nothing at all, for a node that has not been given anything yet. */
  public static final Desired NOTHING =
      new Desired(
          List.of(),
          "",
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Firewall.NONE,
          List.of(),
          true);

  /** Copies the lists. */
  public Desired {
    networks = List.copyOf(networks);
    devices = List.copyOf(devices);
    routes = List.copyOf(routes);
    blackholes = List.copyOf(blackholes);
    neighbours = List.copyOf(neighbours);
    forwarding = List.copyOf(forwarding);
    sysctls = List.copyOf(sysctls);
  }

  /** The same of a node that may not know all others. */
  public Desired withUnknownPeers() {
    return new Desired(
        networks,
        external,
        devices,
        routes,
        blackholes,
        neighbours,
        forwarding,
        firewall,
        sysctls,
        false);
  }

  /** A device that Denim makes and keeps. */
  public sealed interface Device {
    /** The device's name, at most 15 characters. */
    String name();

    /** The largest packet in bytes. */
    int mtu();

    /** The hardware address; always given, so that neither udev nor the kernel chooses another. */
    MacAddress mac();

    /** The addresses the device has; others of the pod networks are removed from it. */
    List<InterfaceAddress> addresses();
  }

  /**
   * A vxlan device.
   *
   * @param vni the network identifier, 0 to 2^24 - 1
   * @param port the UDP port in use on the wire
   * @param local the source address of the outer packets
   * @param lower the name of the device that carries the outer packets
   * @param learning whether the kernel learns hardware addresses from packets
   * @param gbp whether the group policy extension is on
   */
  public record VxlanDevice(
      String name,
      int mtu,
      MacAddress mac,
      List<InterfaceAddress> addresses,
      int vni,
      int port,
      IpAddress local,
      String lower,
      boolean learning,
      boolean gbp)
      implements Device {
    /** Copies the list. */
    public VxlanDevice {
      addresses = List.copyOf(addresses);
    }
  }

  /** The bridge that the node's pods are ports of. */
  public record BridgeDevice(String name, int mtu, MacAddress mac, List<InterfaceAddress> addresses)
      implements Device {
    /** Copies the list. */
    public BridgeDevice {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * A unicast route.
   *
   * @param destination where to
   * @param gateway the next hop
   * @param device the name of the outgoing device
   * @param onlink whether the next hop counts as on the link although no address says so
   */
  public record RouteEntry(Cidr destination, IpAddress gateway, String device, boolean onlink) {}

  /** A permanent neighbour: packets for this address on this device go to this hardware address. */
  public record NeighbourEntry(String device, IpAddress address, MacAddress mac) {}

  /** An entry of a vxlan device: frames for this hardware address go to this underlay address. */
  public record ForwardingEntry(String device, MacAddress mac, IpAddress remote) {}

  /** A kernel parameter under /proc/sys, written with slashes since device names hold dots. */
  public sealed interface SysctlRule {
    /** The path below /proc/sys. */
    String path();

    /** The parameter has this value. */
    record Exactly(String path, String value) implements SysctlRule {}

    /**
     * Strict reverse-path filtering of a device is made loose: where the larger of this and
     * conf/all is 1 it becomes 2. The kernel uses the larger one, and strict filtering drops
     * packets whenever two nodes choose different paths.
     */
    record NotStrict(String path) implements SysctlRule {}

    /** Where the parameter has the one value, it gets the other; any third value stays. */
    record Instead(String path, String of, String value) implements SysctlRule {}
  }

  /**
   * Denim's own rules, in the order in which packets meet them.
   *
   * @param postrouting source address translation, at hook postrouting
   * @param forward what is let through, at hook forward
   */
  public record Firewall(List<FirewallRule> postrouting, List<FirewallRule> forward) {
    /** No rules. */
    public static final Firewall NONE = new Firewall(List.of(), List.of());

    /** Copies the lists. */
    public Firewall {
      postrouting = List.copyOf(postrouting);
      forward = List.copyOf(forward);
    }
  }

  /** One rule: when all conditions hold, the verdict is final for the chain. */
  public record FirewallRule(List<Condition> when, Verdict then, String comment) {
    /** Copies the list. */
    public FirewallRule {
      when = List.copyOf(when);
    }
  }

  /** What a rule looks at. */
  public sealed interface Condition {
    /** The source address is in the prefix, or is not. */
    record Source(Cidr in, boolean negated) implements Condition {}

    /** The destination address is in the prefix, or is not. */
    record Destination(Cidr in, boolean negated) implements Condition {}

    /** These bits of the packet mark are set. */
    record MarkSet(int bits) implements Condition {}

    /** UDP to this destination port. */
    record UdpTo(int port) implements Condition {}
  }

  /** What a rule does. */
  public enum Verdict {
    /** Leave the chain. */
    RETURN,
    /** Let the packet through. */
    ACCEPT,
    /** Give the packet the outgoing device's address. */
    MASQUERADE,
    /** As {@link #MASQUERADE}, with source ports drawn at random. */
    MASQUERADE_RANDOM
  }

  /** The device of this name, if Denim makes one. */
  public Optional<Device> device(String name) {
    return devices.stream().filter(device -> device.name().equals(name)).findFirst();
  }
}
