/**
 * rtnetlink: a record for each kind of object, with its decoder and the requests that change it
 * side by side.
 *
 * <p>The floors: {@link io.denim.linux.netlink.MessageWriter} and {@link
 * io.denim.linux.netlink.Attributes} are the codec; {@link io.denim.linux.netlink.NetlinkSocket}
 * sends requests (many to a send, refusals matched by sequence number), reads dumps (again when the
 * kernel says that they were interrupted) and turns extended acknowledgements into words; {@link
 * io.denim.linux.netlink.Rtnetlink} lists objects; {@link io.denim.linux.netlink.NetlinkMonitor}
 * hears changes.
 *
 * <p>The life of a route: {@code Route.via(...).replace()} is a request, a value; {@code
 * Rtnetlink.executeAll} writes it into the socket's buffer with its neighbours, the kernel executes
 * them inside the send, and what it refuses comes back as a {@code Failure} with the request in
 * words, the kernel's text and the attribute it means.
 *
 * <p>Rules that the requests keep: routes, neighbours and forwarding entries are replaced with
 * CREATE and REPLACE, never with CREATE alone (which adds a second one); a route is deleted with
 * all that tells it apart. There is no transaction in rtnetlink. Numbers are those of
 * linux/rtnetlink.h, if_link.h, neighbour.h, nexthop.h, fib_rules.h, pkt_sched.h and pkt_cls.h.
 */
@NullMarked
package io.denim.linux.netlink;

import org.jspecify.annotations.NullMarked;
