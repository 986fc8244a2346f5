package io.denim.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Both ends of sessions in one loop, on a wire and by a clock that are made up. */
class LoopTest {
  private static final IpAddress NEAR = IpAddress.parse("192.0.2.1");
  private static final IpAddress FAR = IpAddress.parse("192.0.2.2");
  private static final Endpoint AT_NEAR = new Endpoint(NEAR, false, Optional.empty());

  private final FakeNet net = new FakeNet();
  private final Loop loop = new Loop(net, () -> Instant.EPOCH, () -> net.now, new Random(1));
  private final Bfd bfd = new Bfd(loop);
  private final List<String> heard = new ArrayList<>();

  private final BfdListener listener =
      new BfdListener() {
        @Override
        public void up(BfdSession session) {
          heard.add(session.config().local() + " up");
        }

        @Override
        public void down(BfdSession session, Loss loss) {
          heard.add(
              session.config().local()
                  + " down: "
                  + loss.words()
                  + (loss.administrative() ? " (administrative)" : ""));
        }
      };

  private BfdSession open(IpAddress local, IpAddress remote) {
    return bfd.open(BfdConfig.of(local, remote), listener);
  }

  private void run(long millis) {
    long end = net.now + millis * 1_000_000;
    try {
      while (net.now < end) {
        loop.turn(10_000_000);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void bothUp() {
    run(3_000);
    assertThat(heard).containsExactlyInAnyOrder(NEAR + " up", FAR + " up");
    heard.clear();
  }

  @Test
  void twoEndsComeUpAndSendThreeTimesASecond() {
    BfdSession near = open(NEAR, FAR);
    open(FAR, NEAR);

    bothUp();
    long before = near.status().counters().sent();
    run(10_000);

    BfdStatus status = near.status();
    assertThat(status.state()).isEqualTo(BfdState.UP);
    assertThat(status.remoteState()).isEqualTo(BfdState.UP);
    assertThat(status.sendInterval()).isEqualTo(Duration.ofMillis(300));
    assertThat(status.detectionTime()).isEqualTo(Duration.ofMillis(900));
    assertThat(status.remoteDetectionTime()).isEqualTo(Duration.ofMillis(900));
    assertThat(status.counters().sent() - before).isBetween(33L, 45L);
    assertThat(status.counters().downs()).isZero();
    assertThat(status.problem()).isEmpty();
    assertThat(bfd.discarded()).isEmpty();
  }

  @Test
  void aWayThatIsCutIsKnownAfterADetectionTime() {
    BfdSession near = open(NEAR, FAR);
    open(FAR, NEAR);
    bothUp();

    net.cut.add(FAR);
    run(599);
    assertThat(heard).isEmpty();
    run(302);

    assertThat(heard.getFirst()).isEqualTo(NEAR + " down: no packet of the peer's for 900 ms");
    run(100);
    assertThat(heard.getLast())
        .isEqualTo(FAR + " down: the peer is down, and says: no packet for a detection time");
    assertThat(near.status().counters().downs()).isEqualTo(1);
    net.cut.clear();
    heard.clear();
    bothUp();
  }

  @Test
  void aSessionThatIsClosedTellsItsPeerThatItWasMeant() {
    BfdSession near = open(NEAR, FAR);
    BfdSession far = open(FAR, NEAR);
    bothUp();

    near.close();
    run(5_000);

    assertThat(heard)
        .containsExactly(FAR + " down: the peer's administrator took BFD down (administrative)");
    assertThat(far.status().state()).isEqualTo(BfdState.DOWN);
    assertThat(net.sent)
        .filteredOn(packet -> packet.state() == BfdState.ADMIN_DOWN)
        .hasSize(3)
        .allMatch(packet -> packet.diagnostic().equals(Diagnostic.ADMINISTRATIVE));
    assertThat(net.listening).hasSize(1);
  }

  @Test
  void aSessionThatWasClosedCanBeOpenedAtOnce() {
    BfdSession near = open(NEAR, FAR);
    open(FAR, NEAR);
    bothUp();

    near.close();
    open(NEAR, FAR);
    run(3_000);

    assertThat(heard).hasSize(3).endsWith(FAR + " up").contains(NEAR + " up");
  }

  @Test
  void aListenerMayCloseTheSession() {
    BfdSession far = open(FAR, NEAR);
    bfd.open(
        BfdConfig.of(NEAR, FAR),
        new BfdListener() {
          @Override
          public void up(BfdSession session) {
            session.close();
          }

          @Override
          public void down(BfdSession session, Loss loss) {
            heard.add("never");
          }
        });
    run(3_000);

    assertThat(heard).doesNotContain("never");
    assertThat(far.status().state()).isEqualTo(BfdState.DOWN);
  }

  @Test
  void theFailureOfAListenerIsItsOwn() {
    bfd.open(
        BfdConfig.of(NEAR, FAR),
        new BfdListener() {
          @Override
          public void up(BfdSession session) {
            throw new IllegalStateException("made to fail");
          }

          @Override
          public void down(BfdSession session, Loss loss) {}
        });
    open(FAR, NEAR);

    run(3_000);

    assertThat(heard).containsExactly(FAR + " up");
  }

  @Test
  void anotherPaceIsTakenWithoutLoss() {
    BfdSession near = open(NEAR, FAR);
    BfdSession far = open(FAR, NEAR);
    bothUp();

    near.pace(Duration.ofMillis(50), 5);
    run(2_000);
    assertThat(near.status().sendInterval()).isEqualTo(Duration.ofMillis(300));
    far.pace(Duration.ofMillis(50), 3);
    run(2_000);
    assertThat(near.status().sendInterval()).isEqualTo(Duration.ofMillis(50));
    assertThat(far.status().detectionTime()).isEqualTo(Duration.ofMillis(250));
    near.pace(Duration.ofSeconds(2), 3);
    run(10_000);
    assertThat(far.status().sendInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(far.status().detectionTime()).isEqualTo(Duration.ofSeconds(6));

    assertThat(heard).isEmpty();
  }

  @Test
  void aLoopThatStoodStillGivesItsPeersAnotherDetectionTime() {
    BfdSession near = open(NEAR, FAR);
    open(FAR, NEAR);
    bothUp();

    net.standStill(20_000);
    run(25_000);

    assertThat(heard).isEmpty();
    assertThat(near.status().counters().reprieves()).isEqualTo(1);
  }

  @Test
  void anotherSessionIsNoReasonToEndureASilenceForLonger() {
    BfdSession near = open(NEAR, FAR);
    open(FAR, NEAR);
    bothUp();

    net.cut.add(FAR);
    run(500);
    open(NEAR, FAR.plus(1));
    run(401);

    assertThat(heard).contains(NEAR + " down: no packet of the peer's for 900 ms");
    assertThat(near.status().counters().reprieves()).isZero();
  }

  @Test
  void aPeerThatDiedWhileTheLoopStoodStillIsStillFound() {
    open(NEAR, FAR);
    open(FAR, NEAR);
    bothUp();

    net.cut.add(FAR);
    net.standStill(20_000);
    run(21_500);

    assertThat(heard).contains(NEAR + " down: no packet of the peer's for 900 ms");
  }

  @Test
  void aPacketFromFurtherThanOneHopIsDiscarded() {
    open(NEAR, FAR);
    open(FAR, NEAR);

    net.ttl = 254;
    run(5_000);

    assertThat(heard).isEmpty();
    assertThat(bfd.discarded()).containsOnlyKeys(Discard.TTL);
  }

  @Test
  void overSeveralHopsAnyTtlIsGood() {
    net.ttl = 3;
    bfd.open(BfdConfig.of(NEAR, FAR).overSeveralHops(), listener);
    bfd.open(BfdConfig.of(FAR, NEAR).overSeveralHops(), listener);

    bothUp();
  }

  @Test
  void theTwoKindsOfSessionsDoNotMix() {
    open(NEAR, FAR);
    open(FAR, NEAR);
    bfd.open(BfdConfig.of(NEAR, FAR).overSeveralHops(), listener);
    run(3_000);
    ControlPacket last = net.sent.getLast();
    ControlPacket forged =
        new ControlPacket(
            BfdState.DOWN,
            Diagnostic.NONE,
            false,
            false,
            false,
            false,
            3,
            9,
            last.yours(),
            1,
            1,
            0);
    heard.clear();

    net.inject(new Endpoint(NEAR, true, Optional.empty()), FAR, 9, forged.encode());
    run(100);

    assertThat(heard).isEmpty();
    assertThat(bfd.discarded()).containsKey(Discard.WRONG_PORT);
  }

  @Test
  void everyPacketThatIsDiscardedIsCountedByItsReason() {
    open(NEAR, FAR);
    run(100);
    byte[] stranger = HexFormat.of().parseHex("204003180000000100000000000f4240000f424000000000");
    byte[] unknown = HexFormat.of().parseHex("20c003180000000100000005000f4240000f424000000000");

    net.inject(AT_NEAR, IpAddress.parse("192.0.2.9"), 255, stranger);
    net.inject(AT_NEAR, FAR, 255, unknown);
    net.inject(AT_NEAR, FAR, 255, unknown);
    net.inject(AT_NEAR, FAR, 255, new byte[0]);
    run(100);

    assertThat(bfd.discarded())
        .isEqualTo(
            Map.of(Discard.NO_SUCH_PEER, 1L, Discard.NO_SUCH_SESSION, 2L, Discard.TOO_SHORT, 1L));
  }

  @Test
  void whatKeepsASessionFromListeningIsToldAndTriedAgain() {
    net.refusals.put(AT_NEAR, "in use");
    BfdSession near = open(NEAR, FAR);
    open(FAR, NEAR);
    run(2_000);

    assertThat(near.status().problem()).contains("cannot listen at 192.0.2.1:3784 for BFD: in use");
    net.refusals.clear();
    run(1_000);
    bothUp();
    assertThat(near.status().problem()).isEmpty();
  }

  @Test
  void aDeviceThatWentAndCameAgainIsFoundAgain() {
    BfdSession near = open(NEAR, FAR);
    open(FAR, NEAR);
    bothUp();

    net.refusals.put(AT_NEAR, "no such device");
    run(5_000);
    assertThat(near.status().problem().orElseThrow()).contains("no such device");
    assertThat(near.status().state()).isEqualTo(BfdState.DOWN);
    heard.clear();
    net.refusals.clear();
    run(1_000);

    bothUp();
  }

  @Test
  void twoSessionsBetweenTheSameAddressesAreRefused() {
    open(NEAR, FAR);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(NEAR, FAR))
        .withMessageContaining("192.0.2.1 - 192.0.2.2");
  }

  @Test
  void aThousandSessionsShareOneListener() {
    for (int i = 1; i <= 1_000; i++) {
      IpAddress peer = FAR.plus(i);
      open(NEAR, peer);
      open(peer, NEAR);
    }

    run(4_000);

    assertThat(heard).hasSize(2_000).allMatch(each -> each.endsWith(" up"));
    assertThat(net.listening).hasSize(1_001).contains(AT_NEAR);
  }
}
