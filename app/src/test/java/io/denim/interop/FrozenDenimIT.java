package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.speaker.PeerState;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.Daemon;
import io.denim.lab.TestPrograms;
import io.denim.router.PeerSummary;
import io.denim.router.RouterClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code denim bgp run} as a process that is stopped where it stands, and killed. */
class FrozenDenimIT extends InteropCase {
  /** BIRD ends its hold time up to a quarter earlier. */
  private static final int HOLD = 30;

  private static final Duration FROZEN = Duration.ofSeconds(5);

  private Daemon denim(Path control) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("r1.yaml"),
            """
            as: 64512
            router-id: %s
            listen: [{address: %s}]
            control: %s
            routes: [{prefix: %s}]
            peers: [{name: n2, address: %s, as: 64512, hold-time: %d, connect-retry: 1}]
            """
                .formatted(Net.v4(1), Net.v4(1), control, OURS, Net.v4(2), HOLD));
    List<String> self = TestPrograms.find().self();
    List<String> arguments = new ArrayList<>(self.subList(1, self.size()));
    arguments.addAll(List.of("bgp", "run", file.toString()));
    return net.denim()
        .call(() -> Daemon.start(folder.resolve("denim.log"), Path.of(self.getFirst()), arguments));
  }

  private static String state(RouterClient router) {
    return router.peers().stream().map(PeerSummary::state).findFirst().orElseThrow();
  }

  private static void awaitUp(BgpDaemon bird, RouterClient router, Daemon denim) {
    awaitRoute(bird, OURS);
    Awaitility.await("up")
        .atMost(Denim.PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(state(router))
                .as(denim::lastWords)
                .isEqualTo(PeerState.ESTABLISHED.toString()));
  }

  @Test
  @Tag("G3")
  void aDenimThatStoodStillForLessThanTheHoldTimeLosesNoSession() throws IOException {
    Neighbour neighbour = new Neighbour(Kind.BIRD, 2);
    neighbour.hold = HOLD;
    BgpDaemon bird = start(neighbour);
    Path control = folder.resolve("denim.sock");
    RouterClient router = new RouterClient(control);
    try (Daemon denim = denim(control)) {
      awaitUp(bird, router, denim);

      denim.freeze();
      Awaitility.await().pollDelay(FROZEN).atMost(Denim.PATIENCE).until(() -> true);
      denim.thaw();

      Awaitility.await("nothing happens")
          .during(Duration.ofSeconds(4))
          .atMost(Denim.PATIENCE)
          .until(() -> bird.isEstablished(neighbour.denim()) && router.peer("n2").sessions() == 1);
    }
  }

  @Test
  @Tag("G1")
  void aDenimThatWasKilledIsUpAgainSoon() throws IOException {
    Neighbour neighbour = new Neighbour(Kind.BIRD, 2);
    BgpDaemon bird = start(neighbour);
    Path control = folder.resolve("denim.sock");
    RouterClient router = new RouterClient(control);
    try (Daemon first = denim(control)) {
      awaitUp(bird, router, first);
    }
    Awaitility.await("down")
        .atMost(Denim.PATIENCE)
        .until(() -> !bird.isEstablished(neighbour.denim()));

    try (Daemon again = denim(control)) {
      awaitUp(bird, router, again);
    }
  }
}
