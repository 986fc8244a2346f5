package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.denim.net.Family;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What brought other speakers down. */
@Tag("G4")
class AdvisoryVectorsTest {
  @ParameterizedTest
  @ValueSource(ints = {20, 21, 23, 28, 30, 33, 36, 37, 128, 255})
  void aDamagedAttributeThatNobodyHereKnowsIsCarried(int code) {
    String damaged = Updates.attribute(0xc0, code, Updates.hex("01ffff00"));
    byte[] message = Updates.update("", Updates.GOOD + damaged, Updates.PREFIX);

    assertThat(Updates.outcome(message, Updates.INTERNAL)).isEqualTo("OK");
    assertThat(Updates.set(message, Updates.INTERNAL).opaque()).hasSize(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "routes without attributes, '', 100a01, W",
    "attributes without routes, GOOD, '', OK",
    "only an unknown attribute, c0fe0101, '', OK",
    "End-of-RIB with an unknown attribute, 800f03000201c0fe0101, '', OK",
    "AS4_PATH with four octets, c011040201fbf0, '', OK",
    "an IPv6 extended community of 8 octets, GOODc019080002fbf000000001, 100a01, W",
    "NEXT_HOP of no octet, 4001010040020602 01fbf0000140030040050400000064, 100a01, W",
    "an MP next hop of no octet, GOOD800e050002010000, 100a01, R 3/1",
  })
  void aCraftedUpdateIsJudgedAndNothingElse(
      String name, String attributes, String nlri, String outcome) {
    String block = attributes.replace("GOOD", Updates.GOOD);

    assertThat(Updates.outcome(Updates.update("", block, nlri), Updates.INTERNAL))
        .as(name)
        .isEqualTo(outcome);
  }

  @Test
  void anAlmostEndOfRibIsNone() {
    byte[] message = Updates.update("", "800f03000201c0fe0101", "");
    UpdateReader reader = new UpdateReader();

    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(reader.isEndOfRib()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0005 00",
    "0001 0000",
    "0000 0001",
    "ffff ffff",
    "0000 ffff",
    "0002 0a",
    "0003 0000"
  })
  void lengthsBeyondTheMessageEndTheSession(String body) {
    byte[] fields = Updates.hex(body);
    byte[] message = Framer.message(Framer.UPDATE, Math.max(4, fields.length));
    System.arraycopy(fields, 0, message, 19, fields.length);

    assertThat(Updates.outcome(message, Updates.INTERNAL)).isEqualTo("R 3/1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"21", "180a01", "08", "ff0a0b0c0d"})
  void aPrefixThatIsTooLongOrCutOffEndsTheSession(String prefix) {
    assertThat(Updates.outcome(Updates.update("", Updates.GOOD, prefix), Updates.INTERNAL))
        .isEqualTo("R 3/10");
    assertThat(Updates.outcome(Updates.update(prefix, "", ""), Updates.INTERNAL))
        .isEqualTo("R 3/1");
  }

  @Test
  void aDamagedAs4PathBeforeAsPathIsDiscarded() {
    String block =
        "c011040501fbf0"
            + Updates.ORIGIN
            + "4002040201fbf0"
            + Updates.NEXT_HOP
            + Updates.LOCAL_PREF;
    byte[] message = Updates.update("", block, Updates.PREFIX);

    assertThat(Updates.outcome(message, Updates.OLD)).isEqualTo("D");
    assertThat(Updates.set(message, Updates.OLD).asPath()).hasToString("64496");
  }

  @Test
  void anAsPathOfFourThousandOctetsIsReadAndReflectedInNoMessage() {
    AsPath path = AsPath.EMPTY.prepend(4_200_000_000L, 1000);
    AttributeSet set = AttributeSet.builder().asPath(path).build();
    byte[] block = set.encode(true, true);
    UpdateEncoder encoder = new UpdateEncoder();
    ByteBuffer out = ByteBuffer.allocate(Framer.MAX_LENGTH);

    encoder.begin(out, Framer.MAX_LENGTH, Family.IPV4, block, new byte[0]);
    boolean first = encoder.add(-1, 0, 0x0a010000, 16);
    byte[] longer = set.toBuilder().asPath(path.prepend(1, 20)).build().encode(true, true);
    assertThat(encoder.end()).isEqualTo(1);
    int written = out.position();
    encoder.begin(out.clear(), Framer.MAX_LENGTH, Family.IPV4, longer, new byte[0]);
    boolean second = encoder.add(-1, 0, 0x0a010000, 16);

    assertThat(first).isTrue();
    assertThat(written).isLessThanOrEqualTo(Framer.MAX_LENGTH);
    assertThat(second).isFalse();
    assertThat(encoder.end()).isZero();
    assertThat(out.position()).isZero();
  }

  @Test
  void thousandsOfCommunitiesAreRead() {
    byte[] communities = new byte[4 * 16_000];
    Arrays.fill(communities, (byte) 1);
    byte[] large = new byte[12 * 5_000];
    Arrays.fill(large, (byte) 2);
    byte[] one = Updates.update("", Updates.with(Updates.attribute(0xc0, 8, communities)), "00");
    byte[] other = Updates.update("", Updates.with(Updates.attribute(0xc0, 32, large)), "00");

    assertThat(Updates.set(one, Updates.INTERNAL).communityCount()).isEqualTo(16_000);
    assertThat(Updates.set(other, Updates.INTERNAL).largeCommunityCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "ff616263, ff616263",
    "80, 80",
    "036162, 036162",
    "016162, 016162",
    "0361c328, 61c328",
    "026107, 6107",
  })
  void aBadShutdownCommunicationIsShownAsHexadecimal(String data, String shown) {
    Notification notification = Notification.of(6, 2, Updates.hex(data));

    assertThat(notification.words())
        .isEqualTo("ceased: administrative shutdown: \"" + shown + "\"");
  }

  @Test
  void theDataOfAnErrorIsNeverBeyondTheMessage() {
    byte[] buf = new byte[200];
    byte[] open = Updates.hex("04 fbf0 005a c0000201 04 01 02 abcd".replace(" ", ""));
    byte[] message = Framer.message(Framer.OPEN, open.length);
    System.arraycopy(message, 0, buf, 0, message.length);
    System.arraycopy(open, 0, buf, 19, open.length);
    Arrays.fill(buf, message.length, buf.length, (byte) 0x5e);

    assertThatCode(() -> Open.parse(buf, 0, message.length))
        .isInstanceOfSatisfying(
            Malformed.class, e -> assertThat(e.data()).isEqualTo(Updates.hex("0102abcd")));
  }

  @Test
  void theDataOfADamagedAttributeIsTheAttribute() {
    String unreach = "800f08000201402001" + "0db8";
    byte[] message = Updates.update("", Updates.ORIGIN + unreach, "");

    assertThatCode(() -> new UpdateReader().read(message, 0, message.length, Updates.INTERNAL))
        .isInstanceOfSatisfying(
            Malformed.class, e -> assertThat(e.data()).isEqualTo(Updates.hex(unreach)));
  }

  @Test
  void theSamePrefixSeveralTimesIsAllThereInOrder() {
    byte[] message = Updates.update(Updates.PREFIX, Updates.GOOD, "100a01" + "180a0102" + "100a01");
    UpdateReader reader = new UpdateReader();

    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(Updates.prefixes(message, reader.withdrawn(), Family.IPV4, false))
        .containsExactly("10.1.0.0/16");
    assertThat(Updates.prefixes(message, reader.nlri(), Family.IPV4, false))
        .containsExactly("10.1.0.0/16", "10.1.2.0/24", "10.1.0.0/16");
  }
}
