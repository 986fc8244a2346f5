/**
 * The CNI plugin: attaching containers to a node's network, checking them, and taking them away.
 *
 * <p>{@link io.denim.attach.Plugin} takes a request as {@code denim-cni} sends it; {@code Answers}
 * reads it and writes what goes back, whatever comes; {@code Verbs} is what each verb does for each
 * kind of configuration; {@code Resolution} fills in what a configuration leaves out, as a {@code
 * BridgePlan}; {@link io.denim.attach.Attachments} makes and unmakes. Below it are the parts that
 * touch something: {@code Records} and {@code Journal} (files), {@link io.denim.ipam.HostLocal}
 * (addresses), {@code Bridges}, {@code Wiring} (the veth), {@code PodRules} (host ports,
 * masquerading, forged frames: one element a container in nftables sets), {@code Shaping} (token
 * buckets).
 *
 * <p>The life of an attachment: its record is written, incomplete; addresses are reserved in files
 * that the reference plugin host-local can read; one message makes the veth, with its end in the
 * container born there under its name; one batch inside sets addresses and routes; rules and limits
 * are added; the record is written anew, complete, and the answer goes. Whatever fails, and
 * whenever the agent is killed, an incomplete record is undone: at once, or by the next start. A
 * DEL needs nothing but the record: it takes rules, reservation and record away, marks the veth as
 * dying and answers; dying veths are deleted together, because deleting many costs the kernel no
 * more than deleting one. A DEL that comes while no agent answers waits in the journal.
 *
 * <p>The node's own bridge belongs to the reconciler; other bridges that a configuration names are
 * made here. Marks on links ({@link io.denim.state.PodPorts}) tell ports and dying veths apart even
 * after the agent was killed.
 *
 * <p>Files and parameters that the node's other programs use too are reached by {@link
 * io.denim.attach.NodeReach}: an agent on the node has them at their paths; one in a container, as
 * flannel's DaemonSet starts it, has them by descriptors that {@code denim-cni} sends with each
 * call ({@code Handover} sorts them). The way into a container's namespace comes with it, so that
 * no thread has to enter.
 *
 * <p>CNI specification 1.1.0; the reference plugins bridge, host-local, portmap, bandwidth and
 * loopback 1.9 and flannel's own for the meaning of keys. Other kinds of interfaces than ports of
 * bridges are not made.
 */
@NullMarked
package io.denim.attach;

import org.jspecify.annotations.NullMarked;
