/**
 * How a node takes part in a flannel network that is kept in Kubernetes, as flanneld does with
 * {@code --kube-subnet-mgr}: {@link io.denim.network.kubernetes.KubernetesMembership}.
 *
 * <p>kube-controller-manager gives every Node a {@code podCIDR}; what a node publishes are
 * annotations of its Node object, byte for byte as flanneld writes them ({@code NodeAnnotations});
 * net-conf.json is a file that kubelet keeps equal to a ConfigMap ({@code NetConfFile}). What is
 * known of the others is in {@code NodeBook}, which does no I/O.
 *
 * <p>The life of a follower: a list of all nodes in pages, of which {@code NodeObject} keeps the
 * name, uid, flannel's annotations and podCIDRs; then a watch of the nodes' metadata alone, since
 * the rest of a Node changes all the time and is a hundred times larger. A podCIDR never changes
 * during the life of a Node, so it is asked for only where a node's uid is new. An expired watch is
 * begun anew with a list of metadata. Two threads: the watch's, and one that asks what has to be
 * asked.
 *
 * <p>Unlike flanneld: the families of a peer do not depend on each other; an overwritten address, a
 * changed configuration, a node that was registered anew are followed live; annotations that
 * somebody removed are written again; a node whose podCIDR is late is waited for.
 *
 * <p>RBAC: what flannel's manifest gives and no more: pods get; nodes get, list, watch;
 * nodes/status patch. The NetworkUnavailable condition is set to False and never to True. Not here:
 * the allocation of podCIDRs.
 */
@NullMarked
package io.denim.network.kubernetes;

import org.jspecify.annotations.NullMarked;
