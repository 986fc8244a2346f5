/**
 * Attaching pods to a node's network.
 *
 * <p>{@link io.denim.attach.BridgeAttachment} makes what the reference bridge plugin makes: a veth
 * with its end in the pod, and its other end a port of the node's bridge with hairpin, an address
 * from files that host-local can read, and default routes. The life of an attachment: an address is
 * reserved on disk; one message makes the veth, with the peer born in the pod's namespace under its
 * final name; one more batch inside the pod sets addresses and routes. Every step may be repeated:
 * attaching again gives the same answer. Detaching marks the veth as dying and answers; dying veths
 * are deleted together, because deleting many costs the kernel no more than deleting one.
 *
 * <p>The bridge itself belongs to the reconciler. Marks on links ({@link io.denim.state.PodPorts})
 * tell ports and dying veths apart even after the agent was killed.
 */
@NullMarked
package io.denim.attach;

import org.jspecify.annotations.NullMarked;
