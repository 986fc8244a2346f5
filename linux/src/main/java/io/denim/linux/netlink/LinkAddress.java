package io.denim.linux.netlink;

import io.denim.net.InterfaceAddress;
import java.util.Optional;

/**
 * An address on a link (linux/if_addr.h).
 *
 * @param ifindex the link
 * @param address the address and its on-link prefix
 * @param scope 0 universe, 253 link, 254 host
 * @param flags IFA_F_* bits
 */
public record LinkAddress(int ifindex, InterfaceAddress address, int scope, int flags) {
  /** No duplicate address detection. */
  public static final int IFA_F_NODAD = 2;

  /** Not to be used for new connections. */
  public static final int IFA_F_DEPRECATED = 0x20;

  /** Duplicate address detection is going on. */
  public static final int IFA_F_TENTATIVE = 0x40;

  /** Without a lifetime. */
  public static final int IFA_F_PERMANENT = 0x80;

  /** A privacy address (RFC 8981); for IPv4 the same bit means secondary. */
  public static final int IFA_F_TEMPORARY = 1;

  static final int HEADER = 8;
  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_FLAGS = 8;

  /** Whether the address is not to be used for new connections. */
  public boolean deprecated() {
    return (flags & IFA_F_DEPRECATED) != 0;
  }

  /** Whether it has no lifetime. */
  public boolean permanent() {
    return (flags & IFA_F_PERMANENT) != 0;
  }

  /** Whether it is an IPv6 privacy address. */
  public boolean temporary() {
    return !address.address().isV4() && (flags & IFA_F_TEMPORARY) != 0;
  }

  static Optional<LinkAddress> decode(Attributes message) {
    return message
        .get(IFA_LOCAL)
        .or(() -> message.get(IFA_ADDRESS))
        .map(Attributes::address)
        .filter(address -> message.headerU8(1) <= address.family().bits())
        .map(address ->
            new LinkAddress(
                message.headerU32(4),
                new InterfaceAddress(address, message.headerU8(1)),
                message.headerU8(3),
                message.u32(IFA_FLAGS, message.headerU8(2))));
  }

  /**
   * Adds an address or renews it. An address of another prefix length is another address. IPv6 is
   * added without DAD.
   */
  public static Request replace(int ifindex, InterfaceAddress address) {
    return replace(ifindex, address, address.address().isV4() ? 0 : IFA_F_NODAD);
  }

  /** As {@link #replace}, but IPv6 looks first whether anybody on the link has the address. */
  public static Request detected(int ifindex, InterfaceAddress address) {
    return replace(ifindex, address, 0);
  }

  private static Request replace(int ifindex, InterfaceAddress address, int flags) {
    return new Nl.Message(
        Nl.RTM_NEWADDR,
        Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE,
        writer -> {
          encode(writer, ifindex, address);
          writer.attrU32(IFA_FLAGS, IFA_F_PERMANENT | flags);
        },
        "add address " + address + " to link " + ifindex);
  }

  /** Removes an address, with its connected route; EADDRNOTAVAIL when it is not there. */
  public static Request delete(int ifindex, InterfaceAddress address) {
    return new Nl.Message(
        Nl.RTM_DELADDR,
        0,
        writer -> encode(writer, ifindex, address),
        "remove address " + address + " from link " + ifindex);
  }

  private static void encode(MessageWriter writer, int ifindex, InterfaceAddress address) {
    writer
        .u8(Nl.familyOf(address.address().family()))
        .u8(address.length())
        .u8(0)
        .u8(0)
        .u32(ifindex);
    writer.attrAddress(IFA_LOCAL, address.address());
    writer.attrAddress(IFA_ADDRESS, address.address());
  }

  static Request dump() {
    return new Nl.Message(Nl.RTM_GETADDR, 0, writer -> writer.u32(0).u32(0), "list addresses");
  }
}
