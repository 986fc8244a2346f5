/**
 * The Linux kernel's network by java.lang.foreign: no native library, no shelling out.
 *
 * <p>{@code ns} holds network namespaces and sysctls, {@code netlink} links, addresses, routes,
 * neighbours and notifications, {@code nft} nftables, {@code conntrack} the table of connections,
 * {@code packet} raw packets, {@code tun} TUN devices, {@code unix} a server for local processes
 * that may send descriptors. This package has what all of them stand on: {@link
 * io.denim.linux.Libc}, the system calls; {@link io.denim.linux.Errno}; {@link
 * io.denim.linux.Descriptor}, what another process has opened for this one; and {@link
 * io.denim.linux.LinuxException}, which carries the kernel's own words.
 *
 * <p>It is usable without the rest of Denim and knows none of its words. A process needs {@code
 * --enable-native-access=ALL-UNNAMED}. Sockets are opened on a thread inside the namespace they are
 * for and may then be used from any thread. All numbers are those of 64-bit little-endian Linux.
 */
@NullMarked
package io.denim.linux;

import org.jspecify.annotations.NullMarked;
