package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeSet;
import java.util.Arrays;

/** What a group tells of one path's attributes, ready to be copied into messages. */
final class OutSet {
  private final AttributeSet attributes;
  private final int source;
  private final byte[] block;
  private final byte[] nextHop;

  /**
   * Keeps the arrays as they are.
   *
   * @param attributes as they leave
   * @param source the number of the path's source, whose peer is not told
   * @param block the attributes as octets, without MP_REACH_NLRI
   * @param nextHop of MP_REACH_NLRI; empty when the block has it (RFC 4271)
   */
  OutSet(AttributeSet attributes, int source, byte[] block, byte[] nextHop) {
    this.attributes = attributes;
    this.source = source;
    this.block = block;
    this.nextHop = nextHop;
  }

  AttributeSet attributes() {
    return attributes;
  }

  int source() {
    return source;
  }

  byte[] block() {
    return block;
  }

  byte[] nextHop() {
    return nextHop;
  }

  /** Whether it looks the same in a message. */
  boolean hasOctetsOf(OutSet other) {
    return Arrays.equals(block, other.block) && Arrays.equals(nextHop, other.nextHop);
  }
}
