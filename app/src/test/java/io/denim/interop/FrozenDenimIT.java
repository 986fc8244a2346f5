package io.denim.interop;

import io.denim.fixture.BgpDaemon;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code denim bgp run} as a process that is stopped where it stands, and killed. */
class FrozenDenimIT extends InteropCase {
  /** BIRD ends its hold time up to a quarter earlier. */
  private static final int HOLD = 30;

  private static final Duration FROZEN = Duration.ofSeconds(5);

  private DenimProgram denim() {
    return DenimProgram.start(
        net.denim(),
        folder,
        """
        as: 64512
        router-id: %s
        listen: [{address: %s}]
        routes: [{prefix: %s}]
        peers: [{name: n2, address: %s, as: 64512, hold-time: %d, connect-retry: 1}]
        """
            .formatted(Net.v4(1), Net.v4(1), OURS, Net.v4(2), HOLD));
  }

  @Test
  @Tag("G3")
  void aDenimThatStoodStillForLessThanTheHoldTimeLosesNoSession() {
    Neighbour neighbour = new Neighbour(Kind.BIRD, 2);
    neighbour.hold = HOLD;
    BgpDaemon bird = start(neighbour);
    try (DenimProgram denim = denim()) {
      denim.awaitUp();
      awaitRoute(bird, OURS);

      denim.program().freeze();
      Awaitility.await().pollDelay(FROZEN).atMost(Denim.PATIENCE).until(() -> true);
      denim.program().thaw();

      Awaitility.await("nothing happens")
          .during(Duration.ofSeconds(4))
          .atMost(Denim.PATIENCE)
          .until(() ->
              bird.isEstablished(neighbour.denim()) && denim.router().peer("n2").sessions() == 1);
    }
  }

  @Test
  @Tag("G1")
  void aDenimThatWasKilledIsUpAgainSoon() {
    Neighbour neighbour = new Neighbour(Kind.BIRD, 2);
    BgpDaemon bird = start(neighbour);
    try (DenimProgram first = denim()) {
      first.awaitUp();
      awaitRoute(bird, OURS);
    }
    Awaitility.await("down")
        .atMost(Denim.PATIENCE)
        .until(() -> !bird.isEstablished(neighbour.denim()));

    try (DenimProgram again = denim()) {
      again.awaitUp();
      awaitRoute(bird, OURS);
    }
  }
}
