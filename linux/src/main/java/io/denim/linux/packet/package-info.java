/**
 * Raw packets of one network namespace: echo requests as ping sends them, and a look at what passes
 * a device.
 *
 * <p>{@link io.denim.linux.packet.IcmpEcho} follows RFC 792 and RFC 4443; {@link
 * io.denim.linux.packet.PacketCapture} is a packet(7) socket. Both belong to the namespace they
 * were opened in and need CAP_NET_RAW there. What was captured becomes a line of text ({@link
 * io.denim.linux.packet.PacketLine}) or a part of a file that tcpdump reads ({@link
 * io.denim.linux.packet.PcapFile}); filters are not made here.
 */
@NullMarked
package io.denim.linux.packet;

import org.jspecify.annotations.NullMarked;
