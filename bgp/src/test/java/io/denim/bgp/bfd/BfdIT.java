package io.denim.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.denim.net.IpAddress;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two hosts of one JVM over loopback, by Java's sockets. The wide margins are for busy machines.
 */
class BfdIT {
  private static final IpAddress NEAR = IpAddress.parse("127.0.77.1");
  private static final IpAddress FAR = IpAddress.parse("127.0.77.2");
  private static final Duration SOON = Duration.ofSeconds(10);

  private Bfd near;
  private Bfd far;

  /** What a listener heard. */
  static class Ear implements BfdListener {
    final Queue<String> heard = new ConcurrentLinkedQueue<>();

    @Override
    public void up(BfdSession session) {
      heard.add("up");
    }

    @Override
    public void down(BfdSession session, Loss loss) {
      heard.add("down: " + loss.words());
    }
  }

  private final Ear atNear = new Ear();
  private final Ear atFar = new Ear();

  @BeforeEach
  void begin() throws IOException {
    near = start(1);
    far = start(2);
  }

  private static Bfd start(int seed) throws IOException {
    Random random = new Random(seed);
    return Bfd.start(new PlainBfdSockets(random), InstantSource.system(), random);
  }

  @AfterEach
  void end() {
    near.close();
    far.close();
  }

  private static BfdState state(BfdSession session) {
    return session.status().state();
  }

  private static void bothUp(BfdSession one, BfdSession other) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(state(one)).isEqualTo(BfdState.UP);
          assertThat(state(other)).isEqualTo(BfdState.UP);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoHostsAreUpSoonAndOneKnowsSoonThatTheOtherIsGone(boolean multihop) {
    BfdConfig here = BfdConfig.of(NEAR, FAR);
    BfdConfig there = BfdConfig.of(FAR, NEAR);
    BfdSession one = near.open(multihop ? here.overSeveralHops() : here, atNear);
    BfdSession other = far.open(multihop ? there.overSeveralHops() : there, atFar);
    bothUp(one, other);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(one.status().detectionTime()).isEqualTo(Duration.ofMillis(900)));

    other.close();

    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(atNear.heard)
                .containsExactly("up", "down: the peer's administrator took BFD down"));
    assertThat(atFar.heard).containsExactly("up");
  }

  @Test
  void silenceIsDeath() {
    BfdSession one = near.open(BfdConfig.of(NEAR, FAR), atNear);
    Ear stopped =
        new Ear() {
          @Override
          public void up(BfdSession session) {
            // Its only thread stands still from now on.
            await()
                .pollDelay(Duration.ofMillis(100))
                .atMost(Duration.ofSeconds(9))
                .until(() -> atNear.heard.size() >= 2);
          }
        };
    far.open(BfdConfig.of(FAR, NEAR), stopped);

    await().atMost(Duration.ofSeconds(8)).until(() -> atNear.heard.size() >= 2);

    assertThat(atNear.heard).startsWith("up").anyMatch(each -> each.startsWith("down: no packet"));
    assertThat(one.status().counters().downs()).isPositive();
  }

  @Test
  void thePaceChangesLiveWithoutLoss() {
    BfdSession one = near.open(BfdConfig.of(NEAR, FAR), atNear);
    BfdSession other = far.open(BfdConfig.of(FAR, NEAR), atFar);
    bothUp(one, other);

    one.pace(Duration.ofSeconds(1), 4);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(other.status().detectionTime()).isEqualTo(Duration.ofSeconds(4)));
    one.pace(Duration.ofMillis(300), 3);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(other.status().detectionTime()).isEqualTo(Duration.ofMillis(900)));

    assertThat(atNear.heard).containsExactly("up");
    assertThat(atFar.heard).containsExactly("up");
  }

  @Test
  void aPeerWithoutBfdIsToldSo() {
    BfdSession one = near.open(BfdConfig.of(NEAR, FAR), atNear);

    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() ->
            assertThat(one.status().problem())
                .contains("nobody listens for BFD at the peer: its port 3784"));
  }

  @Test
  void anAddressThatThisHostDoesNotHaveIsAProblemInWords() {
    BfdSession one = near.open(BfdConfig.of(IpAddress.parse("192.0.2.1"), FAR), atNear);

    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(one.status().problem().orElseThrow())
                .startsWith("cannot listen at 192.0.2.1:3784 for BFD"));
  }

  @Test
  void oneThatIsClosedTakesNoMoreSessions() {
    near.close();

    assertThatIllegalStateException().isThrownBy(() -> near.open(BfdConfig.of(NEAR, FAR), atNear));
  }
}
