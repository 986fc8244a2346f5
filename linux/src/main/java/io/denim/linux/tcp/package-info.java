/**
 * What the kernel can do for a TCP connection and Java's channels cannot ask for: signatures of
 * segments (RFC 2385), the TTL of packets that leave and the least of those that come (RFC 5082),
 * addresses that are not the host's yet.
 *
 * <p>A channel does not tell its descriptor. Opening the package in which it is kept would cost
 * every start of the JVM its AOT cache, so the descriptor is found by the channel's addresses,
 * which no other socket of the process has.
 */
@NullMarked
package io.denim.linux.tcp;

import org.jspecify.annotations.NullMarked;
