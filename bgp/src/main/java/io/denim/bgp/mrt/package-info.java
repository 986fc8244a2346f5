/**
 * MRT files: what speakers said to each other, and tables, as collectors keep them and tools read
 * them ({@code bgpdump}, {@code bgpscanner}, Wireshark).
 *
 * <p>{@link io.denim.bgp.mrt.MrtRecord} are the records as values, {@link
 * io.denim.bgp.mrt.MrtWriter} and {@link io.denim.bgp.mrt.MrtReader} put them into streams and get
 * them out: these know addresses and octets only. BGP messages and attributes stay octets; {@link
 * io.denim.bgp.wire} can read them. Two users stand beside them: {@link io.denim.bgp.mrt.Capture}
 * writes what a {@link io.denim.bgp.speaker.Monitor} sees into a file, and {@link
 * io.denim.bgp.mrt.Replay} tells a speaker what is in one.
 *
 * <p>The life of a record on its way in: the header says how long it is, that much is read, and it
 * becomes a value, or is counted as skipped when its kind is not known here, or is an error that
 * names the octet of the file. A file that ends within a record gives all before it.
 *
 * <p>Standards: RFC 6396 (BGP4MP and BGP4MP_ET with messages and states, TABLE_DUMP_V2 with unicast
 * routes), RFC 8050 (their forms with path identifiers). Not here: TABLE_DUMP (the first version),
 * multicast and generic tables, OSPF, IS-IS, geographic coordinates (RFC 6397).
 */
@NullMarked
package io.denim.bgp.mrt;

import org.jspecify.annotations.NullMarked;
