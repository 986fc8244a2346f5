/**
 * Values of a network: addresses, prefixes, hardware addresses. No I/O and no dependencies, so
 * every other part may use them.
 *
 * <p>All values are immutable, comparable and canonical: equal text means equal value and the
 * reverse. Whatever a person may write has up to three ways in: {@code parse} throws {@link
 * io.denim.net.InvalidTextException} which names the text and what is allowed, {@code tryParse}
 * gives an {@link java.util.Optional}, and {@code strict} (of {@link io.denim.net.Cidr}) refuses
 * what {@code parse} would silently make canonical.
 *
 * <p>Text forms: IPv4 dotted quads without leading zeros (as Go's net/netip and unlike inet_aton),
 * IPv6 as RFC 4291 section 2.2 and written as RFC 5952, MAC addresses as six lower-case hexadecimal
 * octets with colons. Zones ({@code %eth0}) are no part of an address.
 */
@NullMarked
package io.denim.net;

import org.jspecify.annotations.NullMarked;
