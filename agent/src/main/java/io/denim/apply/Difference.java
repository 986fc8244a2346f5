package io.denim.apply;

import io.denim.apply.Observed.Part;
import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Neighbour;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Desired;
import io.denim.plan.Desired.ForwardingEntry;
import io.denim.plan.Desired.NeighbourEntry;
import io.denim.plan.Desired.SysctlRule;
import io.denim.state.PodPorts;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The steps from what the kernel has to what it should have, in a safe order. Steps that need a
 * device which is still to be made are left out; the next round has them. {@link RouteDifference}
 * finds those of routes.
 */
public final class Difference {
  private final Desired desired;
  private final Observed observed;
  private final Map<String, Link> byName = new HashMap<>();
  private final Map<Integer, Link> byIndex = new HashMap<>();
  private final Steps steps = new Steps();

  private Difference(Desired desired, Observed observed) {
    this.desired = desired;
    this.observed = observed;
    for (Link link : observed.links()) {
      byName.put(link.name(), link);
      byIndex.put(link.index(), link);
    }
  }

  /**
   * The steps, in the order in which they are to be executed; empty when all is as it should be.
   */
  public static List<Step> between(Desired desired, Observed observed) {
    Difference difference = new Difference(desired, observed);
    difference.devices();
    difference.sysctls();
    difference.addresses();
    difference.up();
    difference.neighbours();
    difference.forwarding();
    difference.table();
    new RouteDifference(desired, observed, difference.byName, difference.byIndex, difference.steps)
        .find();
    difference.abandonedDevices();
    return difference.steps.inOrder();
  }

  private void devices() {
    for (Desired.Device device : desired.devices()) {
      Optional<Link> present = Optional.ofNullable(byName.get(device.name()));
      Optional<LinkKind> kind = kind(device);
      if (kind.isEmpty()) {
        continue;
      }
      boolean foreign =
          present
              .filter(link -> !link.kind().kernelName().equals(kind.get().kernelName()))
              .isPresent();
      if (present.isEmpty() || foreign) {
        // Of a device of another kind nothing is touched; the kernel says that its name is taken.
        byName.remove(device.name());
        create(device, kind.get());
        continue;
      }
      Link link = present.get();
      if (mustBeMadeAnew(kind.get(), link.kind())) {
        steps.make(Part.LINKS, Links.delete(link.index()));
        create(device, kind.get());
        byName.remove(device.name());
        continue;
      }
      change(device, kind.get(), link);
    }
  }

  private Optional<LinkKind> kind(Desired.Device device) {
    return switch (device) {
      case Desired.BridgeDevice _ -> Optional.of(new LinkKind.Bridge());
      case Desired.VxlanDevice vxlan ->
          Optional.ofNullable(byName.get(vxlan.lower()))
              .map(lower ->
                  new LinkKind.Vxlan(
                      vxlan.vni(),
                      Optional.of(vxlan.local()),
                      lower.index(),
                      vxlan.port(),
                      vxlan.learning(),
                      vxlan.gbp()));
    };
  }

  private void create(Desired.Device device, LinkKind kind) {
    steps.make(
        Part.LINKS,
        Links.create(Links.Spec.of(device.name(), kind).mac(device.mac()).mtu(device.mtu())));
  }

  /** The kernel changes neither VNI nor port nor group policy of a device. */
  private static boolean mustBeMadeAnew(LinkKind wanted, LinkKind present) {
    return wanted instanceof LinkKind.Vxlan want
        && present instanceof LinkKind.Vxlan have
        && (want.vni() != have.vni() || want.port() != have.port() || want.gbp() != have.gbp());
  }

  private void change(Desired.Device device, LinkKind kind, Link link) {
    if (kind instanceof LinkKind.Vxlan vxlan && !vxlan.equals(link.kind())) {
      steps.make(Part.LINKS, Links.vxlan(link.index(), vxlan));
    }
    if (link.mac().filter(device.mac()::equals).isEmpty()) {
      steps.make(Part.LINKS, Links.mac(link.index(), device.mac()));
    }
    if (link.mtu() != device.mtu()) {
      steps.make(Part.LINKS, Links.mtu(link.index(), device.mtu()));
    }
    if (device instanceof Desired.BridgeDevice) {
      for (Link port : observed.links()) {
        if (PodPorts.OF_NODE_BRIDGE.contains(port.group()) && port.master() != link.index()) {
          steps.make(Part.LINKS, Links.master(port.index(), link.index()));
          steps.make(Part.LINKS, Links.hairpin(port.index(), port.group() == PodPorts.GROUP));
        }
      }
    }
  }

  private void sysctls() {
    for (SysctlRule rule : desired.sysctls()) {
      Optional<String> value = Optional.ofNullable(observed.sysctls().get(rule.path()));
      Optional<String> wanted =
          switch (rule) {
            case SysctlRule.Exactly(_, String exact) -> Optional.of(exact);
            case SysctlRule.Instead(_, String of, String other) ->
                value.filter(of::equals).map(_ -> other);
            case SysctlRule.NotStrict(String path) -> {
              String all = path.substring(0, "net/ipv4/conf/".length()) + "all/rp_filter";
              boolean strict =
                  value.filter("1"::equals).isPresent() || "1".equals(observed.sysctls().get(all));
              yield strict && value.filter("2"::equals).isEmpty()
                  ? Optional.of("2")
                  : Optional.<String>empty();
            }
          };
      if (value.isPresent() && wanted.isPresent() && !value.equals(wanted)) {
        steps.add(new Step.Sysctl(rule.path(), wanted.get()));
      }
    }
  }

  private void addresses() {
    for (Desired.Device device : desired.devices()) {
      Link link = byName.get(device.name());
      if (link == null) {
        continue;
      }
      Set<InterfaceAddress> present = new HashSet<>();
      for (LinkAddress address : observed.addresses()) {
        if (address.ifindex() == link.index()) {
          present.add(address.address());
          boolean ours = Ownership.inNetworks(desired, address);
          if (ours && !device.addresses().contains(address.address())) {
            steps.remove(Part.ADDRESSES, LinkAddress.delete(link.index(), address.address()));
          }
        }
      }
      for (InterfaceAddress address : device.addresses()) {
        if (!present.contains(address)) {
          steps.make(Part.ADDRESSES, LinkAddress.replace(link.index(), address));
        }
      }
    }
  }

  private void up() {
    for (Desired.Device device : desired.devices()) {
      Link link = byName.get(device.name());
      if (link != null && !link.up()) {
        steps.make(Part.LINKS, Links.up(link.index()));
      }
    }
  }

  private void neighbours() {
    Map<String, MacAddress> present = new HashMap<>();
    Set<String> wanted = new HashSet<>();
    for (NeighbourEntry entry : desired.neighbours()) {
      wanted.add(entry.device() + " " + entry.address());
    }
    for (Neighbour neighbour : observed.neighbours()) {
      Link link = byIndex.get(neighbour.ifindex());
      if (link == null || !neighbour.permanent()) {
        continue;
      }
      String key = link.name() + " " + neighbour.address();
      neighbour.mac().ifPresent(mac -> present.put(key, mac));
      if (desired.allPeers() && !wanted.contains(key) && desired.device(link.name()).isPresent()) {
        steps.remove(Part.NEIGHBOURS, Neighbour.delete(link.index(), neighbour.address()));
      }
    }
    for (NeighbourEntry entry : desired.neighbours()) {
      Link link = byName.get(entry.device());
      if (link != null
          && !entry.mac().equals(present.get(entry.device() + " " + entry.address()))) {
        steps.make(Part.NEIGHBOURS, Neighbour.replace(link.index(), entry.address(), entry.mac()));
      }
    }
  }

  private void forwarding() {
    Map<String, IpAddress> wanted = new HashMap<>();
    for (ForwardingEntry entry : desired.forwarding()) {
      wanted.put(entry.device() + " " + entry.mac(), entry.remote());
    }
    Set<String> right = new HashSet<>();
    for (FdbEntry entry : observed.forwarding()) {
      Link link = byIndex.get(entry.ifindex());
      if (link == null || entry.remote().isEmpty() || !entry.permanent()) {
        continue;
      }
      String key = link.name() + " " + entry.mac();
      if (entry.remote().get().equals(wanted.get(key))) {
        right.add(key);
      } else if (wanted.containsKey(key) ? right.contains(key) : desired.allPeers()) {
        steps.remove(
            Part.FORWARDING, FdbEntry.delete(link.index(), entry.mac(), entry.remote().get()));
      }
    }
    for (ForwardingEntry entry : desired.forwarding()) {
      Link link = byName.get(entry.device());
      if (link != null && !right.contains(entry.device() + " " + entry.mac())) {
        steps.make(Part.FORWARDING, FdbEntry.replace(link.index(), entry.mac(), entry.remote()));
      }
    }
  }

  private void table() {
    var wanted = Rules.table(desired.firewall());
    if (observed.table().filter(wanted::equals).isEmpty()) {
      steps.add(new Step.Table(wanted, observed.table().isEmpty()));
    }
  }

  private void abandonedDevices() {
    for (Link link : observed.links()) {
      if (Ownership.isAbandoned(desired, observed.addresses(), link)) {
        steps.remove(Part.LINKS, Links.delete(link.index()));
      }
    }
  }
}
