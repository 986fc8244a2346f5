package io.denim.router;

import io.denim.bgp.mrt.Capture;
import io.denim.bgp.mrt.TableDump;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.speaker.Speaker;
import io.denim.net.IpAddress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MRT records (RFC 6396) for who asks: what sessions say from now on, and the routes there are. */
final class Recordings {
  private static final Logger LOG = LoggerFactory.getLogger(Recordings.class);

  private Recordings() {}

  /**
   * What is said until who asked goes away.
   *
   * @param peer whose session; empty for all
   */
  static LongAnswer capture(Monitors monitors, String peer) {
    return client -> {
      OutputStream out = Channels.newOutputStream(client);
      Capture capture =
          Capture.start(
              monitors,
              new Capture.Target("a client at the control socket", out, Long.MAX_VALUE),
              link -> peer.isEmpty() || link.peer().equals(peer));
      try (capture) {
        awaitEnd(client);
      } finally {
        long gaps = capture.status().gaps();
        if (gaps > 0) {
          LOG.warn("a capture was not read as fast as it came: gaps={}", gaps);
        }
      }
    };
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
      try (OutputStream out = new BufferedOutputStream(Channels.newOutputStream(client), 1 << 16)) {
        new TableDump(speaker, routerId, as, now).write(out);
      }
    };
  }
}
