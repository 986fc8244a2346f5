/**
 * A server on a Unix socket for processes of this machine, which send one request and may send
 * descriptors with it, and get one answer (unix(7), cmsg(3)).
 *
 * <p>A {@link io.denim.linux.unix.UnixServer} holds a path in the file system that only its own
 * user may connect to. Each process that connects is a {@link io.denim.linux.unix.UnixConnection}.
 * A message in either direction is a {@link io.denim.linux.unix.Frame}: four octets of length, most
 * significant first, and so many octets. What goes wrong on one connection is a {@link
 * io.denim.linux.unix.FrameException}, which concerns no other; what is wrong with the server is a
 * {@link io.denim.linux.LinuxException}.
 *
 * <p>The life of a request: {@code accept} on the server's own thread; {@code receive}, {@code
 * send} and {@code close} on another. These calls block, so they belong on platform threads.
 * Descriptors that came along are open in this process as soon as the first octet of their frame is
 * read; from then on the frame holds them, until it is closed; who keeps one takes it out of its
 * {@link io.denim.linux.Descriptor}.
 *
 * <p>The JDK's own Unix channels do not do here: they pass no descriptors and tell the peer's user
 * by name only. What the payloads mean is not known here.
 */
@NullMarked
package io.denim.linux.unix;

import org.jspecify.annotations.NullMarked;
