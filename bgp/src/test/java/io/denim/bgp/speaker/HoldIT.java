package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.Timers;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long a silent peer is waited for. */
@Tag("G3")
class HoldIT extends SpeakerCase {
  /** The timers are looked at ten times a second, and this machine has other things to do. */
  private static final Duration SLACK = Duration.ofMillis(2500);

  private static final int ROUTE_REFRESH = 5;

  private static String open(int hold) {
    return SpokenPeer.open((int) AS, hold, address(1), SpokenPeer.CAPABILITIES);
  }

  @Test
  void aSilentPeerIsGivenUpWhenTheHoldTimeIsOverAndNotBefore() throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      long before = System.nanoTime();
      peer.agree(open(3));
      awaitUp(speaker, "n1");
      long after = System.nanoTime();

      assertThat(peer.hear(SpokenPeer.NOTIFICATION).body()).isEqualTo("0400");

      long end = System.nanoTime();
      assertThat(Duration.ofNanos(end - before)).isGreaterThanOrEqualTo(Duration.ofSeconds(3));
      assertThat(Duration.ofNanos(end - after)).isLessThan(Duration.ofSeconds(3).plus(SLACK));
    }
  }

  @Test
  void whateverIsSaidCountsAsALifeSign() throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      peer.agree(open(3));
      awaitUp(speaker, "n1");

      await()
          .during(Duration.ofMillis(4500))
          .atMost(PATIENCE)
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> {
            peer.say(ROUTE_REFRESH, "00010001");
            return status(speaker, "n1").state() == PeerState.ESTABLISHED;
          });
    }
  }

  @Test
  void withoutAHoldTimeSilenceIsNoEnd() throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS).timers(Timers.DEFAULT.withHold(3))));

    try (SpokenPeer peer = spoken(1)) {
      peer.agree(open(0));
      awaitUp(speaker, "n1");

      await()
          .during(Duration.ofSeconds(4))
          .atMost(PATIENCE)
          .until(() -> status(speaker, "n1").state() == PeerState.ESTABLISHED);
    }
  }
}
