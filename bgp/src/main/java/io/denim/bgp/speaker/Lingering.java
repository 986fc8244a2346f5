package io.denim.bgp.speaker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * Connections on which the last word has been said. They are read until the peer closes, or for a
 * second, since a socket that is closed with something unread sends a reset, and that takes the
 * last word away from the peer.
 */
final class Lingering {
  private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Deque<Last> channels = new ArrayDeque<>();
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(8192);

  private record Last(SocketChannel channel, long until) {}

  void add(SocketChannel channel, long now) throws IOException {
    channel.shutdownOutput();
    channels.add(new Last(channel, now + NANOS));
  }

  int size() {
    return channels.size();
  }

  /** Reads and closes those that are done. */
  void tick(long now) {
    for (Iterator<Last> each = channels.iterator(); each.hasNext(); ) {
      Last last = each.next();
      if (now - last.until() >= 0 || isOver(last.channel())) {
        Closing.quietly(last.channel());
        each.remove();
      }
    }
  }

  private boolean isOver(SocketChannel channel) {
    try {
      int count;
      do {
        scratch.clear();
        count = channel.read(scratch);
      } while (count > 0);
      return count < 0;
    } catch (IOException e) {
      return true;
    }
  }

  void closeAll() {
    channels.forEach(last -> Closing.quietly(last.channel()));
    channels.clear();
  }
}
