package io.denim.bgp.speaker;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.Notification;
import io.denim.net.IpAddress;
import java.util.Optional;

/**
 * Sees what a speaker and its peers say to each other: for captures ({@code io.denim.bgp.mrt}) and
 * for collectors ({@code io.denim.bgp.bmp}). UPDATEs that the speaker sends are written once for
 * many peers: they are copied, and shown, only for who asks for those of a connection.
 *
 * <p>Everything is called by the speaker's thread, which waits meanwhile: take a copy and return.
 */
public interface Monitor {
  /** Sees nothing, and costs nothing. */
  Monitor NOBODY =
      new Monitor() {
        @Override
        public boolean isWatching() {
          return false;
        }
      };

  /**
   * A connection with a peer.
   *
   * @param peer its name
   * @param at its address
   * @param port its port
   * @param as its AS; 0 as long as that is not known
   * @param identifier its identifier; 0 until the session is up
   * @param local this side's address
   * @param localPort this side's port
   * @param localAs this side's AS
   * @param agreed what UPDATEs of the peer are like, once the session is up
   * @param told what UPDATEs to the peer are like, likewise
   */
  record Link(
      String peer,
      PeerAddress at,
      int port,
      long as,
      int identifier,
      IpAddress local,
      int localPort,
      long localAs,
      Optional<Negotiated> agreed,
      Optional<Negotiated> told) {
    /** The peer's address without its interface. */
    public IpAddress address() {
      return at.address();
    }
  }

  /** How a session ended. */
  sealed interface End {
    /** This side said why. */
    record Sent(Notification notification) implements End {}

    /** The peer said why. */
    record Received(Notification notification) implements End {}

    /** Nobody said anything: the connection was closed, or broke. */
    record Silent() implements End {}
  }

  /**
   * Whether single messages and states are worth showing at the moment. Sessions that come up or go
   * down are shown regardless.
   */
  default boolean isWatching() {
    return true;
  }

  /** A message came; the buffer is the speaker's, and holds something else afterwards. */
  default void received(Link link, byte[] buffer, int offset, int length) {}

  /** A message of the session's own, End-of-RIB among them, is about to leave. */
  default void sent(Link link, byte[] message) {}

  /** Whether UPDATEs that leave by a connection are worth a copy ({@link #told}). */
  default boolean wantsTold(Link link) {
    return false;
  }

  /**
   * An UPDATE has begun to leave: the kernel has its first octet.
   *
   * @param update whole; nobody changes it
   */
  default void told(Link link, byte[] update) {}

  /** The peer's state is another one. */
  default void changed(Link link, PeerState before, PeerState after) {}

  /**
   * A session is up.
   *
   * @param ours the OPEN that this side sent, whole
   * @param theirs the peer's
   */
  default void up(Link link, byte[] ours, byte[] theirs) {}

  /** A session has been up since before this monitor saw anything. */
  default void found(Link link, byte[] ours, byte[] theirs) {
    up(link, ours, theirs);
  }

  /**
   * A session is down.
   *
   * @param words why, for people
   */
  default void down(Link link, End end, String words) {}
}
