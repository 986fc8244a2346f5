/**
 * Tells a monitoring station what peers announce (BMP): {@link io.denim.bgp.bmp.BmpExport} dials
 * one {@link io.denim.bgp.bmp.BmpStation} and keeps the connection for as long as it is open.
 *
 * <p>The life of an UPDATE: the speaker shows it to its {@link io.denim.bgp.speaker.Monitors}, a
 * copy waits in an {@link io.denim.bgp.speaker.EventQueue}, and the thread of the export sends it
 * behind the header of its peer. A station that comes late is first told of the sessions that are
 * up, each with all routes that have come by it; what came while these were gathered follows, and
 * says the last word. A station that is slow, or gone, never holds up the speaker: when the queue
 * is full, the connection is given up and begun anew.
 *
 * <p>Standards: RFC 7854, with routes of the Adj-RIB-In before policy, both OPENs of sessions, ends
 * with their reasons, and statistics. Not here: routes after policy, those that are told to peers
 * (RFC 8671) and those that were chosen (RFC 9069), of which only the numbers are sent; mirroring;
 * a station that dials.
 */
@NullMarked
package io.denim.bgp.bmp;

import org.jspecify.annotations.NullMarked;
