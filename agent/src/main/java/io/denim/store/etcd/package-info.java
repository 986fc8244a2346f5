/**
 * A {@link io.denim.store.Store} in an etcd v3 cluster (3.4 or later): {@link
 * io.denim.store.etcd.EtcdStore}, opened by {@link io.denim.store.etcd.EtcdOptions}, which are
 * flannel's flags.
 *
 * <p>From the ground up:
 *
 * <ul>
 *   <li>{@code TlsFiles}: the files of the flags, in all forms that Go takes (see {@code
 *       io.denim.store.tls}), read again when they change.
 *   <li>{@code Wires}, {@code Member}, {@code Login}: connections, on one thread; tokens.
 *   <li>{@code Trouble}, {@code ConnectionTrouble}: what went wrong, what follows, in which words.
 *   <li>{@code Cluster}: several members as one that answers within five seconds or says why not.
 *   <li>{@code KeySpace}, {@code Pages}: names of keys; reading of whole collections.
 *   <li>{@code Position}, {@code Stream}, {@code Follower}: watches.
 *   <li>{@code StandInEtcd}: what answers while the AOT cache is made.
 * </ul>
 *
 * <p>The protocol's messages and methods are jetcd's, generated from etcd's own definitions; its
 * client on top of them is not used. That client keeps a Vert.x with its threads, resumes a watch
 * from the revision at which the stream began (so that what happened before it and did not arrive
 * is lost), cannot tell which member failed, and knows no deadline.
 *
 * <p>The life of a write with a time to live: a lease is granted; one transaction compares the
 * key's revision and puts the value with the lease. When the comparison fails, the lease is given
 * back, and the caller gets the entry that is there. When no answer comes, the key is read once
 * more: if it hangs on this lease, the write was done. A write without a lease whose answer did not
 * come is told as such; the caller must look.
 *
 * <p>The life of a watch: a linearizable read at the revision up to which everything was seen says
 * whether this is still the history that was seen; then a stream begins behind that revision, at
 * the member that answered. A member that is cut off from the others ends the stream by itself
 * ("require leader"); one that does not answer pings any more is given up after fifteen seconds.
 * The next stream begins after a pause of 100 ms, doubling to 5 s. A history that was compacted or
 * lost ends the watch with {@link io.denim.store.Event.Lost}.
 *
 * <p>Not here: what the values mean, who lists again, and making a cluster.
 */
@NullMarked
package io.denim.store.etcd;

import org.jspecify.annotations.NullMarked;
