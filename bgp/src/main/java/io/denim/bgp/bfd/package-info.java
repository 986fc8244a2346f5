/**
 * Bidirectional Forwarding Detection, asynchronous mode: both ends of a way send small packets at a
 * pace they agree on, and who hears none for a few of these intervals takes the way for dead, long
 * before a hold timer would.
 *
 * <p>{@link io.denim.bgp.bfd.Bfd} has one platform thread for all sessions. A turn of it: wait for
 * packets until the next timer, read what came, do what others asked for, look at the timers that
 * are due. What a packet says is in {@link io.denim.bgp.bfd.ControlPacket}; what follows from it is
 * in {@code Machine}, which has neither clock nor socket. Packets find their session by the
 * discriminator that this side gave it, the first ones by their addresses. Sockets come from a
 * {@link io.denim.bgp.bfd.BfdSockets}: Java's own cannot tell the TTL of a packet, by which a
 * neighbour is known to be one.
 *
 * <p>The life of a session: {@link io.denim.bgp.bfd.Bfd#open} gives it a discriminator and sends
 * Down once a second; the peer's Down makes it Init, the peer's Init or Up makes it Up, and with a
 * Poll both change over to the fast pace. Silence for a detection time, or the peer's Down, makes
 * it Down again, and it begins anew. {@link io.denim.bgp.bfd.BfdSession#close} tells the peer that
 * an administrator did it, so that it keeps its routes.
 *
 * <p>RFC 5880, 5881 (one hop), 5883 (several hops), 5882 for what a listener may make of it. Not
 * here: the Echo function and Demand mode of this side's own (the peer's is honoured),
 * authentication (such packets are discarded), micro-BFD of link aggregates.
 */
@NullMarked
package io.denim.bgp.bfd;

import org.jspecify.annotations.NullMarked;
