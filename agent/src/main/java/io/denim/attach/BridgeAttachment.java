package io.denim.attach;

import io.denim.ipam.AddressRange;
import io.denim.ipam.HostLocal;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Request;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.state.PodPorts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Attaches pods to the node's bridge and detaches them. Any thread may use it. */
public final class BridgeAttachment implements AutoCloseable {
  /** The name of the network, and of its folder of addresses, in flannel's CNI configuration. */
  private static final String NETWORK = "cbr0";

  private final Rtnetlink node;
  private final Path dataDir;
  private final VethReaper reaper;
  private Optional<PodNetwork> network = Optional.empty();
  private Optional<HostLocal> addresses = Optional.empty();

  /**
   * An attachment that does not know its network yet.
   *
   * @param node the node's links; stays the caller's
   * @param dataDir the folder of the files of addresses
   */
  public BridgeAttachment(Rtnetlink node, Path dataDir) {
    this.node = node;
    this.dataDir = dataDir;
    this.reaper = new VethReaper(node);
  }

  /** Says what pods are attached to. Those that are attached keep what they have. */
  public synchronized void configure(PodNetwork podNetwork) {
    if (addresses.isEmpty()) {
      addresses = Optional.of(new HostLocal(dataDir, NETWORK));
    }
    network = Optional.of(podNetwork);
  }

  private synchronized PodNetwork network() {
    return network.orElseThrow(() ->
        new AttachmentException(
            "the agent is not ready, so there is no subnet to take an address from; try again"));
  }

  private synchronized HostLocal addresses() {
    return addresses.orElseThrow(
        () -> new AttachmentException("the agent is not ready, so addresses are not known"));
  }

  /**
   * Attaches a pod, or gives what it has when it is attached already.
   *
   * @param container the container as the runtime names it
   * @param ifname the device's name in the pod
   * @param pod the pod's namespace
   * @throws AttachmentException when it cannot; then nothing is left of it
   */
  public Attached attach(String container, String ifname, Namespace pod) {
    PodNetwork to = network();
    HostLocal.Owner owner = new HostLocal.Owner(container, ifname);
    List<HostLocal.Assigned> assigned = new ArrayList<>();
    try {
      for (int i = 0; i < to.subnets().size(); i++) {
        AddressRange range = AddressRange.of(to.subnets().get(i));
        assigned.add(addresses().allocate(owner, Integer.toString(i), List.of(range)));
      }
      reaper.flush(hostDevice(container, ifname));
      assigned.forEach(address -> reaper.flush(address.address().address().toString()));
      return wire(container, ifname, pod, to, assigned);
    } catch (LinuxException | AttachmentException e) {
      remove(container, ifname);
      addresses().release(owner);
      throw new AttachmentException(
          "cannot attach " + ifname + " of container " + container + ": " + e.getMessage(), e);
    }
  }

  private Attached wire(
      String container,
      String ifname,
      Namespace pod,
      PodNetwork to,
      List<HostLocal.Assigned> assigned) {
    Link bridge =
        node.link(to.bridge())
            .orElseThrow(() ->
                new AttachmentException(
                    "the bridge "
                        + to.bridge()
                        + " is not there; the agent is making it, try again"));
    String host = hostDevice(container, ifname);
    MacAddress mac = podMac(assigned);
    try (Rtnetlink inside = Rtnetlink.open(pod)) {
      if (node.link(host).isEmpty()) {
        node.execute(
            Links.create(
                Links.Spec.of(host, new LinkKind.VethPair(ifname, mac, to.mtu(), Optional.of(pod)))
                    .mac(hostMac(host))
                    .mtu(to.mtu())
                    .master(bridge.index())
                    .group(PodPorts.GROUP)
                    .upAtOnce()));
      }
      int port = node.link(host).orElseThrow(() -> gone(host)).index();
      node.execute(Links.hairpin(port, true));
      int device = inside.link(ifname).orElseThrow(() -> gone(ifname)).index();
      prepareIpv6(pod, ifname);
      configure(inside, device, assigned);
    }
    return new Attached(
        host,
        mac,
        assigned.stream().map(HostLocal.Assigned::address).toList(),
        assigned.stream().map(HostLocal.Assigned::gateway).toList(),
        to.mtu());
  }

  private static AttachmentException gone(String device) {
    return new AttachmentException(
        "the device " + device + " vanished while it was being attached; try again");
  }

  /**
   * No duplicate address detection: IPAM has made the addresses unique, and it would take two
   * seconds.
   */
  private static void prepareIpv6(Namespace pod, String ifname) {
    Sysctl.of(pod).write("net/ipv6/conf/" + ifname + "/accept_dad", "0");
  }

  private static void configure(Rtnetlink inside, int device, List<HostLocal.Assigned> assigned) {
    List<Request> requests = new ArrayList<>();
    inside.link("lo").ifPresent(lo -> requests.add(Links.up(lo.index())));
    for (HostLocal.Assigned address : assigned) {
      requests.add(LinkAddress.replace(device, address.address()));
    }
    requests.add(Links.up(device));
    for (HostLocal.Assigned address : assigned) {
      Cidr all = address.gateway().isV4() ? Cidr.ALL_V4 : Cidr.ALL_V6;
      requests.add(Route.via(all, address.gateway(), device, false, Route.RTPROT_BOOT).replace());
    }
    var failures = inside.executeAll(requests);
    if (!failures.isEmpty()) {
      throw failures.getFirst().error();
    }
  }

  /**
   * Detaches a pod; one that is not attached is detached. Answers when the address is free and the
   * veth is marked; the veth itself goes within a tenth of a second.
   */
  public void detach(String container, String ifname) {
    remove(container, ifname);
    addresses()
        .release(new HostLocal.Owner(container, ifname))
        .forEach(address -> reaper.dying(address.toString()));
  }

  private void remove(String container, String ifname) {
    String host = hostDevice(container, ifname);
    node.link(host)
        .ifPresent(link -> {
          try {
            node.execute(Links.group(link.index(), PodPorts.DYING));
            reaper.dying(host);
          } catch (LinuxException e) {
            if (e.errno() != Errno.ENODEV) {
              throw e;
            }
          }
        });
  }

  /**
   * The name of the node's end: the same whenever it is asked, so that a repeated call meets what
   * it made before.
   */
  static String hostDevice(String container, String ifname) {
    return "veth" + HexFormat.of().formatHex(digest(container + "/" + ifname), 0, 4);
  }

  private static MacAddress hostMac(String device) {
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
  private static MacAddress podMac(List<HostLocal.Assigned> assigned) {
    IpAddress address = assigned.getFirst().address().address();
    return new MacAddress(0x0a58_0000_0000L | (address.low() & 0xffff_ffffL));
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The addresses of a pod on this node, as they are on file. */
  public List<InterfaceAddress> addressesOf(String container, String ifname) {
    return addresses().find(new HostLocal.Owner(container, ifname)).stream()
        .map(address -> new InterfaceAddress(address, address.family().bits()))
        .toList();
  }

  @Override
  public void close() {
    reaper.close();
    synchronized (this) {
      addresses.ifPresent(HostLocal::close);
    }
  }
}
