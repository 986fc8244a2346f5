package io.denim.attach;

import io.denim.cni.CniException;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
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

  Bridges(Rtnetlink links, Namespace node, RandomGenerator random) {
    this.links = links;
    this.sysctl = Sysctl.of(node);
    this.random = random;
  }

  /**
   * The bridge of a plan, made or completed as far as it is not the agent's.
   *
   * @param gateways the addresses that it has where it is the gateway
   */
  synchronized Link ensure(BridgePlan plan, List<InterfaceAddress> gateways) {
    Link bridge =
        plan.ownBridge()
            ? links
                .link(plan.bridge())
                .orElseThrow(() ->
                    new CniException(
                        CniException.Code.TRY_AGAIN,
                        "the bridge " + plan.bridge() + " is not there; the agent is making it"))
            : other(plan, gateways);
    if (!bridge.kind().equals(new LinkKind.Bridge())) {
      throw new CniException(
          CniException.Code.INVALID_CONFIG,
          "bridge: the device \""
              + plan.bridge()
              + "\" is no bridge but of kind \""
              + bridge.kind().kernelName()
              + "\"; allowed is the name of a bridge, or of none, which is then made");
    }
    if (plan.promiscuous() && !bridge.promiscuous()) {
      links.execute(Links.promiscuous(bridge.index(), true));
    }
    if (!plan.hostPorts().isEmpty()) {
      // Packets from the node itself to 127.0.0.1 are led into the bridge.
      sysctl.write("net/ipv4/conf/" + plan.bridge() + "/route_localnet", "1");
    }
    return bridge;
  }

  private Link other(BridgePlan plan, List<InterfaceAddress> gateways) {
    Optional<Link> present = links.link(plan.bridge());
    Link bridge = present.orElseGet(() -> make(plan));
    if (plan.gateway()) {
      List<LinkAddress> addresses =
          links.addresses().stream().filter(each -> each.ifindex() == bridge.index()).toList();
      for (InterfaceAddress gateway : gateways) {
        address(plan, bridge, gateway, addresses);
      }
      forwarding(gateways);
    }
    if (!bridge.up()) {
      links.execute(Links.up(bridge.index()));
    }
    return bridge;
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
    return links
        .link(plan.bridge())
        .orElseThrow(() -> new AttachmentException("the bridge " + plan.bridge() + " vanished"));
  }

  private void address(
      BridgePlan plan, Link bridge, InterfaceAddress wanted, List<LinkAddress> present) {
    boolean v4 = wanted.address().isV4();
    for (LinkAddress address : present) {
      InterfaceAddress has = address.address();
      if (has.equals(wanted)) {
        return;
      }
      // A bridge may have several IPv6 addresses, but not two views of one subnet.
      boolean conflict =
          has.address().isV4() == v4
              && !has.address().isLinkLocal()
              && (v4 || has.subnet().overlaps(wanted.subnet()));
      if (conflict && !plan.forceAddress()) {
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
      if (conflict) {
        links.execute(LinkAddress.delete(bridge.index(), has));
      }
    }
    links.execute(LinkAddress.replace(bridge.index(), wanted));
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
