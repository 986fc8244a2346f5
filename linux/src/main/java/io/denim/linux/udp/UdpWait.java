package io.denim.linux.udp;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Waits until one of several sockets has a datagram. One thread uses it; {@link #wake} is for any.
 */
public final class UdpWait implements AutoCloseable {
  private static final int POLLFD = 8;
  private static final int REVENTS = 6;
  private static final int FIRST = 4;

  private final Arena arena = Arena.ofShared();
  private final Libc.CallState state = new Libc.CallState(arena);
  private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1L);
  private final MemorySegment drained = arena.allocate(JAVA_LONG);
  private final Libc.CallState wakeState = new Libc.CallState(arena);
  private final Object wakeLock = new Object();
  private final List<UdpSocket> sockets = new ArrayList<>();
  private final int wake;
  private MemorySegment pollfds;
  private boolean closed;

  /** Waits for nothing yet. */
  public UdpWait() {
    wake = Libc.eventfd(state, 0, Libc.O_CLOEXEC | Libc.O_NONBLOCK);
    if (wake < 0) {
      throw new LinuxException("make an eventfd", -wake);
    }
    pollfds = arena.allocate((long) FIRST * POLLFD, 8);
  }

  /** Waits for this one too. */
  public void add(UdpSocket socket) {
    sockets.add(socket);
    long needed = (sockets.size() + 1L) * POLLFD;
    if (needed > pollfds.byteSize()) {
      pollfds = arena.allocate(2 * needed, 8);
    }
  }

  /** Waits for it no longer. */
  public void remove(UdpSocket socket) {
    sockets.remove(socket);
  }

  /**
   * Waits for a datagram or {@link #wake}.
   *
   * @param millis how long, 0 not to wait
   * @return the sockets that have a datagram
   */
  public List<UdpSocket> await(int millis) {
    watch(0, wake);
    for (int i = 0; i < sockets.size(); i++) {
      watch(i + 1, sockets.get(i).fd());
    }
    int ready = Libc.poll(state, pollfds, sockets.size() + 1L, millis);
    if (ready < 0 && ready != -Errno.EINTR) {
      throw new LinuxException("wait for datagrams", -ready);
    }
    if (ready <= 0) {
      return List.of();
    }
    if (happened(0)) {
      Libc.read(state, wake, drained);
    }
    List<UdpSocket> found = new ArrayList<>(ready);
    for (int i = 0; i < sockets.size(); i++) {
      if (happened(i + 1)) {
        found.add(sockets.get(i));
      }
    }
    return found;
  }

  private void watch(int index, int fd) {
    pollfds.set(JAVA_INT, (long) index * POLLFD, fd);
    pollfds.set(JAVA_INT, (long) index * POLLFD + 4, Libc.POLLIN);
  }

  private boolean happened(int index) {
    return pollfds.get(JAVA_SHORT, (long) index * POLLFD + REVENTS) != 0;
  }

  /** Ends the wait that goes on, or the next. By any thread, also after {@link #close}. */
  public void wake() {
    synchronized (wakeLock) {
      if (!closed) {
        Libc.write(wakeState, wake, one);
      }
    }
  }

  /** The sockets stay open. */
  @Override
  public void close() {
    synchronized (wakeLock) {
      if (!closed) {
        closed = true;
        Libc.close(state, wake);
        arena.close();
      }
    }
  }
}
