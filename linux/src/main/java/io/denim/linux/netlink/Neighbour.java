package io.denim.linux.netlink;

import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Optional;

/**
 * A neighbour: which hardware address answers for an IP address on a link (linux/neighbour.h).
 *
 * @param ifindex the link
 * @param address the IP address
 * @param mac the hardware address, empty while it is not known
 * @param state NUD_* bits
 */
public record Neighbour(int ifindex, IpAddress address, Optional<MacAddress> mac, int state) {
  /** The entry never ages. */
  public static final int NUD_PERMANENT = 0x80;

  static final int HEADER = 12;
  static final int NDA_DST = 1;
  static final int NDA_LLADDR = 2;
  static final int NDA_MASTER = 9;

  /** Whether the entry was made by hand and never ages. */
  public boolean permanent() {
    return (state & NUD_PERMANENT) != 0;
  }

  static Optional<Neighbour> decode(Attributes message) {
    return message
        .get(NDA_DST)
        .map(Attributes::address)
        .map(address ->
            new Neighbour(
                message.headerU32(4),
                address,
                message.get(NDA_LLADDR).flatMap(Attributes::mac),
                message.headerU16(8)));
  }

  /** Makes or changes a permanent neighbour. */
  public static Request replace(int ifindex, IpAddress address, MacAddress mac) {
    return new Nl.Message(
        Nl.RTM_NEWNEIGH,
        Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE,
        writer -> {
          header(writer, Nl.familyOf(address.family()), ifindex, NUD_PERMANENT, 0);
          writer.attrAddress(NDA_DST, address);
          writer.attrMac(NDA_LLADDR, mac);
        },
        () -> "replace neighbour " + address + " " + mac + " on link " + ifindex);
  }

  /** Deletes a neighbour; ENOENT when there is none. */
  public static Request delete(int ifindex, IpAddress address) {
    return new Nl.Message(
        Nl.RTM_DELNEIGH,
        0,
        writer -> {
          header(writer, Nl.familyOf(address.family()), ifindex, 0, 0);
          writer.attrAddress(NDA_DST, address);
        },
        () -> "delete neighbour " + address + " on link " + ifindex);
  }

  static void header(MessageWriter writer, int family, int ifindex, int state, int flags) {
    writer.u8(family).u8(0).u16(0).u32(ifindex).u16(state).u8(flags).u8(0);
  }

  static Request dump(int ifindex) {
    return new Nl.Message(
        Nl.RTM_GETNEIGH,
        0,
        writer -> {
          header(writer, Nl.AF_UNSPEC, 0, 0, 0);
          if (ifindex != 0) {
            writer.attrU32(8, ifindex);
          }
        },
        "list neighbours of link " + ifindex);
  }
}
