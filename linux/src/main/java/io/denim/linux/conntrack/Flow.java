package io.denim.linux.conntrack;

import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MessageWriter;
import java.util.Optional;

/**
 * One entry of the table of connections.
 *
 * @param original as the first packet had it, before any translation
 * @param reply as answers have it, before they are translated back: its source is who really
 *     answers
 * @param zone the part of the table that it is in, 0 by default
 * @param id tells it apart from another entry of the same tuple, later
 */
public record Flow(Tuple original, Tuple reply, int zone, int id) {
  static final int CTA_TUPLE_ORIG = 1;
  private static final int CTA_TUPLE_REPLY = 2;
  private static final int CTA_ID = 12;
  private static final int CTA_ZONE = 18;

  /** Writes what names this entry and no other. */
  void encodeName(MessageWriter writer) {
    original.encode(CTA_TUPLE_ORIG, writer);
    if (zone != 0) {
      writer.attrBe16(CTA_ZONE, zone);
    }
    writer.attrU32(CTA_ID, id);
  }

  /** Empty for entries of protocols without addresses. */
  static Optional<Flow> decode(Attributes message) {
    Optional<Tuple> original = message.get(CTA_TUPLE_ORIG).flatMap(Tuple::decode);
    Optional<Tuple> reply = message.get(CTA_TUPLE_REPLY).flatMap(Tuple::decode);
    if (original.isEmpty() || reply.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Flow(
            original.get(),
            reply.get(),
            message.get(CTA_ZONE).map(Attributes::be16).orElse(0),
            message.u32(CTA_ID, 0)));
  }
}
