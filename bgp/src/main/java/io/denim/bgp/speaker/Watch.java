package io.denim.bgp.speaker;

import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.loop.SocketAddresses;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Notification;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Shows a {@link Monitor} what goes on with one peer. Used by the speaker's thread only. */
final class Watch {
  private static final byte[] NOTHING = new byte[0];
  private static final Monitor.End SILENT = new Monitor.End.Silent();

  private final Core core;
  private final Peer peer;
  private final boolean watched;
  private PeerState state = PeerState.IDLE;

  Watch(Core core, Peer peer) {
    this.core = core;
    this.peer = peer;
    watched = !core.monitor.equals(Monitor.NOBODY);
  }

  /** What has been shown of a connection. */
  static final class Seen {
    private Monitor.Link link;
    private byte[] ours = NOTHING;
    private byte[] theirs = NOTHING;
    private Monitor.End end = SILENT;

    private Seen(Monitor.Link link) {
      this.link = link;
    }
  }

  /** A message came. */
  void received(Connection connection, byte[] buffer, int offset, int length) {
    if (!watched) {
      return;
    }
    Seen seen = seen(connection);
    int type = Framer.type(buffer, offset);
    if (type == Framer.OPEN && seen.theirs.length == 0) {
      seen.theirs = Arrays.copyOfRange(buffer, offset, offset + length);
    } else if (type == Framer.NOTIFICATION) {
      seen.end = new Monitor.End.Received(Notification.parse(buffer, offset, length));
    }
    if (core.monitor.isWatching()) {
      core.monitor.received(seen.link, buffer, offset, length);
    }
  }

  /** A message of the session's own is about to leave. */
  void sent(Connection connection, byte[] message) {
    if (!watched) {
      return;
    }
    Seen seen = seen(connection);
    if (Framer.type(message, 0) == Framer.OPEN) {
      seen.ours = message;
    }
    if (core.monitor.isWatching()) {
      core.monitor.sent(seen.link, message);
    }
  }

  /** Whether UPDATEs that leave are to be shown ({@link #told}). */
  boolean wantsTold(Connection connection) {
    return watched && core.monitor.wantsTold(seen(connection).link);
  }

  /** UPDATEs have begun to leave. */
  void told(Connection connection, List<byte[]> updates) {
    Monitor.Link link = seen(connection).link;
    updates.forEach(update -> core.monitor.told(link, update));
  }

  /** A connection ends with this. */
  void sent(Connection connection, Notification last) {
    if (watched) {
      seen(connection).end = new Monitor.End.Sent(last);
      sent(connection, last.encode());
    }
  }

  /** Whether the state is another one than when it was looked at last. */
  void look() {
    if (!watched) {
      return;
    }
    PeerState now = peer.state();
    if (now != state) {
      PeerState before = state;
      state = now;
      if (core.monitor.isWatching()) {
        core.monitor.changed(
            peer.session().map(up -> seen(up.connection()).link).orElseGet(this::absent),
            before,
            now);
      }
    }
  }

  /** A session is up. */
  void up(Session session) {
    if (!watched) {
      return;
    }
    Seen seen = seen(session.connection());
    Monitor.Link before = seen.link;
    seen.link =
        new Monitor.Link(
            before.peer(),
            before.at(),
            before.port(),
            session.agreement().theirs().as(),
            session.agreement().theirs().identifier(),
            before.local(),
            before.localPort(),
            before.localAs(),
            Optional.of(session.agreement().negotiated()),
            Optional.of(core.kind(session.agreement().told())));
    core.monitor.up(seen.link, seen.ours, seen.theirs);
    look();
  }

  /** A session was up, and is not any more. */
  void down(Session session, String words) {
    if (!watched) {
      return;
    }
    Seen seen = seen(session.connection());
    core.monitor.down(seen.link, seen.end, words);
    look();
  }

  private Seen seen(Connection connection) {
    Seen known = connection.seen();
    if (known == null) {
      SocketChannel channel = connection.channel();
      known = new Seen(link(address(channel, true), address(channel, false)));
      connection.seen(known);
    }
    return known;
  }

  private Monitor.Link absent() {
    return link(null, null);
  }

  private Monitor.Link link(@Nullable InetSocketAddress local, @Nullable InetSocketAddress remote) {
    IpAddress address = peer.config().address();
    IpAddress any = address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
    long localAs = peer.config().localAs(core.config());
    long as =
        switch (peer.config().as()) {
          case RemoteAs.Exactly(long number) -> number;
          case RemoteAs.Internal() -> localAs;
          case RemoteAs.External() -> 0;
        };
    return new Monitor.Link(
        peer.config().name(),
        peer.config().at(),
        remote == null ? peer.config().port() : remote.getPort(),
        as,
        0,
        local == null ? any : SocketAddresses.address(local),
        local == null ? 0 : local.getPort(),
        localAs,
        Optional.empty(),
        Optional.empty());
  }

  private static @Nullable InetSocketAddress address(SocketChannel channel, boolean local) {
    try {
      return (InetSocketAddress) (local ? channel.getLocalAddress() : channel.getRemoteAddress());
    } catch (IOException e) {
      // It has just been closed, and will be told so.
      return null;
    }
  }
}
