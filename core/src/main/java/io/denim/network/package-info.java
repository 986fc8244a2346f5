/**
 * How a node takes part in a flannel network, whatever the network is kept in: {@link
 * io.denim.network.Membership} is what the agent is written against. {@link
 * io.denim.network.LeasedMembership} keeps it in leases of any {@link io.denim.store.Store} (etcd,
 * the embedded store), as flannel does in etcd mode; {@code io.denim.network.kubernetes} in the
 * objects of an API server, as flannel does with {@code --kube-subnet-mgr}.
 *
 * <p>Following is the membership's own affair: it lists, watches, lists again after an
 * interruption, and calls when something may differ; the agent then asks for the {@link
 * io.denim.network.Membership.View}, which is a value. A record that vanishes while nobody was
 * watching is kept for a while before it counts as gone, since a store that was restarted empty
 * must not take a running network along; what is deleted before a watcher's eyes is gone at once.
 */
@NullMarked
package io.denim.network;

import org.jspecify.annotations.NullMarked;
