package io.denim.linux.netlink;

import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Optional;

/**
 * What a link is, with the attributes of its kind that Denim uses (IFLA_LINKINFO, linux/if_link.h).
 */
public sealed interface LinkKind {
  /** The kernel's name of the kind; empty for hardware. */
  String kernelName();

  /** One end of a pair. A dump does not tell of the other end. */
  record Veth() implements LinkKind {
    @Override
    public String kernelName() {
      return "veth";
    }
  }

  /**
   * A pair that is to be made: the peer is born in its namespace, in the same message. It is born
   * down.
   *
   * @param name the peer's name
   * @param mac the peer's hardware address
   * @param mtu the peer's MTU in octets
   * @param namespace where the peer is born, empty for this one
   */
  record VethPair(String name, MacAddress mac, int mtu, Optional<Namespace> namespace)
      implements LinkKind {
    @Override
    public String kernelName() {
      return "veth";
    }
  }

  /** A bridge with the kernel's defaults. */
  record Bridge() implements LinkKind {
    @Override
    public String kernelName() {
      return "bridge";
    }
  }

  /**
   * A vxlan device (RFC 7348).
   *
   * @param vni the network identifier
   * @param local the source of outer packets, empty when the kernel chooses
   * @param lower the index of the device below, 0 for none
   * @param port the UDP destination port
   * @param learning whether hardware addresses are learned from packets
   * @param gbp whether the group policy extension is on
   */
  record Vxlan(
      int vni, Optional<IpAddress> local, int lower, int port, boolean learning, boolean gbp)
      implements LinkKind {
    @Override
    public String kernelName() {
      return "vxlan";
    }
  }

  /** A macvlan device above {@link Link#lower()}. */
  record Macvlan(MacvlanMode mode) implements LinkKind {
    @Override
    public String kernelName() {
      return "macvlan";
    }
  }

  /**
   * A device that gives packets which are redirected to it back to where they came from: a queue
   * for what comes in.
   */
  record Ifb() implements LinkKind {
    @Override
    public String kernelName() {
      return "ifb";
    }
  }

  /** A TUN or TAP device. Made by {@code io.denim.linux.tun}, not by netlink. */
  record Tun(boolean persistent, boolean multiQueue, boolean vnetHeader) implements LinkKind {
    @Override
    public String kernelName() {
      return "tun";
    }
  }

  /** Any other kind by its name; the empty name for hardware and the loopback device. */
  record Other(String kernelName) implements LinkKind {}

  /** Whom a macvlan device may talk to (MACVLAN_MODE_*). */
  enum MacvlanMode {
    /** Nobody on the same lower device. */
    PRIVATE(1),
    /** Others by way of the switch. */
    VEPA(2),
    /** Others directly. */
    BRIDGE(4),
    /** The only one on its lower device. */
    PASSTHRU(8);

    private final int number;

    MacvlanMode(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }

    static MacvlanMode of(int number) {
      for (MacvlanMode mode : values()) {
        if (mode.number == number) {
          return mode;
        }
      }
      throw new MalformedMessageException("macvlan mode " + number);
    }
  }

  /** Writes IFLA_LINKINFO. */
  static void encode(LinkKind kind, MessageWriter writer) {
    int info = writer.nest(LinkNumbers.IFLA_LINKINFO);
    writer.attrString(LinkNumbers.IFLA_INFO_KIND, kind.kernelName());
    int data = writer.nest(LinkNumbers.IFLA_INFO_DATA);
    switch (kind) {
      case Vxlan vxlan -> {
        encodeVxlan(vxlan, writer);
        writer.attrBe16(LinkNumbers.IFLA_VXLAN_PORT, vxlan.port());
        if (vxlan.gbp()) {
          writer.attrFlag(LinkNumbers.IFLA_VXLAN_GBP);
        }
      }
      case VethPair pair -> encodePeer(pair, writer);
      case Macvlan macvlan -> writer.attrU32(1, macvlan.mode().number());
      case Veth(), Bridge(), Ifb(), Other(_) -> {
        // The kernel's defaults.
      }
      case Tun tun ->
          throw new IllegalArgumentException(
              "a tun device is made by opening /dev/net/tun, not by netlink: " + tun);
    }
    writer.endNest(data);
    writer.endNest(info);
  }

  /** Writes IFLA_LINKINFO for a change: the kernel refuses the port even where it is the same. */
  static void encodeChange(Vxlan vxlan, MessageWriter writer) {
    int info = writer.nest(LinkNumbers.IFLA_LINKINFO);
    writer.attrString(LinkNumbers.IFLA_INFO_KIND, vxlan.kernelName());
    int data = writer.nest(LinkNumbers.IFLA_INFO_DATA);
    encodeVxlan(vxlan, writer);
    writer.endNest(data);
    writer.endNest(info);
  }

  private static void encodeVxlan(Vxlan vxlan, MessageWriter writer) {
    writer.attrU32(LinkNumbers.IFLA_VXLAN_ID, vxlan.vni());
    if (vxlan.lower() != 0) {
      writer.attrU32(LinkNumbers.IFLA_VXLAN_LINK, vxlan.lower());
    }
    vxlan
        .local()
        .ifPresent(local ->
            writer.attrAddress(
                local.isV4() ? LinkNumbers.IFLA_VXLAN_LOCAL : LinkNumbers.IFLA_VXLAN_LOCAL6,
                local));
    writer.attrU8(LinkNumbers.IFLA_VXLAN_LEARNING, vxlan.learning() ? 1 : 0);
  }

  private static void encodePeer(VethPair pair, MessageWriter writer) {
    int peer = writer.nest(LinkNumbers.VETH_INFO_PEER);
    writer.u32(0).u32(0).u32(0).u32(0);
    writer.attrString(LinkNumbers.IFLA_IFNAME, pair.name());
    writer.attrMac(LinkNumbers.IFLA_ADDRESS, pair.mac());
    writer.attrU32(LinkNumbers.IFLA_MTU, pair.mtu());
    pair.namespace().ifPresent(ns -> writer.attrU32(LinkNumbers.IFLA_NET_NS_FD, ns.fd()));
    writer.endNest(peer);
  }

  /** Reads IFLA_LINKINFO of a link. */
  static LinkKind decode(Optional<Attributes> info) {
    String kind =
        info.flatMap(a -> a.get(LinkNumbers.IFLA_INFO_KIND)).map(Attributes::string).orElse("");
    Optional<Attributes> data = info.flatMap(a -> a.get(LinkNumbers.IFLA_INFO_DATA));
    return switch (kind) {
      case "veth" -> new Veth();
      case "bridge" -> new Bridge();
      case "ifb" -> new Ifb();
      case "vxlan" -> data.<LinkKind>map(LinkKind::decodeVxlan).orElse(new Other(kind));
      case "macvlan" ->
          data.flatMap(a -> a.get(1))
              .<LinkKind>map(mode -> new Macvlan(MacvlanMode.of(mode.u32())))
              .orElse(new Other(kind));
      case "tun" ->
          data.<LinkKind>map(a ->
                  new Tun(
                      flag(a, LinkNumbers.IFLA_TUN_PERSIST),
                      flag(a, LinkNumbers.IFLA_TUN_MULTI_QUEUE),
                      flag(a, LinkNumbers.IFLA_TUN_VNET_HDR)))
              .orElse(new Other(kind));
      default -> new Other(kind);
    };
  }

  private static Vxlan decodeVxlan(Attributes data) {
    Optional<IpAddress> local =
        data.get(LinkNumbers.IFLA_VXLAN_LOCAL)
            .or(() -> data.get(LinkNumbers.IFLA_VXLAN_LOCAL6))
            .map(Attributes::address)
            .filter(address -> !address.isAny());
    return new Vxlan(
        data.u32(LinkNumbers.IFLA_VXLAN_ID, 0),
        local,
        data.u32(LinkNumbers.IFLA_VXLAN_LINK, 0),
        data.get(LinkNumbers.IFLA_VXLAN_PORT).map(Attributes::be16).orElse(0),
        flag(data, LinkNumbers.IFLA_VXLAN_LEARNING),
        data.get(LinkNumbers.IFLA_VXLAN_GBP).isPresent());
  }

  private static boolean flag(Attributes data, int type) {
    return data.u8(type, 0) != 0;
  }
}
