package io.denim.linux.netlink;

import io.denim.net.MacAddress;
import java.util.Optional;

/**
 * A network device as the kernel shows it.
 *
 * @param index its number in the namespace
 * @param name its name
 * @param kind what it is
 * @param mac its hardware address, empty for devices that have none
 * @param mtu the largest packet in octets
 * @param up whether it is set up by the administrator
 * @param carrier whether it has a carrier
 * @param master the index of the bridge it is a port of, 0 for none
 * @param lower the index of the device below it, or of the peer of a veth; 0 for none
 * @param alias a free text, empty for none
 * @param group the number by which devices are deleted together
 * @param hairpin whether, as a bridge port, packets may leave where they came in
 * @param isolated whether, as a bridge port, it may not talk to other isolated ports
 * @param promiscuous whether the administrator lets it take in frames for any hardware address
 */
public record Link(
    int index,
    String name,
    LinkKind kind,
    Optional<MacAddress> mac,
    int mtu,
    boolean up,
    boolean carrier,
    int master,
    int lower,
    String alias,
    int group,
    boolean hairpin,
    boolean isolated,
    boolean promiscuous) {

  /** A device that is neither isolated nor promiscuous. */
  public Link(
      int index,
      String name,
      LinkKind kind,
      Optional<MacAddress> mac,
      int mtu,
      boolean up,
      boolean carrier,
      int master,
      int lower,
      String alias,
      int group,
      boolean hairpin) {
    this(
        index, name, kind, mac, mtu, up, carrier, master, lower, alias, group, hairpin, false,
        false);
  }

  /** Octets of ifinfomsg. */
  static final int HEADER = 16;

  static Link decode(Attributes message) {
    Optional<Attributes> info = message.get(LinkNumbers.IFLA_LINKINFO);
    return new Link(
        message.headerU32(4),
        message.get(LinkNumbers.IFLA_IFNAME).map(Attributes::string).orElse(""),
        LinkKind.decode(info),
        message.get(LinkNumbers.IFLA_ADDRESS).flatMap(Attributes::mac),
        message.u32(LinkNumbers.IFLA_MTU, 0),
        (message.headerU32(8) & LinkNumbers.IFF_UP) != 0,
        message.u8(LinkNumbers.IFLA_CARRIER, 0) != 0,
        message.u32(LinkNumbers.IFLA_MASTER, 0),
        message.u32(LinkNumbers.IFLA_LINK, 0),
        message.get(LinkNumbers.IFLA_IFALIAS).map(Attributes::string).orElse(""),
        message.u32(LinkNumbers.IFLA_GROUP, 0),
        portFlag(info, LinkNumbers.IFLA_BRPORT_MODE),
        portFlag(info, LinkNumbers.IFLA_BRPORT_ISOLATED),
        (message.headerU32(8) & LinkNumbers.IFF_PROMISC) != 0);
  }

  private static boolean portFlag(Optional<Attributes> info, int type) {
    return info.flatMap(a -> a.get(LinkNumbers.IFLA_INFO_SLAVE_DATA))
        .map(port -> port.u8(type, 0) != 0)
        .orElse(false);
  }
}
