package io.denim.attach;

import io.denim.attach.Attachment.Address;
import io.denim.attach.Attachment.Port;
import io.denim.cni.CniException;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Ipv4Parameter;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Request;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.state.PodPorts;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Makes and deletes the veth of a container, and sets up its end in the container. */
final class Wiring {
  /** As long as the reference plugin waits; the kernel takes one to two seconds. */
  private static final Duration DETECTION = Duration.ofSeconds(10);

  private static final Duration DETECTION_STEP = Duration.ofMillis(50);

  /** linux/if_addr.h. */
  private static final int IFA_F_DADFAILED = 8;

  private final Rtnetlink node;
  private final VethReaper reaper;

  Wiring(Rtnetlink node, VethReaper reaper) {
    this.node = node;
    this.reaper = reaper;
  }

  /**
   * Makes a port of the bridge, with its other end born in the container under its name.
   *
   * @throws CniException when the container has an interface of the name already
   */
  void connect(Attachment.Key key, Port port, Link bridge, boolean ownBridge, Namespace container) {
    reaper.flush(port.hostDevice());
    int group =
        !ownBridge
            ? PodPorts.ELSEWHERE
            : port.hairpin() ? PodPorts.GROUP : PodPorts.WITHOUT_HAIRPIN;
    Request create =
        Links.create(
            Links.Spec.of(
                    port.hostDevice(),
                    new LinkKind.VethPair(
                        key.ifname(), port.mac(), port.mtu(), Optional.of(container)))
                .mac(hostMac(port.hostDevice()))
                .mtu(port.mtu())
                .master(bridge.index())
                .group(group)
                .upAtOnce());
    List<Request> requests = new ArrayList<>(List.of(create));
    if (port.hairpin() || port.isolated()) {
      requests.add(Links.port(port.hostDevice(), port.hairpin(), port.isolated()));
    }
    var failures = node.executeAll(requests);
    if (failures.isEmpty()) {
      return;
    }
    LinuxException first = failures.getFirst().error();
    if (first.errno() != Errno.EEXIST) {
      throw first;
    }
    makeRoom(key, port, container);
    requests.forEach(node::execute);
  }

  /** One of the names is taken: by a veth that nobody keeps a record of, or in the container. */
  private void makeRoom(Attachment.Key key, Port port, Namespace container) {
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      if (inside.link(key.ifname()).isPresent()) {
        throw new CniException(
            CniException.Code.ALREADY_ATTACHED,
            "CNI_IFNAME: the container "
                + key.container()
                + " has an interface \""
                + key.ifname()
                + "\" already; allowed is a name that is free");
      }
    }
    node.link(port.hostDevice()).ifPresent(stale -> node.execute(Links.delete(stale.index())));
  }

  static AttachmentException gone(String device) {
    return new AttachmentException(
        "the device " + device + " vanished while it was being attached; try again");
  }

  /** Sets up the container's end: addresses, up, routes. */
  void configure(Attachment.Key key, Port port, boolean detectDuplicates, Namespace container) {
    try (Rtnetlink inside = enter(key, port, detectDuplicates, container)) {
      int device = inside.link(key.ifname()).orElseThrow(() -> gone(key.ifname())).index();
      List<Request> requests = new ArrayList<>();
      // In every network namespace the loopback device has this index (net/core/dev.c).
      requests.add(Links.up(1));
      // Neighbours hear of the address when the link goes up, should another have had it before.
      requests.add(Links.ipv4(device, Ipv4Parameter.ARP_NOTIFY, 1));
      for (Address address : port.addresses()) {
        requests.add(
            detectDuplicates
                ? LinkAddress.detected(device, address.address())
                : LinkAddress.replace(device, address.address()));
      }
      if (port.up()) {
        requests.add(Links.up(device));
        port.routes().forEach(route -> requests.add(route(route, device).replace()));
      }
      var failures = inside.executeAll(requests);
      if (!failures.isEmpty()) {
        throw failures.getFirst().error();
      }
      if (detectDuplicates && port.up()) {
        awaitDetection(inside, device);
      }
    }
  }

  /** Waits until the addresses of a device can be used. */
  private static void awaitDetection(Rtnetlink inside, int device) {
    long end = System.nanoTime() + DETECTION.toNanos();
    while (true) {
      List<LinkAddress> probed =
          inside.addresses().stream()
              .filter(each ->
                  each.ifindex() == device
                      && !each.address().address().isLinkLocal()
                      && (each.flags() & LinkAddress.IFA_F_TENTATIVE) != 0)
              .toList();
      if (probed.isEmpty()) {
        return;
      }
      boolean failed = probed.stream().anyMatch(each -> (each.flags() & IFA_F_DADFAILED) != 0);
      if (failed || System.nanoTime() > end) {
        throw new CniException(
            CniException.Code.TRY_AGAIN,
            "enabledad: of "
                + probed.stream().map(LinkAddress::address).toList()
                + (failed
                    ? " one is another's on the link; another try gets another address"
                    : " it could not be found out within "
                        + DETECTION.toSeconds()
                        + " s whether they are another's on the link"));
      }
      try {
        Thread.sleep(DETECTION_STEP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AttachmentException("interrupted while addresses were probed", e);
      }
    }
  }

  private static Rtnetlink enter(
      Attachment.Key key, Port port, boolean detectDuplicates, Namespace container) {
    boolean ipv6 = port.addresses().stream().anyMatch(each -> !each.address().address().isV4());
    return ipv6
        ? Rtnetlink.open(container, session -> ipv6(session, key.ifname(), detectDuplicates))
        : Rtnetlink.openSmall(container);
  }

  private static void ipv6(Sysctl.Session session, String ifname, boolean detectDuplicates) {
    String path = "net/ipv6/conf/" + ifname + "/";
    session.write(path + "disable_ipv6", "0");
    session.write(path + "ndisc_notify", "1");
    session.write(path + "keep_addr_on_down", "1");
    if (!detectDuplicates) {
      // IPAM has made the addresses unique, and the detection would take two seconds.
      session.write(path + "accept_dad", "0");
    }
  }

  static Route route(PodRoute route, int device) {
    Route made =
        route
            .gateway()
            .map(gateway ->
                Route.via(route.destination(), gateway, device, false, Route.RTPROT_BOOT))
            .orElseGet(() -> Route.onLink(route.destination(), device, Route.RTPROT_BOOT))
            .withMtu(route.mtu())
            .withAdvmss(route.advmss());
    if (route.table() != 0) {
      made = made.withTable(route.table());
    }
    if (route.priority() != 0) {
      made = made.withMetric(route.priority());
    }
    return route.scope() == 0 ? made : made.withScope(route.scope());
  }

  /** Marks a veth as dying; one that is not there is dead. */
  void disconnect(String hostDevice) {
    node.link(hostDevice)
        .ifPresent(link -> {
          try {
            node.execute(Links.group(link.index(), PodPorts.DYING));
            reaper.dying(hostDevice);
          } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
              throw e;
            }
          }
        });
  }

  /**
   * Deletes the container's interface if it is a veth: its other end goes along, whoever made it
   * and whatever that is called.
   */
  static void deleteInside(String ifname, Namespace container) {
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      Optional<Link> link = inside.link(ifname);
      if (link.filter(found -> found.kind().equals(new LinkKind.Veth())).isPresent()) {
        inside.execute(Links.delete(link.get().index()));
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENODEV) {
        throw e;
      }
    }
  }

  /**
   * The name of the node's end: the same whenever it is asked, so that it can be found without a
   * record.
   */
  static String hostDevice(Attachment.Key key) {
    return "veth" + HexFormat.of().formatHex(digest(key.container() + "/" + key.ifname()), 0, 4);
  }

  static MacAddress hostMac(String device) {
    byte[] digest = digest(device);
    long bits = 0;
    for (int i = 0; i < 6; i++) {
      bits = bits << 8 | (digest[i] & 0xff);
    }
    return MacAddress.local(bits);
  }

  /**
   * 0a:58 and the lower half of the address, so that a neighbour's cache is right also when an
   * address is used again.
   */
  static MacAddress containerMac(IpAddress address) {
    return new MacAddress(0x0a58_0000_0000L | (address.low() & 0xffff_ffffL));
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
