package io.denim.router;

import io.denim.bgp.mrt.Capture;
import io.denim.bgp.mrt.TableDump;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.speaker.Speaker;
import io.denim.net.IpAddress;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Instant;

/** MRT records (RFC 6396) for who asks: what sessions say from now on, and the routes there are. */
final class Recordings {
  private Recordings() {}

  /**
   * What is said until who asked says nothing more.
   *
   * @param peer whose session; empty for all
   */
  static LongAnswer capture(Monitors monitors, String peer) {
    return client -> {
      OutputStream out = new KeptOpen(Channels.newOutputStream(client));
      Capture capture =
          Capture.start(
              monitors,
              new Capture.Target("a client at the control socket", out, Long.MAX_VALUE),
              link -> peer.isEmpty() || link.peer().equals(peer));
      try (capture) {
        awaitEnd(client);
      }
      return capture.status().gaps();
    };
  }

  /** What ends is the capture, not the connection, on which that is told. */
  private static final class KeptOpen extends FilterOutputStream {
    KeptOpen(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      out.write(octets, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  private static void awaitEnd(SocketChannel client) throws IOException {
    ByteBuffer nothing = ByteBuffer.allocate(64);
    while (client.read(nothing.clear()) >= 0) {
      // Nothing is asked for any more.
    }
  }

  /** The table, once. */
  static LongAnswer dump(Speaker speaker, IpAddress routerId, long as, Instant now) {
    return client -> {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(client), 1 << 16);
      new TableDump(speaker, routerId, as, now).write(out);
      out.flush();
      return 0;
    };
  }
}
