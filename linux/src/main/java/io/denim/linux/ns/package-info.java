/**
 * Network namespaces and what is seen only from inside them.
 *
 * <p>A {@link io.denim.linux.ns.Namespace} is a descriptor. Its {@code call} starts a platform
 * thread, moves it inside with setns(2), and throws it away; nothing else in Denim changes a
 * namespace. Channels and processes that are opened in such a call belong to the namespace. {@link
 * io.denim.linux.ns.Sysctl} reads and writes /proc/sys through it. Anonymous namespaces vanish with
 * the process that holds them, even after kill -9.
 *
 * <p>A process without CAP_SYS_ADMIN cannot enter a namespace. It can work in one all the same when
 * a process that could has opened a netlink socket and folders of /proc/sys/net inside and sends
 * them along; a namespace that was adopted with these uses them instead of entering.
 */
@NullMarked
package io.denim.linux.ns;

import org.jspecify.annotations.NullMarked;
