/**
 * TUN devices (linux/if_tun.h): packets of the kernel's network, read and written by a program.
 *
 * <p>A {@link io.denim.linux.tun.TunDevice} is made by opening /dev/net/tun inside a namespace,
 * where the device then is; it cannot be made by netlink, but is configured by it like any other
 * link. It goes when it is closed, unless it is persistent.
 */
@NullMarked
package io.denim.linux.tun;

import org.jspecify.annotations.NullMarked;
