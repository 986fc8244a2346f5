package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeSet;

/**
 * What a group tells of one path's attributes.
 *
 * @param attributes as they leave
 * @param source the number of the path's source, which alone is not told
 * @param block the attributes as octets, without MP_REACH_NLRI
 * @param nextHop of MP_REACH_NLRI; empty when the block has it (RFC 4271)
 */
record OutSet(AttributeSet attributes, int source, byte[] block, byte[] nextHop) {}
