package io.denim.linux.netlink;

import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A nexthop object (linux/nexthop.h): routes that refer to it by its number all move when it is
 * replaced. Deleting one that is in use deletes its routes without a word.
 *
 * @param id its number, not 0
 * @param family the family of the gateway
 * @param gateway the next hop, empty when on the link or for a group
 * @param oif the outgoing link, 0 for a group
 * @param onlink whether the gateway counts as on the link
 * @param group the members of a group, empty for a single hop
 * @param protocol who made it
 */
public record Nexthop(
    int id,
    Family family,
    Optional<IpAddress> gateway,
    int oif,
    boolean onlink,
    List<Member> group,
    int protocol) {
  static final int HEADER = 8;
  private static final int NHA_ID = 1;
  private static final int NHA_GROUP = 2;
  private static final int NHA_OIF = 5;
  private static final int NHA_GATEWAY = 6;
  private static final int RTNH_F_ONLINK = 4;

  /** Copies the list. */
  public Nexthop {
    group = List.copyOf(group);
  }

  /** A member of a group, and how many shares of the flows it gets. */
  public record Member(int id, int weight) {}

  static Optional<Nexthop> decode(Attributes message) {
    List<Member> members = new ArrayList<>();
    message
        .get(NHA_GROUP)
        .ifPresent(group -> {
          for (int at = 0; at + 8 <= group.length(); at += 8) {
            members.add(new Member(group.headerU32(at), group.headerU8(at + 4) + 1));
          }
        });
    return Optional.of(
        new Nexthop(
            message.u32(NHA_ID, 0),
            message.headerU8(0) == Nl.AF_INET6 ? Family.IPV6 : Family.IPV4,
            message.get(NHA_GATEWAY).map(Attributes::address),
            message.u32(NHA_OIF, 0),
            (message.headerU32(4) & RTNH_F_ONLINK) != 0,
            members,
            message.headerU8(2)));
  }

  /** Makes the nexthop or replaces it; all routes that use it move at once. */
  public Request replace() {
    return new Nl.Message(
        Nl.RTM_NEWNEXTHOP,
        Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE,
        this::encode,
        () -> "replace " + this);
  }

  private void encode(MessageWriter writer) {
    int kind = group.isEmpty() ? Nl.familyOf(family) : Nl.AF_UNSPEC;
    writer.u8(kind).u8(0).u8(protocol).u8(0).u32(onlink ? RTNH_F_ONLINK : 0);
    writer.attrU32(NHA_ID, id);
    if (!group.isEmpty()) {
      MessageWriter members = new MessageWriter(8 * group.size());
      for (Member member : group) {
        members.u32(member.id()).u8(member.weight() - 1).u8(0).u16(0);
      }
      writer.attr(NHA_GROUP, members.toArray());
      return;
    }
    writer.attrU32(NHA_OIF, oif);
    gateway.ifPresent(address -> writer.attrAddress(NHA_GATEWAY, address));
  }

  /** Deletes a nexthop, and every route that uses it; ENOENT when there is none. */
  public static Request delete(int id) {
    return new Nl.Message(
        Nl.RTM_DELNEXTHOP,
        0,
        writer -> writer.u32(0).u32(0).attrU32(NHA_ID, id),
        "delete nexthop " + id);
  }

  static Request dump() {
    return new Nl.Message(Nl.RTM_GETNEXTHOP, 0, w -> w.u32(0).u32(0), "list nexthops");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("nexthop ").append(Integer.toUnsignedString(id));
    gateway.ifPresent(address -> text.append(" via ").append(address));
    if (!group.isEmpty()) {
      return text.append(" group ").append(group).toString();
    }
    return text.append(" dev ").append(oif).append(onlink ? " onlink" : "").toString();
  }
}
