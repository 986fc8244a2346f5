package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a session that does not come up, or does not stay. */
@Tag("G22")
class WordsIT extends SpeakerCase {
  private static final String GOOD =
      SpokenPeer.open((int) AS, 90, address(1), SpokenPeer.CAPABILITIES);

  private static void awaitProblem(Speaker speaker, String words) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(status(speaker, "n1").problem()).contains(words));
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource({
    "04fc01005a0a580001 00, x, 'it says it is of AS 64513, expected is 64512'",
    "04fc00005a0a580001 08 0206 010400020001, x, no family in common",
    "04fc00005a0a580064 00, x, it has this speaker's identifier 10.88.0.100",
    "04fc0000010a580001 00, x, a hold time of 1 s",
    "'', 0607, 'it says: ceased: connection collision'",
    "'', 0202, 'it says: OPEN error: wrong peer AS'",
    "'', 0602056d6f726e69, 'it says: ceased: administrative shutdown: \"morni\"'",
  })
  void aSessionThatDoesNotComeUpSaysWhy(String open, String notification, String words)
      throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      if (open.isEmpty()) {
        peer.say(SpokenPeer.NOTIFICATION, notification);
      } else {
        peer.say(SpokenPeer.OPEN, open.replace(" ", ""));
      }

      awaitProblem(speaker, words);
    }
  }

  @Test
  void aDamagedUpdateThatEndsTheSessionIsNamed() throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      peer.agree(GOOD);
      peer.say(SpokenPeer.UPDATE, "ffff0000");

      awaitProblem(
          speaker,
          "it sent what cannot be understood: the withdrawn routes run over the end of the UPDATE");
      assertThat(status(speaker, "n1").malformed()).isEqualTo(1);
    }
  }

  @Test
  void aDamagedUpdateThatCostsItsRoutesIsCounted() throws IOException {
    Speaker speaker = start(config(SERVER, passive(1, AS)));

    try (SpokenPeer peer = spoken(1)) {
      peer.agree(GOOD);
      peer.update("40010103" + "400200" + "4003040a580001" + "40050400000064", "100a05");

      await().atMost(PATIENCE).until(() -> status(speaker, "n1").treatedAsWithdrawn() == 1);
      assertThat(status(speaker, "n1").state()).isEqualTo(PeerState.ESTABLISHED);
    }
  }

  @Test
  void aPortWhereNobodyListensIsNamed() {
    Speaker speaker = start(config(SERVER, dialled(100, 1)));

    awaitProblem(speaker, "nobody listens at 10.88.0.1 port 179");
  }
}
