/**
 * Named texts with versions that several nodes read, watch and change: the {@link
 * io.denim.store.Store} that the rest of Denim is written against, and the store in a directory,
 * {@link io.denim.store.EmbeddedStore}. What the texts mean is for {@code io.denim.ipam} and {@code
 * io.denim.state} to know.
 *
 * <p>The interface is what etcd v3 and a Kubernetes API server have in common: get, list with a
 * revision, watch from a revision, create, compare-and-swap, delete. Revisions are opaque, because
 * Kubernetes forbids to compare them. A time to live starts anew with each write, because that is
 * how flannel renews a lease. {@code StoreContract} among the tests says the same in a form that
 * can be run; every store extends it.
 *
 * <p>The embedded store, from the ground up:
 *
 * <ul>
 *   <li>{@code Frame}: what is written at once, with length and checksum; pure encoding.
 *   <li>{@code Journal}: one file of frames, read as it grows, appended to under the lock.
 *   <li>{@code History}: the entries in memory and the changes that led there.
 *   <li>{@code Keeper}: keeps the history equal to the journal; commits, compacts.
 *   <li>{@link io.denim.store.FileMutex}, {@code Doorbell}: one writer at a time, and a ring for
 *       the others, within a JVM and between processes.
 *   <li>{@code EmbeddedStore}: one platform thread a store, which alone touches the file, and a
 *       virtual thread a watch.
 * </ul>
 *
 * <p>The life of one write: the caller puts its intention into a queue and waits. The store's
 * thread takes all that is queued, takes the lock, reads what others have appended, decides each
 * intention in a {@code Draft} against the entries as they are now, writes the changes as one
 * frame, forces it to the disk, lets go of the lock, and answers all callers. The watches wake up
 * on the history; other stores of the JVM are rung directly, other processes by inotify. A look
 * every few seconds catches what a ring may have missed.
 *
 * <p>What a crash leaves: frames are forced one by one, so at most the last one is unfinished. It
 * was never acknowledged, and the next writer cuts it off. Damage anywhere else is reported with
 * its place and left as it is. The journal is compacted into a new file that takes the old one's
 * name; it keeps the recent changes, so that watches go on across it.
 *
 * <p>Not here: replication (that is what etcd and Kubernetes are for), transactions over several
 * keys, and any file system that has no POSIX locks or inode numbers.
 */
@NullMarked
package io.denim.store;

import org.jspecify.annotations.NullMarked;
