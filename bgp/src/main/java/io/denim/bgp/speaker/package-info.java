/**
 * Sessions: what turns a description ({@link io.denim.bgp.config.SpeakerConfig}) into connections
 * with peers, and lets routes flow through the tables ({@link io.denim.bgp.rib.Rib}).
 *
 * <p>{@link io.denim.bgp.speaker.Speaker} has one thread, which alone touches sockets and tables. A
 * turn of it: wait for sockets, run what others asked for, read (a bounded piece of each session),
 * let the tables choose and write their logs, write to each session what its socket takes, give
 * back what is gone when no socket waits, look at the timers ten times a second. A {@code Peer} is
 * the state machine of RFC 4271 8: its {@code Opening} has two {@code Connection}s at most, one
 * dialled and one accepted, a {@code ConnectRetry} says when it is dialled, and a {@code Session}
 * is what the connection that is left does, as the {@code Agreement} of both sides has it. A new
 * description is compared with the old one by addresses: who is not touched by the difference hears
 * nothing of it.
 *
 * <p>RFC 4271, 4486, 4724, 5082, 5492, 6286, 6608, 7313, 8538, 9003, 9687. What messages look like
 * is in {@link io.denim.bgp.wire}.
 */
@NullMarked
package io.denim.bgp.speaker;

import org.jspecify.annotations.NullMarked;
