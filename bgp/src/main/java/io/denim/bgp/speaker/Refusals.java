package io.denim.bgp.speaker;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.wire.Notification;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections of those who are no peers. They are told so, as long as few are being told; beyond
 * that they are reset at once, so that who dials all the time costs the peers nothing. How many
 * there were, and of whom, is logged once a minute.
 */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Speaker.class);

  /** So many are told why at once. */
  static final int MOST_TOLD = 64;

  /** So many addresses are counted each for itself, and of these so many are named. */
  private static final int MOST_COUNTED = 1024;

  private static final int MOST_NAMED = 5;
  private static final long PERIOD = TimeUnit.MINUTES.toNanos(1);

  private final Lingering lingering = new Lingering();
  private final Map<PeerAddress, Integer> counts = new HashMap<>();
  private int count;
  private boolean logged;
  private long loggedAt;

  /** Refuses a connection: says why, since a silent end tells the other side nothing. */
  void refuse(SocketChannel channel, PeerAddress from, long now) {
    count++;
    if (counts.size() < MOST_COUNTED || counts.containsKey(from)) {
      counts.merge(from, 1, Integer::sum);
    }
    try {
      if (lingering.size() < MOST_TOLD) {
        channel.configureBlocking(false);
        Notification notification = Notification.of(Notification.CEASE, 5);
        var _ = channel.write(ByteBuffer.wrap(notification.encode()));
        lingering.add(channel, now);
      } else {
        // A reset leaves nothing behind in the kernel either.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
      }
    } catch (IOException e) {
      Closing.quietly(channel);
    }
  }

  /** How many wait for their end. */
  int lingering() {
    return lingering.size();
  }

  /** How many were refused since it was logged last, and of whom most were. */
  String words() {
    String most =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<PeerAddress, Integer>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(MOST_NAMED)
            .map(each -> each.getKey() + " (" + each.getValue() + ")")
            .collect(Collectors.joining(", "));
    return "refused connections="
        + count
        + " of="
        + most
        + (counts.size() > MOST_NAMED ? ", …" : "");
  }

  /** Ends what is done, and logs. */
  void tick(long now) {
    lingering.tick(now);
    if (count > 0 && (!logged || now - loggedAt >= PERIOD)) {
      LOG.warn("who is no peer dials: {}", words());
      logged = true;
      loggedAt = now;
      count = 0;
      counts.clear();
    }
  }

  void close() {
    lingering.closeAll();
  }
}
