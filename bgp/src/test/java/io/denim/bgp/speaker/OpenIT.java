package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.speaker.SpokenPeer.Heard;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a speaker answers to those who open a session well, badly, or out of turn. */
@Tag("G2")
class OpenIT extends SpeakerCase {
  private static final String GOOD =
      SpokenPeer.open((int) AS, 90, address(1), SpokenPeer.CAPABILITIES);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "version 3, 03fc00005a0a580001 00, 02010004",
    "another AS, 04fc01005a0a580001 00, 0202fc01",
    "AS 0, 040000005a0a580001 00, 02020000",
    "another AS in the capability, 04fc00005a0a580001 08 0206 41040000fc02, 0202fc02",
    "AS 0 in the capability, 04fc00005a0a580001 08 0206 410400000000, 020200000000",
    "identifier 0, 04fc00005a00000000 00, 020300000000",
    "the identifier of the speaker, 04fc00005a0a580064 00, 02030a580064",
    "hold time 1, 04fc0000010a580001 00, 02060001",
    "hold time 2, 04fc0000020a580001 00, 02060002",
    "a parameter of type 1, 04fc00005a0a580001 03 0101ff, 02040101ff",
    "no family in common, 04fc00005a0a580001 08 0206 010400020001, 0207",
    "a capability beyond its parameter, 04fc00005a0a580001 04 02024104, 0200",
    "parameters beyond the message, 04fc00005a0a580001 10, 0200",
    "two roles, 04fc00005a0a580001 08 0206 090100 090101, 020b",
    "more than it says, 04fc00005a0a580001 00 0200, 0200",
  })
  void anOpenThatCannotBeIsRefusedWithItsCode(String name, String open, String notification)
      throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      peer.say(SpokenPeer.OPEN, open.replace(" ", ""));

      assertThat(peer.hear(SpokenPeer.NOTIFICATION).body()).as(name).isEqualTo(notification);
    }
    assertThat(status(speaker, "n1").sessions()).isZero();
    assertThat(status(speaker, "n1").problem()).isNotEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "no capabilities, 04fc00005a0a580001 00, 90",
    "a hold time of 0, 04fc0000000a580001 00, 0",
    "a hold time of 3, 04fc0000030a580001 00, 3",
    "a capability in each of two parameters,"
        + " 04fc00005a0a580001 10 0206 010400010001 0206 41040000fc00, 90",
    "the long form of RFC 9072, 04fc00005a0a580001 ffff 0009 02 0006 41040000fc00, 90",
    "capabilities that nobody knows, 04fc00005a0a580001 09 0207 c800 0100 c90155, 90",
    "AS_TRANS and the AS in the capability, 045ba0005a0a580001 08 0206 41040000fc00, 90",
  })
  void whoIsDifferentButRightComesUp(String name, String open, int hold) throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      peer.agree(open.replace(" ", ""));

      awaitUp(speaker, "n1");
      assertThat(status(speaker, "n1").theirs().orElseThrow().holdTime()).as(name).isEqualTo(hold);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"64513, 04fc01005a0a580064", "4200000002, 045ba0005a0a580064"})
  void anExternalPeerMayHaveTheSpeakersIdentifier(long as, String fixed) throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, as)));

    try (SpokenPeer peer = spoken(1)) {
      peer.agree(fixed + "080206" + "4104" + String.format(Locale.ROOT, "%08x", as));

      awaitUp(speaker, "n1");
      assertThat(status(speaker, "n1").theirs().orElseThrow().identifier())
          .isEqualTo(IpAddress.parse("10.88.0.100").low32());
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a broken marker, 00ffffffffffffffffffffffffffffff 0013 04, 0101",
    "a length of 18, ffffffffffffffffffffffffffffffff 0012 01, 01020012",
    "an OPEN of 28 octets, ffffffffffffffffffffffffffffffff 001c 01, 0102001c",
    "a length of 4097, ffffffffffffffffffffffffffffffff 1001 02, 01021001",
    "a KEEPALIVE of 20 octets, ffffffffffffffffffffffffffffffff 0014 04, 01020014",
    "an unknown type, ffffffffffffffffffffffffffffffff 0013 09, 010309",
    "an UPDATE before the OPEN, ffffffffffffffffffffffffffffffff 0017 02 00000000, 050102",
    "a KEEPALIVE before the OPEN, ffffffffffffffffffffffffffffffff 0013 04, 050104",
    "a refresh before the OPEN, ffffffffffffffffffffffffffffffff 0017 05 00010001, 050105",
  })
  void whatIsNoOpenIsRefusedWithItsCode(String name, String octets, String notification)
      throws IOException {
    start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      peer.sayAll(octets.replace(" ", ""));

      assertThat(peer.hear(SpokenPeer.NOTIFICATION).body()).as(name).isEqualTo(notification);
    }
  }

  @ParameterizedTest(name = "a KEEPALIVE in between: {0}")
  @CsvSource({"false, 050201", "true, 050301"})
  void aSecondOpenIsRefused(boolean established, String notification) throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      peer.say(SpokenPeer.OPEN, GOOD);
      if (established) {
        peer.say(SpokenPeer.KEEPALIVE, "");
        awaitUp(speaker, "n1");
      }
      peer.say(SpokenPeer.OPEN, GOOD);

      assertThat(peer.hear(SpokenPeer.NOTIFICATION).body()).isEqualTo(notification);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"no peer, 7, 0605", "held down, 2, 0602"})
  void whoIsNotWantedIsToldSo(String name, int node, String notification) throws IOException {
    start(config(SERVER, passive(1, AS), passive(2, AS).shutdown(true)));

    try (SpokenPeer peer = spoken(node)) {
      Heard heard = peer.hear();

      assertThat(heard.type()).isEqualTo(SpokenPeer.NOTIFICATION);
      assertThat(heard.body()).as(name).startsWith(notification);
    }
  }

  @Test
  void anUpdateInPlaceOfAKeepaliveConfirms() throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      peer.say(SpokenPeer.OPEN, GOOD);
      peer.say(SpokenPeer.UPDATE, "00000000");

      awaitUp(speaker, "n1");
    }
  }
}
