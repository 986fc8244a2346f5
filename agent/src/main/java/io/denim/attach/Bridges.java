package io.denim.attach;

import io.denim.cni.CniException;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Sysctl;
import io.denim.net.InterfaceAddress;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The bridges that configurations name. The node's own bridge is the agent's, which keeps it; of
 * all others this makes sure when something is attached to them.
 */
final class Bridges {
  private final Rtnetlink links;
  private final Sysctl sysctl;
  private final RandomGenerator random;

  Bridges(Rtnetlink links, Sysctl sysctl, RandomGenerator random) {
    this.links = links;
    this.sysctl = sysctl;
    this.random = random;
  }

  /**
   * The bridge of a plan, made or completed as far as it is not the agent's.
   *
   * @param gateways the addresses that it has where it is the gateway
   */
  synchronized Link ensure(BridgePlan plan, List<InterfaceAddress> gateways) {
    Optional<Link> present = links.link(plan.bridge());
    if (present.isEmpty() && plan.ownBridge()) {
      throw new CniException(
          CniException.Code.TRY_AGAIN,
          "the bridge " + plan.bridge() + " is not there; the agent is making it");
    }
    Link bridge = present.orElseGet(() -> make(plan));
    if (!bridge.kind().equals(new LinkKind.Bridge())) {
      throw new CniException(
          CniException.Code.INVALID_CONFIG,
          "bridge: the device \""
              + plan.bridge()
              + "\" is no bridge but of kind \""
              + bridge.kind().kernelName()
              + "\"; allowed is the name of a bridge, or of none, which is then made");
    }
    if (!plan.ownBridge()) {
      complete(plan, bridge, gateways);
    }
    if (plan.promiscuous() && !bridge.promiscuous()) {
      links.execute(Links.promiscuous(bridge.index(), true));
    }
    if (!plan.hostPorts().isEmpty()) {
      takeInLoopback(plan.bridge());
    }
    return bridge;
  }

  /**
   * Lets packets from the node itself to 127.0.0.1 be led to containers behind this device, by a
   * port of the node.
   */
  void takeInLoopback(String device) {
    sysctl.write("net/ipv4/conf/" + device + "/route_localnet", "1");
  }

  private void complete(BridgePlan plan, Link bridge, List<InterfaceAddress> gateways) {
    if (plan.gateway()) {
      List<LinkAddress> addresses =
          links.addresses().stream().filter(each -> each.ifindex() == bridge.index()).toList();
      List<InterfaceAddress> all = plan.gateways();
      for (InterfaceAddress gateway : gateways) {
        address(plan, bridge, gateway, all, addresses);
      }
      forwarding(gateways);
    }
    if (!bridge.up()) {
      links.execute(Links.up(bridge.index()));
    }
  }

  private Link make(BridgePlan plan) {
    // An explicit address stays, whatever ports come and go.
    MacAddress mac = MacAddress.local(random.nextLong());
    try {
      links.execute(
          Links.create(
              Links.Spec.of(plan.bridge(), new LinkKind.Bridge()).mac(mac).mtu(plan.mtu())));
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
    // Its link-local address would be looked for on the link when the first port comes up, and the
    // node reach no container by IPv6 for two seconds.
    sysctl.write("net/ipv6/conf/" + plan.bridge() + "/accept_dad", "0");
    return links
        .link(plan.bridge())
        .orElseThrow(() -> new AttachmentException("the bridge " + plan.bridge() + " vanished"));
  }

  /**
   * @param all the gateways of the whole configuration, which other containers may have by now
   */
  private void address(
      BridgePlan plan,
      Link bridge,
      InterfaceAddress wanted,
      List<InterfaceAddress> all,
      List<LinkAddress> present) {
    for (LinkAddress address : present) {
      InterfaceAddress has = address.address();
      if (has.equals(wanted)) {
        return;
      }
      if (all.contains(has) || !conflict(has, wanted)) {
        continue;
      }
      if (!plan.forceAddress()) {
        throw new CniException(
            CniException.Code.INVALID_CONFIG,
            "bridge: \""
                + plan.bridge()
                + "\" has the address "
                + has
                + " already, and the configuration asks for "
                + wanted
                + "; set forceAddress to true to replace it, or name another bridge");
      }
      links.execute(LinkAddress.delete(bridge.index(), has));
    }
    links.execute(LinkAddress.replace(bridge.index(), wanted));
  }

  /** A bridge may have several IPv6 addresses, but not two views of one subnet. */
  private static boolean conflict(InterfaceAddress has, InterfaceAddress wanted) {
    boolean v4 = wanted.address().isV4();
    return has.address().isV4() == v4
        && !has.address().isLinkLocal()
        && (v4 || has.subnet().overlaps(wanted.subnet()));
  }

  private void forwarding(List<InterfaceAddress> gateways) {
    sysctl.session(session -> {
      for (InterfaceAddress gateway : gateways) {
        String all =
            gateway.address().isV4() ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding";
        if (session.read(all).filter("0"::equals).isPresent()) {
          session.write(all, "1");
        }
      }
      return true;
    });
  }
}
