package io.denim.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packets as they are written and read. */
class ControlPacketTest {
  /** As BIRD 2 sends when it is up: 100 ms both ways, poll. */
  private static final String POLL = "20e003180000000100000002000186a0000186a000000000";

  private static Received read(String hex) {
    byte[] data = HexFormat.of().parseHex(hex);
    return ControlPacket.read(data, data.length);
  }

  @Test
  void everyFieldIsWhereTheRfcPutsIt() {
    assertThat(read("23e803180a0b0c0d01020304000186a0000493e00000000f"))
        .isEqualTo(
            new ControlPacket(
                BfdState.UP,
                Diagnostic.NEIGHBOUR_DOWN,
                true,
                false,
                true,
                false,
                3,
                0x0a0b0c0d,
                0x01020304,
                100_000,
                300_000,
                15));
  }

  @Test
  void theLargestNumbersAreNotNegative() {
    assertThat(read("3fd2ff18ffffffffffffffffffffffffffffffffffffffff"))
        .isEqualTo(
            new ControlPacket(
                BfdState.UP,
                new Diagnostic(31),
                false,
                true,
                false,
                true,
                255,
                -1,
                -1,
                0xffffffffL,
                0xffffffffL,
                0xffffffffL));
  }

  @ParameterizedTest
  @CsvSource({
    "'', TOO_SHORT",
    "20c003, TOO_SHORT",
    "00c003180000000100000002000186a0000186a000000000, VERSION",
    "40c003180000000100000002000186a0000186a000000000, VERSION",
    "20c003170000000100000002000186a0000186a000000000, TOO_SHORT",
    "20c403180000000100000002000186a0000186a000000000, TOO_SHORT",
    "20c403190000000100000002000186a0000186a00000000000, TOO_SHORT",
    "20c003190000000100000002000186a0000186a000000000, CUT_OFF",
    "20c003180000000100000002000186a0000186a0000000, CUT_OFF",
    "20c000180000000100000002000186a0000186a000000000, MULTIPLIER",
    "20c103180000000100000002000186a0000186a000000000, MULTIPOINT",
    "20c003180000000000000002000186a0000186a000000000, MY_DISCRIMINATOR",
    "20c003180000000100000000000186a0000186a000000000, UNADDRESSED",
    "208003180000000100000000000186a0000186a000000000, UNADDRESSED",
    "20c4031a0000000100000002000186a0000186a0000000000002, AUTHENTICATED"
  })
  void whatBreaksARuleIsDiscardedForIt(String hex, Discard why) {
    assertThat(read(hex)).isEqualTo(why);
    assertThat(why.words()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource({
    "204003180000000100000000000186a0000186a000000000, DOWN",
    "200003180000000100000000000186a0000186a000000000, ADMIN_DOWN",
    "208003180000000100000002000186a0000186a000000000, INIT"
  })
  void aFirstPacketNamesNoSession(String hex, BfdState state) {
    assertThat(read(hex))
        .isInstanceOfSatisfying(
            ControlPacket.class, packet -> assertThat(packet.state()).isEqualTo(state));
  }

  @Test
  void whatFollowsThePacketIsIgnored() {
    assertThat(read(POLL + "deadbeef")).isEqualTo(read(POLL)).isInstanceOf(ControlPacket.class);
  }

  @Test
  void onlyWhatCameIsRead() {
    byte[] data = HexFormat.of().parseHex(POLL + "0000");

    assertThat(ControlPacket.read(data, 23)).isEqualTo(Discard.CUT_OFF);
    assertThat(ControlPacket.read(data, 0)).isEqualTo(Discard.TOO_SHORT);
  }

  @Test
  void aPacketThatWouldBeDiscardedCannotBeMade() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> packet(BfdState.UP, 1, 0))
        .withMessageContaining("has heard the other end");
    assertThatIllegalArgumentException().isThrownBy(() -> packet(BfdState.DOWN, 0, 1));
  }

  private static ControlPacket packet(BfdState state, int mine, int yours) {
    return new ControlPacket(
        state, Diagnostic.NONE, false, false, false, false, 3, mine, yours, 1, 1, 0);
  }

  @Provide
  Arbitrary<ControlPacket> packets() {
    Arbitrary<Boolean> bits = Arbitraries.of(true, false);
    Arbitrary<Long> intervals = Arbitraries.longs().between(0, 0xffffffffL);
    Arbitrary<Integer> names = Arbitraries.integers().filter(name -> name != 0);
    return Arbitraries.of(BfdState.class)
        .flatMap(state ->
            Arbitraries.integers()
                .between(0, 31)
                .flatMap(code ->
                    bits.list()
                        .ofSize(4)
                        .flatMap(flags ->
                            intervals
                                .list()
                                .ofSize(3)
                                .flatMap(times ->
                                    names
                                        .list()
                                        .ofSize(2)
                                        .flatMap(ends ->
                                            Arbitraries.integers()
                                                .between(1, 255)
                                                .map(multiplier ->
                                                    new ControlPacket(
                                                        state,
                                                        new Diagnostic(code),
                                                        flags.get(0),
                                                        flags.get(1),
                                                        flags.get(2),
                                                        flags.get(3),
                                                        multiplier,
                                                        ends.get(0),
                                                        ends.get(1),
                                                        times.get(0),
                                                        times.get(1),
                                                        times.get(2))))))));
  }

  @Property(tries = 300)
  boolean aPacketIsReadAsItWasWritten(@ForAll("packets") ControlPacket packet) {
    byte[] data = packet.encode();
    return data.length == ControlPacket.LENGTH
        && ControlPacket.read(data, data.length).equals(packet);
  }
}
