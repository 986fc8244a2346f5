package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.net.Family;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each capability, and each fault of an OPEN (RFC 4271, 5492, 9072). */
@Tag("G2")
class OpenVectorsTest {
  private static final String FIXED = "04fbf0005ac0000201";

  private static Open parse(String body) {
    byte[] octets = Updates.hex(body);
    byte[] message = Framer.message(Framer.OPEN, octets.length);
    System.arraycopy(octets, 0, message, Framer.HEADER_LENGTH, octets.length);
    return Open.parse(message, 0, message.length);
  }

  private static Capabilities capabilities(String hex) {
    int length = Updates.hex(hex).length;
    return parse(FIXED + String.format("%02x02%02x", length + 2, length) + hex).capabilities();
  }

  @Test
  void aPeerWithoutCapabilitiesIsOfIpv4AndTwoOctets() {
    Open open = parse(FIXED + "00");

    assertThat(open).isEqualTo(new Open(64496, 90, 0xc0000201, Capabilities.NONE));
    assertThat(open.capabilities().families()).containsExactly(Family.IPV4);
    assertThat(open.encode()).hasSize(29);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "version 3, 03fbf0005ac000020100, 2/1, 0004",
    "AS 0, 040000005ac000020100, 2/2, 0000",
    "hold time 1, 04fbf00001c000020100, 2/6, 0001",
    "hold time 2, 04fbf00002c000020100, 2/6, 0002",
    "identifier 0, 04fbf0005a0000000000, 2/3, 00000000",
    "parameter of type 1, 04fbf0005ac0000201030101ff, 2/4, 0101ff",
    "AS 0 in the capability, 04fbf0005ac00002010802064104 00000000, 2/2, 00000000",
    "capability beyond its parameter, 04fbf0005ac000020104020241ff, 2/0, ''",
    "capability of one octet, 04fbf0005ac000020103020141, 2/0, ''",
    "parameter beyond the message, 04fbf0005ac00002010402ff4100, 2/0, ''",
    "parameters beyond the message, 04fbf0005ac000020110, 2/0, ''",
    "less parameters than the message has, 04fbf0005ac0000201000200, 2/0, ''",
    "parameter of one octet, 04fbf0005ac00002010102, 2/0, ''",
    "255 without the long form, 04fbf0005ac0000201ff0200, 2/0, ''",
    "the long form cut off, 04fbf0005ac0000201ffff, 2/0, ''",
    "the long form cut off in its length, 04fbf0005ac0000201ffff00, 2/0, ''",
    "a long parameter beyond, 04fbf0005ac0000201ffff0003020004, 2/0, ''",
    "two roles, 04fbf0005ac0000201080206090103090104, 2/11, ''",
  })
  void aDamagedOpenIsRefusedWithItsCode(String name, String body, String code, String data) {
    Malformed refused = catchThrowableOfType(Malformed.class, () -> parse(body));

    assertThat(refused.code() + "/" + refused.subcode()).as(name).isEqualTo(code);
    assertThat(refused.data()).as(name).isEqualTo(Updates.hex(data));
    assertThat(refused.notification().words()).startsWith("OPEN error");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "010300010000",
        "0100",
        "4100",
        "410300fbf0",
        "400100",
        "4005400002aabb",
        "4500",
        "45030001 01",
        "45040001 0104",
        "45040001 0100",
        "4700",
        "4706000101000000",
        "4900",
        "490105",
        "4903056100",
        "4b00",
        "4b0205 61",
        "0505000100010001",
        "090105",
        "0900",
        "410500000000ff"
      })
  void aCapabilityDamagedWithinItsLengthIsIgnored(String damaged) {
    Capabilities read = capabilities(fixed(damaged.replace(" ", "")));

    assertThat(read).isEqualTo(Capabilities.NONE);
  }

  /** The vectors are read by people: their length octet is what counts. */
  private static String fixed(String capability) {
    int length = Integer.parseInt(capability.substring(2, 4), 16);
    StringBuilder text = new StringBuilder(capability);
    while (text.length() < 4 + 2 * length) {
      text.append("00");
    }
    return text.substring(0, 4 + 2 * length);
  }

  @Test
  void eachCapabilityIsRead() {
    Capabilities read =
        capabilities(
            "010400010001"
                + "010400020001"
                + "010400190041"
                + "0200"
                + "0506000100010002"
                + "0600"
                + "090104"
                + "400ac0780001018000020100"
                + "4104fbf00001"
                + "45080001010100020103"
                + "4600"
                + "470700010180000e10"
                + "4300");

    assertThat(read)
        .isEqualTo(
            Capabilities.builder()
                .family(Family.IPV4)
                .family(Family.IPV6)
                .routeRefresh()
                .ipv4OverIpv6NextHop()
                .extendedMessages()
                .role(4)
                .gracefulRestart(
                    new GracefulRestart(
                        true, true, 120, Map.of(Family.IPV4, true, Family.IPV6, false)))
                .fourOctetAs()
                .addPath(Family.IPV4, AddPath.RECEIVE)
                .addPath(Family.IPV6, AddPath.BOTH)
                .enhancedRefresh()
                .longLived(Map.of(Family.IPV4, new LongLived(true, 3600)))
                .unknown(0x43)
                .build());
  }

  @Test
  void theHostAndTheProgramAreShown() {
    Capabilities read = capabilities("4908036e6f6403616263" + "4b0403322e30");

    assertThat(read.hostName()).hasToString("Optional[nod.abc]");
    assertThat(read.softwareVersion()).contains("2.0");
  }

  @Test
  void theOldRouteRefreshCounts() {
    assertThat(capabilities("8000").routeRefresh()).isTrue();
  }

  @Test
  void theLastGracefulRestartCountsAndLongLivedOnlyBesideOne() {
    assertThat(capabilities("40020078" + "40028005").gracefulRestart())
        .contains(new GracefulRestart(true, false, 5, Map.of()));
    assertThat(capabilities("4700").longLived()).isEmpty();
    assertThat(capabilities("4700" + "40020078").longLived()).contains(Map.of());
  }

  @Test
  void severalParametersAndOneWithManyAreEqual() {
    Open several = parse(FIXED + "0802020200" + "02024600");
    Open one = parse(FIXED + "06020402004600");

    assertThat(several).isEqualTo(one);
  }

  @Test
  void theFourOctetNumberIsTheAs() {
    Open open = parse("045ba0005ac0000201" + "08" + "0206" + "4104fbf00001");

    assertThat(open.as()).isEqualTo(0xfbf00001L);
    assertThat(open.encode()).containsSequence(Updates.hex("045ba0005ac0000201"));
  }

  @Test
  void theLongFormIsReadAndIsWrittenOnlyWhenItMustBe() {
    Open open = parse(FIXED + "ff" + "ff0007" + "020004" + "02004600");
    assertThat(open).isEqualTo(parse(FIXED + "06020402004600"));
    assertThat(open.encode()).hasSize(29 + 6);

    Capabilities many =
        Capabilities.builder()
            .softwareVersion("v".repeat(64))
            .hostName(new HostName("h".repeat(64), "d".repeat(64)))
            .gracefulRestart(
                new GracefulRestart(false, false, 1, Map.of(Family.IPV4, true, Family.IPV6, true)))
            .longLived(
                Map.of(Family.IPV4, new LongLived(true, 1), Family.IPV6, new LongLived(false, 2)))
            .addPath(Family.IPV4, AddPath.BOTH)
            .addPath(Family.IPV6, AddPath.BOTH)
            .family(Family.IPV4)
            .family(Family.IPV6)
            .ipv4OverIpv6NextHop()
            .fourOctetAs()
            .build();
    Open big = new Open(1, 0, 1, many);
    byte[] message = big.encode();

    assertThat(message.length).isGreaterThan(29 + 255);
    assertThat(Updates.hex("ffff")).isEqualTo(new byte[] {message[28], message[29]});
    assertThat(Open.parse(message, 0, message.length)).isEqualTo(big);
  }

  @Test
  void capabilitiesAreWrittenInTheOrderOfTheirCodes() {
    Capabilities calico =
        Capabilities.builder()
            .family(Family.IPV4)
            .routeRefresh()
            .extendedMessages()
            .gracefulRestart(new GracefulRestart(false, false, 120, Map.of(Family.IPV4, true)))
            .fourOctetAs()
            .addPath(Family.IPV4, AddPath.BOTH)
            .enhancedRefresh()
            .longLived(Map.of())
            .build();

    assertThat(new Open(64512, 90, 0xc0000201, calico).encode())
        .endsWith(
            Updates.hex(
                "04fc00005ac0000201 24 0222 010400010001 0200 0600 4006 0078 00010180"
                    + "41040000fc00 4504 00010103 4600 4700"));
  }

  @Test
  void anOpenWithoutAnAsCannotBe() {
    assertThatThrownBy(() -> new Open(0, 90, 1, Capabilities.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Open(1, 2, 1, Capabilities.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
