package io.denim.linux.netlink;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A route (linux/rtnetlink.h). The kernel tells routes apart by table, destination, type of service
 * and metric.
 *
 * @param destination where to
 * @param hops the next hops: one, or several with weights, none for types other than unicast or
 *     where {@code nexthopId} is set
 * @param type what happens to packets
 * @param table the number of the table; 254 is main
 * @param protocol who made it: 2 the kernel, 3 somebody by hand, Denim its own number
 * @param scope 0 universe, 253 link
 * @param metric the priority; lower wins. IPv6 makes 0 into 1024
 * @param mtu in octets, 0 for none
 * @param advmss the largest TCP segment in octets that is told to peers, 0 for the kernel's choice
 * @param source the preferred source address
 * @param nexthopId the nexthop object it uses, 0 for none
 */
public record Route(
    Cidr destination,
    List<Hop> hops,
    Type type,
    int table,
    int protocol,
    int scope,
    long metric,
    int mtu,
    int advmss,
    Optional<IpAddress> source,
    int nexthopId) {
  /** The number of table main. */
  public static final int RT_TABLE_MAIN = 254;

  /** Scope: anywhere. */
  public static final int RT_SCOPE_UNIVERSE = 0;

  /** Scope: on the link. */
  public static final int RT_SCOPE_LINK = 253;

  /** Made by the kernel. */
  public static final int RTPROT_KERNEL = 2;

  /** Made by hand or by flannel. */
  public static final int RTPROT_BOOT = 3;

  private static final int RTNH_F_ONLINK = 4;
  private static final int RTM_F_CLONED = 0x200;

  static final int HEADER = 12;
  private static final int RTA_DST = 1;
  static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_METRICS = 8;
  private static final int RTA_MULTIPATH = 9;
  private static final int RTA_TABLE = 15;
  private static final int RTA_NH_ID = 30;
  private static final int RTAX_MTU = 2;
  private static final int RTAX_ADVMSS = 8;

  /** Copies the list. */
  public Route {
    hops = List.copyOf(hops);
  }

  /** A route with the kernel's choice of the largest segment. */
  public Route(
      Cidr destination,
      List<Hop> hops,
      Type type,
      int table,
      int protocol,
      int scope,
      long metric,
      int mtu,
      Optional<IpAddress> source,
      int nexthopId) {
    this(destination, hops, type, table, protocol, scope, metric, mtu, 0, source, nexthopId);
  }

  /**
   * One next hop.
   *
   * @param gateway the next hop's address, empty when the destination is on the link
   * @param oif the outgoing link, 0 for the kernel's choice
   * @param onlink whether the gateway counts as on the link although no address says so
   * @param weight how many shares of the flows it gets among several
   */
  public record Hop(Optional<IpAddress> gateway, int oif, boolean onlink, int weight) {}

  /** What a route does with packets (RTN_*). */
  public enum Type {
    /** Sends them on. */
    UNICAST(1),
    /** Takes them in. */
    LOCAL(2),
    /** To all on the link. */
    BROADCAST(3),
    /** To one of several. */
    ANYCAST(4),
    /** To a group. */
    MULTICAST(5),
    /** Drops them without a word. */
    BLACKHOLE(6),
    /** Drops them with an ICMP unreachable. */
    UNREACHABLE(7),
    /** Drops them with an ICMP prohibited. */
    PROHIBIT(8),
    /** Goes on with the next rule. */
    THROW(9),
    /** Any other. */
    OTHER(0);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    static Type of(int number) {
      for (Type type : values()) {
        if (type.number == number) {
          return type;
        }
      }
      return OTHER;
    }
  }

  /** A unicast route of table main by one next hop on a link. */
  public static Route via(
      Cidr destination, IpAddress gateway, int oif, boolean onlink, int protocol) {
    return main(
        destination,
        List.of(new Hop(Optional.of(gateway), oif, onlink, 1)),
        Type.UNICAST,
        protocol,
        RT_SCOPE_UNIVERSE);
  }

  /** A route of table main to what is on a link. */
  public static Route onLink(Cidr destination, int oif, int protocol) {
    return main(
        destination,
        List.of(new Hop(Optional.empty(), oif, false, 1)),
        Type.UNICAST,
        protocol,
        destination.address().isV4() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
  }

  /** A route of table main that drops packets. */
  public static Route blackhole(Cidr destination, int protocol) {
    return main(destination, List.of(), Type.BLACKHOLE, protocol, RT_SCOPE_UNIVERSE);
  }

  private static Route main(Cidr destination, List<Hop> hops, Type type, int protocol, int scope) {
    return new Route(
        destination,
        hops,
        type,
        RT_TABLE_MAIN,
        protocol,
        scope,
        destination.address().isV4() ? 0 : 1024,
        0,
        Optional.empty(),
        0);
  }

  /** This route with another metric. */
  public Route withMetric(long other) {
    return new Route(
        destination, hops, type, table, protocol, scope, other, mtu, advmss, source, nexthopId);
  }

  /** This route with an MTU in octets. */
  public Route withMtu(int octets) {
    return new Route(
        destination, hops, type, table, protocol, scope, metric, octets, advmss, source, nexthopId);
  }

  /** This route with a largest TCP segment in octets that is told to peers. */
  public Route withAdvmss(int octets) {
    return new Route(
        destination, hops, type, table, protocol, scope, metric, mtu, octets, source, nexthopId);
  }

  /** This route in another table. */
  public Route withTable(int number) {
    return new Route(
        destination, hops, type, number, protocol, scope, metric, mtu, advmss, source, nexthopId);
  }

  /** This route with another scope. */
  public Route withScope(int number) {
    return new Route(
        destination, hops, type, table, protocol, number, metric, mtu, advmss, source, nexthopId);
  }

  /** This route with a preferred source address. */
  public Route withSource(IpAddress address) {
    return new Route(
        destination,
        hops,
        type,
        table,
        protocol,
        scope,
        metric,
        mtu,
        advmss,
        Optional.of(address),
        nexthopId);
  }

  /** This route by these next hops, one or several. */
  public Route withHops(List<Hop> others) {
    return new Route(
        destination, others, type, table, protocol, scope, metric, mtu, advmss, source, nexthopId);
  }

  /** This route by a nexthop object. */
  public Route withNexthop(int id) {
    return new Route(
        destination, List.of(), type, table, protocol, scope, metric, mtu, advmss, source, id);
  }

  static Optional<Route> decode(Attributes message) {
    int family = message.headerU8(0);
    boolean clone = (message.headerU32(8) & RTM_F_CLONED) != 0;
    if (clone || (family != Nl.AF_INET && family != Nl.AF_INET6)) {
      return Optional.empty();
    }
    return Optional.of(decodeAny(message));
  }

  static Route decodeAny(Attributes message) {
    IpAddress any = message.headerU8(0) == Nl.AF_INET ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
    IpAddress address = message.get(RTA_DST).map(Attributes::address).orElse(any);
    if (address.family() != any.family() || message.headerU8(1) > any.family().bits()) {
      throw new MalformedMessageException("a route to " + address + "/" + message.headerU8(1));
    }
    boolean onlink = (message.headerU32(8) & RTNH_F_ONLINK) != 0;
    List<Hop> hops = new ArrayList<>();
    message.get(RTA_MULTIPATH).ifPresent(multipath -> decodeHops(multipath, hops));
    Optional<Attributes> oif = message.get(RTA_OIF);
    Optional<Attributes> gateway = message.get(RTA_GATEWAY);
    if (hops.isEmpty() && (oif.isPresent() || gateway.isPresent())) {
      int index = oif.map(Attributes::u32).orElse(0);
      hops.add(new Hop(gateway.map(Attributes::address), index, onlink, 1));
    }
    return new Route(
        Cidr.of(address, message.headerU8(1)),
        hops,
        Type.of(message.headerU8(7)),
        message.u32(RTA_TABLE, message.headerU8(4)),
        message.headerU8(5),
        message.headerU8(6),
        Integer.toUnsignedLong(message.u32(RTA_PRIORITY, 0)),
        message.get(RTA_METRICS).map(metrics -> metrics.u32(RTAX_MTU, 0)).orElse(0),
        message.get(RTA_METRICS).map(metrics -> metrics.u32(RTAX_ADVMSS, 0)).orElse(0),
        message.get(RTA_PREFSRC).map(Attributes::address),
        message.u32(RTA_NH_ID, 0));
  }

  private static void decodeHops(Attributes multipath, List<Hop> hops) {
    byte[] data = multipath.bytes();
    int at = 0;
    while (data.length - at >= 8) {
      Attributes header = Attributes.of(data, at, 8, data.length);
      int length = header.headerU16(0);
      if (length < 8 || length > data.length - at) {
        throw new MalformedMessageException("a next hop of length " + length);
      }
      Attributes hop = Attributes.of(data, at, 8, at + length);
      hops.add(
          new Hop(
              hop.get(RTA_GATEWAY).map(Attributes::address),
              hop.headerU32(4),
              (hop.headerU8(2) & RTNH_F_ONLINK) != 0,
              hop.headerU8(3) + 1));
      at += (length + 3) & ~3;
    }
  }

  /**
   * Makes the route, or replaces the one of the same table, destination and metric, without a gap.
   */
  public Request replace() {
    return new Nl.Message(
        Nl.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE, this::encode, () -> "replace " + this);
  }

  /** Makes the route; EEXIST when there is one of the same table, destination and metric. */
  public Request create() {
    return new Nl.Message(
        Nl.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, this::encode, () -> "create " + this);
  }

  /** Deletes just this route; ESRCH when it is not there. */
  public Request delete() {
    return new Nl.Message(Nl.RTM_DELROUTE, 0, this::encode, () -> "delete " + this);
  }

  private void encode(MessageWriter writer) {
    boolean single = hops.size() == 1;
    int flags = single && hops.getFirst().onlink() ? RTNH_F_ONLINK : 0;
    writer
        .u8(Nl.familyOf(destination.family()))
        .u8(destination.length())
        .u8(0)
        .u8(0)
        .u8(table > 255 ? 0 : table)
        .u8(protocol)
        .u8(scope)
        .u8(type.number)
        .u32(flags);
    writer.attrAddress(RTA_DST, destination.address());
    if (table > 255) {
      writer.attrU32(RTA_TABLE, table);
    }
    if (metric != 0) {
      writer.attrU32(RTA_PRIORITY, (int) metric);
    }
    source.ifPresent(address -> writer.attrAddress(RTA_PREFSRC, address));
    if (mtu != 0 || advmss != 0) {
      encodeMetrics(writer);
    }
    if (nexthopId != 0) {
      writer.attrU32(RTA_NH_ID, nexthopId);
    } else if (single) {
      encodeHop(writer, hops.getFirst());
    } else if (!hops.isEmpty()) {
      encodeMultipath(writer);
    }
  }

  private void encodeMetrics(MessageWriter writer) {
    int metrics = writer.nest(RTA_METRICS);
    if (mtu != 0) {
      writer.attrU32(RTAX_MTU, mtu);
    }
    if (advmss != 0) {
      writer.attrU32(RTAX_ADVMSS, advmss);
    }
    writer.endNest(metrics);
  }

  private static void encodeHop(MessageWriter writer, Hop hop) {
    hop.gateway().ifPresent(gateway -> writer.attrAddress(RTA_GATEWAY, gateway));
    if (hop.oif() != 0) {
      writer.attrU32(RTA_OIF, hop.oif());
    }
  }

  private void encodeMultipath(MessageWriter writer) {
    int multipath = writer.nest(RTA_MULTIPATH);
    for (Hop hop : hops) {
      int gateway = hop.gateway().map(address -> 4 + address.family().bits() / 8).orElse(0);
      writer
          .u16(8 + gateway)
          .u8(hop.onlink() ? RTNH_F_ONLINK : 0)
          .u8(hop.weight() - 1)
          .u32(hop.oif());
      hop.gateway().ifPresent(address -> writer.attrAddress(RTA_GATEWAY, address));
    }
    writer.endNest(multipath);
  }

  static Request dump(int family, int table) {
    return new Nl.Message(
        Nl.RTM_GETROUTE,
        0,
        writer -> {
          writer.u8(family).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u32(0);
          if (table != 0) {
            writer.attrU32(RTA_TABLE, table);
          }
        },
        "list routes of table " + table);
  }

  static Request lookup(IpAddress destination) {
    return new Nl.Message(
        Nl.RTM_GETROUTE,
        0,
        writer -> {
          writer.u8(Nl.familyOf(destination.family())).u8(destination.family().bits());
          writer.u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u32(0);
          writer.attrAddress(RTA_DST, destination);
        },
        "look up the route to " + destination);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("route ").append(destination);
    if (type != Type.UNICAST) {
      text.append(' ').append(type.name().toLowerCase(java.util.Locale.ROOT));
    }
    for (Hop hop : hops) {
      hop.gateway().ifPresent(gateway -> text.append(" via ").append(gateway));
      text.append(" dev ").append(hop.oif()).append(hop.onlink() ? " onlink" : "");
    }
    if (nexthopId != 0) {
      text.append(" nhid ").append(nexthopId);
    }
    return text.append(" table ").append(table).append(" metric ").append(metric).toString();
  }
}
