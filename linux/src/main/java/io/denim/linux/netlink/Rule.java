package io.denim.linux.netlink;

import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.Optional;

/**
 * A routing rule that sends matching packets to a table (linux/fib_rules.h).
 *
 * @param family the family it is for
 * @param priority lower is asked first
 * @param source matches source addresses, empty for all
 * @param destination matches destination addresses, empty for all
 * @param mark the packet mark, with {@code mask} 0 for any
 * @param mask the bits of the mark that count
 * @param table the number of the table
 * @param protocol who made it
 */
public record Rule(
    Family family,
    long priority,
    Optional<Cidr> source,
    Optional<Cidr> destination,
    int mark,
    int mask,
    int table,
    int protocol) {
  static final int HEADER = 12;
  private static final int FRA_DST = 1;
  private static final int FRA_SRC = 2;
  private static final int FRA_PRIORITY = 6;
  private static final int FRA_FWMARK = 10;
  private static final int FRA_TABLE = 15;
  private static final int FRA_FWMASK = 16;
  private static final int FRA_PROTOCOL = 21;
  private static final int FR_ACT_TO_TBL = 1;

  static Optional<Rule> decode(Attributes message) {
    int family = message.headerU8(0);
    if (message.headerU8(7) != FR_ACT_TO_TBL || (family != Nl.AF_INET && family != Nl.AF_INET6)) {
      return Optional.empty();
    }
    return Optional.of(
        new Rule(
            family == Nl.AF_INET ? Family.IPV4 : Family.IPV6,
            Integer.toUnsignedLong(message.u32(FRA_PRIORITY, 0)),
            message.get(FRA_SRC).map(a -> a.cidr(message.headerU8(2))),
            message.get(FRA_DST).map(a -> a.cidr(message.headerU8(1))),
            message.u32(FRA_FWMARK, 0),
            message.u32(FRA_FWMASK, 0),
            message.u32(FRA_TABLE, message.headerU8(4)),
            message.u8(FRA_PROTOCOL, 0)));
  }

  /** Adds the rule; EEXIST when it is there (without this, the kernel would keep two). */
  public Request create() {
    return new Nl.Message(
        Nl.RTM_NEWRULE, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, this::encode, "create " + this);
  }

  /** Deletes the rule; ENOENT when it is not there. */
  public Request delete() {
    return new Nl.Message(Nl.RTM_DELRULE, 0, this::encode, "delete " + this);
  }

  private void encode(MessageWriter writer) {
    writer
        .u8(Nl.familyOf(family))
        .u8(destination.map(Cidr::length).orElse(0))
        .u8(source.map(Cidr::length).orElse(0))
        .u8(0)
        .u8(table > 255 ? 0 : table)
        .u8(0)
        .u8(0)
        .u8(FR_ACT_TO_TBL)
        .u32(0);
    destination.ifPresent(cidr -> writer.attrAddress(FRA_DST, cidr.address()));
    source.ifPresent(cidr -> writer.attrAddress(FRA_SRC, cidr.address()));
    writer.attrU32(FRA_PRIORITY, (int) priority);
    if (mask != 0) {
      writer.attrU32(FRA_FWMARK, mark).attrU32(FRA_FWMASK, mask);
    }
    writer.attrU32(FRA_TABLE, table).attrU8(FRA_PROTOCOL, protocol);
  }

  static Request dump(Family family) {
    return new Nl.Message(
        Nl.RTM_GETRULE, 0, w -> w.u8(Nl.familyOf(family)).u8(0).u16(0).u32(0).u32(0), "list rules");
  }
}
