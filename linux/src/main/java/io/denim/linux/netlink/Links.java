package io.denim.linux.netlink;

import io.denim.linux.ns.Namespace;
import io.denim.net.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Requests that make, change and delete links. */
public final class Links {
  private Links() {}

  /**
   * What a new link is to be.
   *
   * @param name at most 15 octets, else the kernel answers ERANGE
   * @param kind what it is
   * @param mac its hardware address; give one always, so that udev leaves it alone
   * @param mtu in octets, empty for the kernel's choice
   * @param lower the index of the device below, 0 for none (macvlan needs one; of vxlan it is part
   *     of the kind)
   * @param master the index of the bridge that it becomes a port of, 0 for none
   * @param group the number by which links are deleted together, 0 by default
   * @param up whether it is set up at once
   */
  public record Spec(
      String name,
      LinkKind kind,
      Optional<MacAddress> mac,
      OptionalInt mtu,
      int lower,
      int master,
      int group,
      boolean up) {
    /** A link that is down, with the kernel's choices. */
    public static Spec of(String name, LinkKind kind) {
      return new Spec(name, kind, Optional.empty(), OptionalInt.empty(), 0, 0, 0, false);
    }

    /** With this hardware address. */
    public Spec mac(MacAddress address) {
      return new Spec(name, kind, Optional.of(address), mtu, lower, master, group, up);
    }

    /** With this MTU. */
    public Spec mtu(int octets) {
      return new Spec(name, kind, mac, OptionalInt.of(octets), lower, master, group, up);
    }

    /** Above this device. */
    public Spec lower(int device) {
      return new Spec(name, kind, mac, mtu, device, master, group, up);
    }

    /** As a port of this bridge. */
    public Spec master(int bridge) {
      return new Spec(name, kind, mac, mtu, lower, bridge, group, up);
    }

    /** In this group. */
    public Spec group(int number) {
      return new Spec(name, kind, mac, mtu, lower, master, number, up);
    }

    /** Set up. */
    public Spec upAtOnce() {
      return new Spec(name, kind, mac, mtu, lower, master, group, true);
    }
  }

  /** Makes a link; EEXIST when the name is taken. */
  public static Request create(Spec spec) {
    return new Nl.Message(
        Nl.RTM_NEWLINK,
        Nl.NLM_F_CREATE | Nl.NLM_F_EXCL,
        writer -> {
          int flags = spec.up() ? LinkNumbers.IFF_UP : 0;
          header(writer, 0, flags, flags);
          writer.attrString(LinkNumbers.IFLA_IFNAME, spec.name());
          spec.mac().ifPresent(mac -> writer.attrMac(LinkNumbers.IFLA_ADDRESS, mac));
          spec.mtu().ifPresent(mtu -> writer.attrU32(LinkNumbers.IFLA_MTU, mtu));
          if (spec.lower() != 0) {
            writer.attrU32(LinkNumbers.IFLA_LINK, spec.lower());
          }
          if (spec.master() != 0) {
            writer.attrU32(LinkNumbers.IFLA_MASTER, spec.master());
          }
          if (spec.group() != 0) {
            writer.attrU32(LinkNumbers.IFLA_GROUP, spec.group());
          }
          LinkKind.encode(spec.kind(), writer);
        },
        "create " + spec.kind().kernelName() + " " + spec.name());
  }

  private static void header(MessageWriter writer, int index, int flags, int change) {
    writer.u8(Nl.AF_UNSPEC).u8(0).u16(0).u32(index).u32(flags).u32(change);
  }

  private static void alias(MessageWriter writer, String text) {
    writer.attr(LinkNumbers.IFLA_IFALIAS, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static Request set(int index, String words, Consumer<MessageWriter> attributes) {
    return new Nl.Message(
        Nl.RTM_SETLINK,
        0,
        writer -> {
          header(writer, index, 0, 0);
          attributes.accept(writer);
        },
        words);
  }

  /** Sets a link up. */
  public static Request up(int index) {
    return new Nl.Message(
        Nl.RTM_SETLINK,
        0,
        writer -> header(writer, index, LinkNumbers.IFF_UP, LinkNumbers.IFF_UP),
        "set link " + index + " up");
  }

  /** Sets a link down. Its IPv4 routes and its neighbours vanish without a notification. */
  public static Request down(int index) {
    return new Nl.Message(
        Nl.RTM_SETLINK,
        0,
        writer -> header(writer, index, 0, LinkNumbers.IFF_UP),
        "set link " + index + " down");
  }

  /** Sets the MTU in octets. */
  public static Request mtu(int index, int mtu) {
    return set(
        index, "set mtu " + mtu + " of link " + index, w -> w.attrU32(LinkNumbers.IFLA_MTU, mtu));
  }

  /** Sets the hardware address. */
  public static Request mac(int index, MacAddress mac) {
    return set(
        index,
        "set address " + mac + " of link " + index,
        w -> w.attrMac(LinkNumbers.IFLA_ADDRESS, mac));
  }

  /** Makes the link a port of a bridge; 0 takes it away from its bridge. */
  public static Request master(int index, int master) {
    return set(
        index,
        "set master " + master + " of link " + index,
        w -> w.attrU32(LinkNumbers.IFLA_MASTER, master));
  }

  /** Sets the alias. */
  public static Request alias(int index, String text) {
    return set(index, "set alias of link " + index, w -> alias(w, text));
  }

  /** Sets the group by which links are deleted together. */
  public static Request group(int index, int group) {
    return set(
        index,
        "set group " + group + " of link " + index,
        w -> w.attrU32(LinkNumbers.IFLA_GROUP, group));
  }

  /** Renames a link. */
  public static Request rename(int index, String name) {
    return set(
        index,
        "rename link " + index + " to " + name,
        w -> w.attrString(LinkNumbers.IFLA_IFNAME, name));
  }

  /** Moves a link to another namespace; its addresses and routes are lost. */
  public static Request namespace(int index, Namespace namespace) {
    return set(
        index,
        "move link " + index + " to " + namespace,
        w -> w.attrU32(LinkNumbers.IFLA_NET_NS_FD, namespace.fd()));
  }

  /** Lets a link take in frames for any hardware address, or not. */
  public static Request promiscuous(int index, boolean on) {
    return new Nl.Message(
        Nl.RTM_SETLINK,
        0,
        writer -> header(writer, index, on ? LinkNumbers.IFF_PROMISC : 0, LinkNumbers.IFF_PROMISC),
        "set promiscuous " + on + " of link " + index);
  }

  /**
   * Sets an IPv4 parameter of a link, as its file in /proc/sys/net/ipv4/conf does; for a process
   * that may not write there. A change is not told to netconf's listeners, and forwarding does not
   * switch off large receive offload (net/ipv4/devinet.c, inet_set_link_af).
   */
  public static Request ipv4(int index, Ipv4Parameter parameter, int value) {
    return set(
        index,
        "set IPv4's " + parameter.fileName() + " of link " + index + " to " + value,
        w -> {
          int families = w.nest(LinkNumbers.IFLA_AF_SPEC);
          int ipv4 = w.nest(Nl.AF_INET);
          int parameters = w.nest(LinkNumbers.IFLA_INET_CONF);
          w.attrU32(parameter.number(), value);
          w.endNest(parameters);
          w.endNest(ipv4);
          w.endNest(families);
        });
  }

  /** Lets packets leave a bridge port by which they came in, or not. */
  public static Request hairpin(int index, boolean on) {
    return port(
        w -> header(w, index, 0, 0),
        "set hairpin " + on + " of bridge port " + index,
        w -> w.attrU8(LinkNumbers.IFLA_BRPORT_MODE, on ? 1 : 0));
  }

  /**
   * Sets what a bridge port does. The kernel ignores this in the message that makes the link, so it
   * is a request of its own; by its name both go in one send.
   *
   * @param name the port's name
   * @param hairpin whether packets may leave where they came in
   * @param isolated whether it may not talk to other isolated ports
   */
  public static Request port(String name, boolean hairpin, boolean isolated) {
    return port(
        w -> {
          header(w, 0, 0, 0);
          w.attrString(LinkNumbers.IFLA_IFNAME, name);
        },
        "set hairpin " + hairpin + " and isolated " + isolated + " of bridge port " + name,
        w ->
            w.attrU8(LinkNumbers.IFLA_BRPORT_MODE, hairpin ? 1 : 0)
                .attrU8(LinkNumbers.IFLA_BRPORT_ISOLATED, isolated ? 1 : 0));
  }

  private static Request port(
      Consumer<MessageWriter> which, String words, Consumer<MessageWriter> flags) {
    return new Nl.Message(
        Nl.RTM_NEWLINK,
        0,
        writer -> {
          which.accept(writer);
          int info = writer.nest(LinkNumbers.IFLA_LINKINFO);
          writer.attrString(LinkNumbers.IFLA_INFO_SLAVE_KIND, "bridge");
          int data = writer.nest(LinkNumbers.IFLA_INFO_SLAVE_DATA);
          flags.accept(writer);
          writer.endNest(data);
          writer.endNest(info);
        },
        words);
  }

  /**
   * Changes a vxlan device in place; EOPNOTSUPP when VNI, port or group policy differ from what it
   * has.
   */
  public static Request vxlan(int index, LinkKind.Vxlan vxlan) {
    return new Nl.Message(
        Nl.RTM_NEWLINK,
        0,
        writer -> {
          header(writer, index, 0, 0);
          LinkKind.encodeChange(vxlan, writer);
        },
        "change vxlan device " + index + " to " + vxlan);
  }

  /** Deletes a link, with its peer if it is a veth; ENODEV when there is none. */
  public static Request delete(int index) {
    return new Nl.Message(
        Nl.RTM_DELLINK, 0, writer -> header(writer, index, 0, 0), "delete link " + index);
  }

  /**
   * Deletes all links of a group at once, which costs little more than deleting one; ENODEV when
   * there is none.
   */
  public static Request deleteGroup(int group) {
    return new Nl.Message(
        Nl.RTM_DELLINK,
        0,
        writer -> {
          header(writer, 0, 0, 0);
          writer.attrU32(LinkNumbers.IFLA_GROUP, group);
        },
        "delete links of group " + group);
  }

  static Request dump() {
    return new Nl.Message(Nl.RTM_GETLINK, 0, writer -> header(writer, 0, 0, 0), "list links");
  }

  static Request get(int index) {
    return new Nl.Message(
        Nl.RTM_GETLINK, 0, writer -> header(writer, index, 0, 0), "read link " + index);
  }

  static Request get(String name) {
    return new Nl.Message(
        Nl.RTM_GETLINK,
        0,
        writer -> {
          header(writer, 0, 0, 0);
          writer.attrString(LinkNumbers.IFLA_IFNAME, name);
        },
        "read link " + name);
  }
}
