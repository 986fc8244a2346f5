/**
 * UDP sockets of which the kernel tells more than Java's channels do: with which TTL a datagram
 * came (RFC 5082, RFC 5881 5), and by one device only. {@link io.denim.linux.udp.UdpSocket} is one
 * of them, {@link io.denim.linux.udp.UdpWait} waits for several.
 */
@NullMarked
package io.denim.linux.udp;

import org.jspecify.annotations.NullMarked;
