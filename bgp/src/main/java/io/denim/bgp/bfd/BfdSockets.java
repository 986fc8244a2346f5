package io.denim.bgp.bfd;

import io.denim.net.IpAddress;
import java.io.IOException;

/**
 * Where sockets come from. BFD itself knows nothing but Java's own; who has the kernel at hand can
 * open them in another network namespace, bind them to a device, send with TTL 255 and tell the TTL
 * of what comes. All methods but {@link #wake} are called by one thread.
 */
public interface BfdSockets extends AutoCloseable {
  /** The lowest source port (RFC 5881 4). */
  int FIRST_PORT = 49_152;

  /** The highest source port. */
  int LAST_PORT = 65_535;

  /** The TTL that packets are sent with, and must come with from a neighbour. */
  int TTL = 255;

  /** The TTL of a packet where nobody can tell it. */
  int UNKNOWN_TTL = -1;

  /** Takes packets to an address and port from now on, for as many sessions as there are. */
  void listen(Endpoint at) throws IOException;

  /** Ends what {@link #listen} began. */
  void unlisten(Endpoint at);

  /** The way out of one session, with a source port of its own. */
  Outlet dial(Endpoint from, IpAddress to) throws IOException;

  /**
   * Waits until a packet came, somebody called {@link #wake}, or the time is over, and hands over
   * what came: not all of it if it is very much.
   *
   * @param nanos 0 does not wait
   */
  void await(long nanos, Receiver receiver) throws IOException;

  /** Ends the wait that goes on, or the next. By any thread, also after {@link #close}. */
  void wake();

  @Override
  void close();

  /** Takes packets. */
  @FunctionalInterface
  interface Receiver {
    /**
     * A packet came.
     *
     * @param at where
     * @param from who sent it
     * @param ttl with how many hops left, or {@link #UNKNOWN_TTL}
     * @param data its octets, only during the call
     * @param length how many
     */
    void packet(Endpoint at, IpAddress from, int ttl, byte[] data, int length);
  }

  /** Sends packets of one session. */
  interface Outlet extends AutoCloseable {
    /**
     * Sends, or loses it when there is no room.
     *
     * @throws java.net.PortUnreachableException when it was sent, but nobody took the one before
     * @throws IOException when the kernel refuses
     */
    void send(byte[] packet) throws IOException;

    @Override
    void close();
  }
}
