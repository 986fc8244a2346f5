/**
 * Tells a monitoring station what peers announce and what was chosen of it (BMP): {@link
 * io.denim.bgp.bmp.BmpExport} dials one {@link io.denim.bgp.bmp.BmpStation} and keeps the
 * connection for as long as it is open.
 *
 * <p>The life of an UPDATE: the speaker shows it to its {@link io.denim.bgp.speaker.Monitors}, a
 * copy waits in an {@link io.denim.bgp.speaker.EventQueue}, and the thread of the export sends it
 * behind the header of its peer. A station that comes late is first told of the sessions that are
 * up, each with all routes that have come by it; what came while these were gathered follows, and
 * says the last word. A station that is slow, or gone, never holds up the speaker: when the queue
 * is full, the connection is given up and begun anew.
 *
 * <p>The best routes, whoever they are of, are told as those of one more peer ({@code LocRibPeer}):
 * a {@link io.denim.bgp.speaker.Following} is asked for part after part, the whole table first. As
 * it is asked again only when a part goes out, a station that is slow is told what is so then and
 * not what was so in between, and nothing of it has to wait in the queue.
 *
 * <p>Standards: RFC 7854, with routes of the Adj-RIB-In before policy, both OPENs of sessions, ends
 * with their reasons, and statistics; RFC 9069, with all routes of the Loc-RIB, whose peer is up
 * for as long as the connection. Not here: what peers announce as it is after policy; what is told
 * to peers (RFC 8671); mirroring; a station that dials.
 */
@NullMarked
package io.denim.bgp.bmp;

import org.jspecify.annotations.NullMarked;
