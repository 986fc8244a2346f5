/**
 * The kernel's table of connections by netlink (linux/netfilter/nfnetlink_conntrack.h).
 *
 * <p>A {@link io.denim.linux.conntrack.Flow} is one entry as a value: its {@link
 * io.denim.linux.conntrack.Tuple} as the first packet had it, and the one that answers have, which
 * differ by what address translation does. {@link io.denim.linux.conntrack.Conntrack} lists entries
 * and deletes them.
 *
 * <p>Why delete any: rules that translate look at the first packet of a flow only. A UDP client
 * that keeps its port and has spoken to a host's port before that was published goes on speaking to
 * the host, and one that has spoken to a pod goes on sending to that pod's address after the pod is
 * gone, until it has been silent for the timeout (30 s, or 120 s once answered). TCP ends by
 * itself.
 *
 * <p>Not here: making and changing entries, expectations, notifications.
 */
@NullMarked
package io.denim.linux.conntrack;

import org.jspecify.annotations.NullMarked;
