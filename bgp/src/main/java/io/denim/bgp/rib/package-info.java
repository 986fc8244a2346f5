/**
 * The tables of a speaker and what it tells its peers, without sockets, timers or threads: one
 * thread uses all of it.
 *
 * <p>The life of a route: an UPDATE's attribute block is interned ({@code AttributeTable}), each of
 * its prefixes gets a number ({@code PrefixTable}) and a path ({@code PathTable}), and is marked
 * dirty. {@code Rib.flush} chooses the best path of each dirty prefix ({@code Decision}, RFC 4271
 * 9.1), and lets every {@code ExportGroup} look at it. A group is all peers that are told the same
 * ({@code GroupKey}): it turns the path's attributes into what leaves ({@code Export}, RFC 4271 9.2
 * and RFC 4456), leaves out what it has said already, packs the rest into messages, and appends
 * these to its log once, however many peers it has. A peer is a {@code Cursor} in that log.
 *
 * <p>A route never goes back to where it came from, although the log is shared: all prefixes of one
 * message come from one peer, and each message names whom it is not for. When the best path of a
 * prefix moves to a path of peer p, everybody but p is told the new path, and p alone, that the old
 * one is gone.
 *
 * <p>On the way in, what goes in a circle or leaks ({@code OnlyToCustomer}, RFC 9234) is left out,
 * and what is about to go is the last choice ({@code Import}, RFC 8326). Paths of a peer that is
 * away are kept, and after its restart time as the last choice ({@code StalePaths}, RFC 4724 and
 * RFC 9494).
 *
 * <p>Who joins a group gets an image: the group's table as packed messages, made once for all that
 * join at the same version, and then the log from there on. Who falls too far behind loses his
 * place in the log and keeps nothing but the version he has seen; what has changed since is packed
 * for him when he reads again. A prefix without paths keeps its number until everybody has read
 * that it is gone ({@code Tombs}), those with a place in a log as well as those without.
 *
 * <p>Who only wants to know the best routes, such as a monitoring station, is no peer and has no
 * cursor: a {@code LocRib} keeps what he was told, and gives him what differs from it when he asks.
 *
 * <p>What it costs: a prefix takes 28 to 36 octets of {@code PrefixTable} (40 to 48 for IPv6), and
 * 4 a group, 8 more there once an image was made; a path takes 20. All of it stands in pages
 * ({@code Rows}, {@code Ints}), which grow without a copy. An UPDATE whose attributes are known
 * allocates some 140 octets with its flush, a prefix of it nothing, unless a policy or an aggregate
 * has to look at each.
 */
@NullMarked
package io.denim.bgp.rib;

import org.jspecify.annotations.NullMarked;
