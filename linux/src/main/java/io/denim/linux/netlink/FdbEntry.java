package io.denim.linux.netlink;

import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Optional;

/**
 * A forwarding entry of a vxlan device or bridge (linux/neighbour.h, family AF_BRIDGE).
 *
 * @param ifindex the link
 * @param mac the hardware address that frames are for; all zero for every other
 * @param remote the underlay address that they are sent to, empty on bridges
 * @param state NUD_* bits
 */
public record FdbEntry(int ifindex, MacAddress mac, Optional<IpAddress> remote, int state) {
  private static final int NTF_SELF = 2;

  /** Whether the entry was made by hand and never ages. */
  public boolean permanent() {
    return (state & Neighbour.NUD_PERMANENT) != 0;
  }

  static Optional<FdbEntry> decode(Attributes message) {
    return message
        .get(Neighbour.NDA_LLADDR)
        .flatMap(Attributes::mac)
        .map(mac ->
            new FdbEntry(
                message.headerU32(4),
                mac,
                message.get(Neighbour.NDA_DST).map(Attributes::address),
                message.headerU16(8)));
  }

  /** Makes a permanent entry, or gives the one that is there another remote. */
  public static Request replace(int ifindex, MacAddress mac, IpAddress remote) {
    return change(
        Nl.RTM_NEWNEIGH, Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE, ifindex, mac, remote, "replace");
  }

  /** Adds a further remote: frames for the address are sent to all of them. */
  public static Request append(int ifindex, MacAddress mac, IpAddress remote) {
    return change(
        Nl.RTM_NEWNEIGH, Nl.NLM_F_CREATE | Nl.NLM_F_APPEND, ifindex, mac, remote, "append");
  }

  /** Deletes one remote of an entry; ENOENT when it is not there. */
  public static Request delete(int ifindex, MacAddress mac, IpAddress remote) {
    return change(Nl.RTM_DELNEIGH, 0, ifindex, mac, remote, "delete");
  }

  private static Request change(
      int type, int flags, int ifindex, MacAddress mac, IpAddress remote, String verb) {
    return new Nl.Message(
        type,
        flags,
        writer -> {
          Neighbour.header(writer, Nl.AF_BRIDGE, ifindex, Neighbour.NUD_PERMANENT, NTF_SELF);
          writer.attrMac(Neighbour.NDA_LLADDR, mac);
          writer.attrAddress(Neighbour.NDA_DST, remote);
        },
        () -> verb + " forwarding entry " + mac + " to " + remote + " on link " + ifindex);
  }

  static Request dump(int ifindex) {
    return new Nl.Message(
        Nl.RTM_GETNEIGH,
        0,
        writer -> Neighbour.header(writer, Nl.AF_BRIDGE, ifindex, 0, 0),
        "list forwarding entries of link " + ifindex);
  }
}
