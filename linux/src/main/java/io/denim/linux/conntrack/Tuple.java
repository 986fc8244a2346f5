package io.denim.linux.conntrack;

import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MessageWriter;
import io.denim.net.IpAddress;
import java.util.Optional;

/**
 * What packets of one direction of a flow have in common.
 *
 * @param source their sender
 * @param destination their receiver, of the same family
 * @param protocol above IP, such as {@link #UDP}
 * @param sourcePort 0 for protocols without ports
 * @param destinationPort 0 for protocols without ports
 */
public record Tuple(
    IpAddress source, IpAddress destination, int protocol, int sourcePort, int destinationPort) {
  /** The number of TCP. */
  public static final int TCP = 6;

  /** The number of UDP. */
  public static final int UDP = 17;

  private static final int CTA_TUPLE_IP = 1;
  private static final int CTA_TUPLE_PROTO = 2;
  private static final int CTA_IP_V4_SRC = 1;
  private static final int CTA_IP_V4_DST = 2;
  private static final int CTA_IP_V6_SRC = 3;
  private static final int CTA_IP_V6_DST = 4;
  private static final int CTA_PROTO_NUM = 1;
  private static final int CTA_PROTO_SRC_PORT = 2;
  private static final int CTA_PROTO_DST_PORT = 3;

  /** Writes a nest of this type. */
  void encode(int type, MessageWriter writer) {
    int nest = writer.nest(type);
    int ip = writer.nest(CTA_TUPLE_IP);
    writer.attrAddress(source.isV4() ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, source);
    writer.attrAddress(source.isV4() ? CTA_IP_V4_DST : CTA_IP_V6_DST, destination);
    writer.endNest(ip);
    int proto = writer.nest(CTA_TUPLE_PROTO);
    writer.attrU8(CTA_PROTO_NUM, protocol);
    writer.attrBe16(CTA_PROTO_SRC_PORT, sourcePort);
    writer.attrBe16(CTA_PROTO_DST_PORT, destinationPort);
    writer.endNest(proto);
    writer.endNest(nest);
  }

  /** Writes a nest of this type that holds a protocol only. */
  static void encodeProtocol(int type, int protocol, MessageWriter writer) {
    int nest = writer.nest(type);
    int proto = writer.nest(CTA_TUPLE_PROTO);
    writer.attrU8(CTA_PROTO_NUM, protocol);
    writer.endNest(proto);
    writer.endNest(nest);
  }

  /** Empty when an address or the protocol is missing. */
  static Optional<Tuple> decode(Attributes tuple) {
    Optional<Attributes> ip = tuple.get(CTA_TUPLE_IP);
    Optional<Attributes> proto = tuple.get(CTA_TUPLE_PROTO);
    Optional<IpAddress> source = address(ip, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
    Optional<IpAddress> destination = address(ip, CTA_IP_V4_DST, CTA_IP_V6_DST);
    Optional<Attributes> number = proto.flatMap(a -> a.get(CTA_PROTO_NUM));
    if (source.isEmpty() || destination.isEmpty() || number.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Tuple(
            source.get(),
            destination.get(),
            number.get().u8(),
            port(proto, CTA_PROTO_SRC_PORT),
            port(proto, CTA_PROTO_DST_PORT)));
  }

  private static Optional<IpAddress> address(Optional<Attributes> ip, int v4, int v6) {
    return ip.flatMap(a -> a.get(v4).or(() -> a.get(v6))).map(Attributes::address);
  }

  private static int port(Optional<Attributes> proto, int type) {
    return proto.flatMap(a -> a.get(type)).map(Attributes::be16).orElse(0);
  }

  @Override
  public String toString() {
    return "protocol "
        + protocol
        + " from "
        + source
        + " port "
        + sourcePort
        + " to "
        + destination
        + " port "
        + destinationPort;
  }
}
