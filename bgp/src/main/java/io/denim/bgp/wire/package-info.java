/**
 * The messages of BGP-4 and their attributes, as bytes and as values. No I/O, no session, no table:
 * what comes in is judged, what goes out is packed, and both are functions of their input.
 *
 * <p><b>How it is cut.</b> {@link io.denim.bgp.wire.Framer} finds messages in a stream. The small
 * ones are values that are read and written whole: {@link io.denim.bgp.wire.Open} with its {@link
 * io.denim.bgp.wire.Capabilities}, {@link io.denim.bgp.wire.Notification}, {@link
 * io.denim.bgp.wire.RouteRefresh}. The UPDATE is where the octets are, so it never becomes a value:
 * {@link io.denim.bgp.wire.UpdateReader} leaves its prefixes in the buffer, where {@link
 * io.denim.bgp.wire.NlriReader} goes over them, and {@link io.denim.bgp.wire.UpdateEncoder} packs
 * prefixes around a block of attributes that was made once. These three belong to a thread, are
 * used again for each message and allocate nothing for a good one, but for the encoder's growth.
 *
 * <p><b>The life of an UPDATE.</b> It is framed; the reader takes it apart and looks at every
 * prefix before any is applied, so damage that ends the session leaves no half of a message behind.
 * What is left of its attributes without MP_REACH_NLRI and MP_UNREACH_NLRI is the key: thousands of
 * messages share one, and only for a key that was not seen before is {@link
 * io.denim.bgp.wire.AttributeParser} asked, which makes an {@link io.denim.bgp.wire.AttributeSet}
 * or says why the routes are to be withdrawn. On its way out a set is changed by {@link
 * io.denim.bgp.wire.AttributeSetBuilder}, written once by {@link
 * io.denim.bgp.wire.AttributeSet#encode} and sent in as many messages as it takes.
 *
 * <p><b>What a fault costs.</b> There are three prices. {@link io.denim.bgp.wire.Malformed} ends
 * the session, and is thrown only where the rest of a message cannot be found or relied on. {@link
 * io.denim.bgp.wire.UpdateReader.Outcome#WITHDRAW} and {@link
 * io.denim.bgp.wire.ParsedAttributes.Withdraw} cost the routes of one message. A {@link
 * io.denim.bgp.wire.ParsedAttributes.Remark} costs an attribute and keeps the route. An attribute
 * that is not known here is carried or dropped, never judged. What a peer says in words is shown as
 * text if it is well-formed and as hexadecimal otherwise.
 *
 * <p><b>What it does not do.</b> Whether the peer is the expected one, whether an AS or identifier
 * is one's own, whether a next hop can be reached, what is preferred and to whom it is told: that
 * is for the session and the table. Only IPv4 and IPv6 unicast are families here; routes of others
 * are passed over.
 *
 * <p>Standards: RFC 4271 with the error handling of 7606, 4760, 2545, 8950 (families and next
 * hops), 5492 and 9072 (capabilities), 6793 and 7607 (four-octet AS, AS 0), 1997, 4360, 5701, 8092
 * (communities), 4456 (reflection), 4724, 8538, 9494 (graceful restart), 2918 and 7313 (refresh),
 * 5065 (confederations), 6286 (identifier), 7911 (several paths), 8654 (long messages), 9003
 * (shutdown communication), 9234 (roles).
 */
@NullMarked
package io.denim.bgp.wire;

import org.jspecify.annotations.NullMarked;
