package io.denim.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One end of a session whose peer is written by hand. Times are in milliseconds here. */
class MachineTest {
  private static final int PEER = 7;

  private final List<ControlPacket> sent = new ArrayList<>();
  private final List<BfdState> states = new ArrayList<>();
  private Machine machine = machine(300, 3);

  private Machine machine(long millis, int multiplier) {
    Machine.Output output =
        new Machine.Output() {
          @Override
          public void send(ControlPacket packet) {
            sent.add(packet);
          }

          @Override
          public void changed(BfdState from, BfdState to) {
            states.add(to);
          }
        };
    return new Machine(1, millis * 1_000, multiplier, new Random(1), output, 0);
  }

  private static long nanos(long millis) {
    return millis * 1_000_000;
  }

  /** A packet of the peer's that wants 100 ms both ways, three times. */
  private static ControlPacket says(BfdState state) {
    return says(state, false, false, 100, 100);
  }

  private static ControlPacket says(
      BfdState state, boolean poll, boolean isFinal, long desiredTx, long requiredRx) {
    return new ControlPacket(
        state,
        Diagnostic.NONE,
        poll,
        isFinal,
        false,
        false,
        3,
        PEER,
        1,
        desiredTx * 1_000,
        requiredRx * 1_000,
        0);
  }

  private void comeUp() {
    machine.received(says(BfdState.DOWN), 0);
    machine.received(says(BfdState.INIT), 0);
    machine.received(says(BfdState.UP, false, true, 100, 100), 0);
    sent.clear();
    states.clear();
  }

  /** All that is due until then. */
  private void runUntil(long millis) {
    while (machine.due() <= nanos(millis)) {
      machine.tick(machine.due());
    }
  }

  private ControlPacket last() {
    return sent.getLast();
  }

  @Test
  void itSaysDownOnceASecondWhileNobodyAnswers() {
    runUntil(10_000);

    assertThat(sent).hasSizeBetween(10, 14);
    assertThat(sent)
        .allSatisfy(packet -> {
          assertThat(packet.state()).isEqualTo(BfdState.DOWN);
          assertThat(packet.yours()).isZero();
          assertThat(packet.desiredTx()).isEqualTo(Machine.SLOW);
          assertThat(packet.requiredRx()).isEqualTo(300_000);
        });
  }

  @Test
  void itComesUpByTheThreePackets() {
    machine.received(says(BfdState.DOWN), 0);
    machine.received(says(BfdState.UP), 0);

    assertThat(states).containsExactly(BfdState.INIT, BfdState.UP);
    runUntil(20);
    assertThat(last().state()).isEqualTo(BfdState.UP);
    assertThat(last().yours()).isEqualTo(PEER);
  }

  @Test
  void whatIsNewIsSaidAtOnce() {
    runUntil(100);
    sent.clear();

    machine.received(says(BfdState.DOWN), nanos(100));
    runUntil(100);

    assertThat(sent).singleElement().matches(packet -> packet.state() == BfdState.INIT);
  }

  @Test
  void endsThatCannotAgreeDoNotFillTheWire() {
    for (int turn = 0; turn < 1_000; turn++) {
      machine.received(says(turn % 2 == 0 ? BfdState.DOWN : BfdState.INIT), nanos(turn / 10));
      machine.tick(nanos(turn / 10));
    }

    assertThat(sent).hasSizeLessThan(15);
  }

  @Test
  void thePaceOfASessionThatIsUpIsAskedForByPoll() {
    machine.received(says(BfdState.DOWN), 0);
    machine.received(says(BfdState.INIT), 0);
    runUntil(20);

    assertThat(last().poll()).isTrue();
    assertThat(last().desiredTx()).isEqualTo(300_000);
    machine.received(says(BfdState.UP, false, true, 100, 100), nanos(20));
    runUntil(500);
    assertThat(last().poll()).isFalse();
  }

  @Test
  void aPollIsAnsweredAtOnce() {
    comeUp();

    machine.received(says(BfdState.UP, true, false, 100, 100), nanos(1));

    assertThat(sent).singleElement().matches(packet -> packet.isFinal() && !packet.poll());
  }

  @Test
  void theSlowerOfBothSetsThePace() {
    comeUp();
    assertThat(machine.interval()).isEqualTo(300_000);

    machine.received(says(BfdState.UP, true, false, 700, 500), nanos(1));

    assertThat(machine.interval()).isEqualTo(500_000);
    assertThat(machine.detectionTime()).isEqualTo(3 * 700_000);
    assertThat(machine.remoteDetectionTime()).isEqualTo(3 * 500_000);
  }

  @Test
  void theDetectionTimeIsThePeersMultiplierTimesTheSlowerInterval() {
    comeUp();

    assertThat(machine.detectionTime()).isEqualTo(3 * 300_000);
  }

  @Test
  void silenceForADetectionTimeIsDeath() {
    comeUp();

    runUntil(899);
    assertThat(states).isEmpty();
    runUntil(901);

    assertThat(states).containsExactly(BfdState.DOWN);
    assertThat(machine.diagnostic()).isEqualTo(Diagnostic.TIME_EXPIRED);
    assertThat(machine.remoteDiscriminator()).isZero();
    assertThat(machine.endured()).isEqualTo(900_000);
    runUntil(2_000);
    assertThat(last().yours()).isZero();
    assertThat(last().desiredTx()).isEqualTo(Machine.SLOW);
    assertThat(last().poll()).isFalse();
  }

  @Test
  void eachPacketIsAnotherDetectionTimeOfLife() {
    comeUp();

    for (int at = 800; at < 8_000; at += 800) {
      runUntil(at);
      machine.received(says(BfdState.UP), nanos(at));
    }

    assertThat(states).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"DOWN", "ADMIN_DOWN"})
  void aPeerThatIsDownTakesItDown(BfdState peer) {
    comeUp();

    machine.received(says(peer), nanos(1));

    assertThat(states).containsExactly(BfdState.DOWN);
    assertThat(machine.diagnostic()).isEqualTo(Diagnostic.NEIGHBOUR_DOWN);
    assertThat(machine.remoteState()).isEqualTo(peer);
  }

  @Test
  void packetsAreNeverApartMoreThanTheIntervalNorLessThanThreeQuarters() {
    comeUp();
    List<Long> moments = moments(300);

    for (int i = 1; i < moments.size(); i++) {
      assertThat(moments.get(i) - moments.get(i - 1)).isBetween(nanos(225), nanos(300));
    }
    assertThat(moments).doesNotHaveDuplicates().hasSizeGreaterThan(300);
  }

  @Test
  void withMultiplierOneTheyAreApartNineTenthsAtMost() {
    machine = machine(300, 1);
    comeUp();
    List<Long> moments = moments(300);

    for (int i = 1; i < moments.size(); i++) {
      assertThat(moments.get(i) - moments.get(i - 1)).isBetween(nanos(225), nanos(270));
    }
  }

  /** When so many packets and some more are sent to a peer that is alive. */
  private List<Long> moments(int count) {
    runUntil(20);
    List<Long> moments = new ArrayList<>();
    while (moments.size() <= count) {
      int before = sent.size();
      long now = machine.due();
      machine.tick(now);
      machine.received(says(BfdState.UP), now);
      if (sent.size() > before) {
        moments.add(now);
      }
    }
    return moments;
  }

  @Test
  void aSlowerPaceBeginsWhenThePeerHasAgreed() {
    comeUp();

    machine.pace(600_000, 3, nanos(1));
    assertThat(machine.isPolling()).isTrue();
    assertThat(machine.interval()).isEqualTo(300_000);
    assertThat(machine.detectionTime()).isEqualTo(3 * 600_000);
    runUntil(301);
    assertThat(last()).matches(packet -> packet.poll() && packet.desiredTx() == 600_000);
    machine.received(says(BfdState.UP, false, true, 100, 100), nanos(301));

    assertThat(machine.interval()).isEqualTo(600_000);
    assertThat(states).isEmpty();
  }

  @Test
  void aFasterPaceIsExpectedOfThePeerWhenItHasAgreed() {
    comeUp();

    machine.pace(100_000, 3, nanos(1));
    assertThat(machine.interval()).isEqualTo(100_000);
    assertThat(machine.detectionTime()).isEqualTo(3 * 300_000);
    machine.received(says(BfdState.UP, false, true, 100, 100), nanos(2));

    assertThat(machine.detectionTime()).isEqualTo(3 * 100_000);
  }

  @Test
  void aChangeWhileThePeerIsAskedIsAskedForAgain() {
    comeUp();

    machine.pace(600_000, 3, nanos(1));
    machine.pace(800_000, 3, nanos(2));
    machine.received(says(BfdState.UP, false, true, 100, 100), nanos(3));
    assertThat(machine.isPolling()).isTrue();
    assertThat(machine.interval()).isEqualTo(300_000);
    machine.received(says(BfdState.UP, false, true, 100, 100), nanos(4));

    assertThat(machine.isPolling()).isFalse();
    assertThat(machine.interval()).isEqualTo(800_000);
  }

  @Test
  void aPeerThatWantsNothingGetsNothingButAnswers() {
    comeUp();
    runUntil(20);
    sent.clear();

    machine.received(says(BfdState.UP, true, false, 100, 0), nanos(20));
    runUntil(800);

    assertThat(sent).singleElement().matches(ControlPacket::isFinal);
    machine.received(says(BfdState.UP, false, false, 100, 100), nanos(800));
    runUntil(1_200);
    assertThat(sent).hasSizeGreaterThan(1);
  }

  @Test
  void heldDownItSaysSoAndHearsNothing() {
    comeUp();

    machine.hold();
    machine.received(says(BfdState.UP), nanos(1));

    assertThat(machine.state()).isEqualTo(BfdState.ADMIN_DOWN);
    assertThat(last().state()).isEqualTo(BfdState.ADMIN_DOWN);
    assertThat(last().diagnostic()).isEqualTo(Diagnostic.ADMINISTRATIVE);
    assertThat(machine.due()).isEqualTo(Machine.NEVER);
  }

  @Test
  void aSilenceInWhichThisProcessStoodStillIsEnduredOnceMore() {
    comeUp();

    assertThat(machine.wasHeldUp(nanos(5_000), nanos(5_000))).isTrue();
    runUntil(5_899);
    assertThat(states).isEmpty();
    assertThat(machine.wasHeldUp(nanos(5_000), nanos(5_899))).isFalse();
    runUntil(5_901);

    assertThat(states).containsExactly(BfdState.DOWN);
  }

  @Test
  void aShortDelayOfThisProcessChangesNothing() {
    comeUp();

    assertThat(machine.wasHeldUp(nanos(200), nanos(300))).isFalse();

    runUntil(901);
    assertThat(states).containsExactly(BfdState.DOWN);
  }
}
