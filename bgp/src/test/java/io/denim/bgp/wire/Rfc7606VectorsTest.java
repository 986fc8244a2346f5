package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 7606 as FRR's conformance tests fix it. */
@Tag("G4")
class Rfc7606VectorsTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "ORIGIN optional, c0010100, W",
    "ORIGIN partial, 60010100, W",
    "ORIGIN of no octet, 400100, W",
    "ORIGIN of two octets, 4001020000, W",
    "ORIGIN 3, 40010103, W",
    "ORIGIN 4, 40010104, W",
    "ORIGIN 255, 400101ff, W",
    "AS_PATH optional, c002060201fbf00001, W",
    "AS_PATH partial, 6002060201fbf00001, W",
    "AS_PATH segment type 0, 4002060001fbf00001, W",
    "AS_PATH segment type 5, 4002060501fbf00001, W",
    "AS_PATH count 0, 4002020200, W",
    "AS_PATH count 255 with one AS, 40020602fffbf00001, W",
    "AS_PATH one octet left, 4002070201fbf0000102, W",
    "AS_PATH with AS 0, 400206020100000000, W",
    "NEXT_HOP optional, c00304c0000201, W",
    "NEXT_HOP 0.0.0.0, 40030400000000, W",
    "NEXT_HOP 127.0.0.1, 4003047f000001, W",
    "NEXT_HOP 224.0.0.1, 400304e0000001, W",
    "NEXT_HOP 255.255.255.255, 400304ffffffff, W",
    "NEXT_HOP of no octet, 400300, W",
    "NEXT_HOP of five octets, 400305c000020100, W",
    "MED transitive, c0040400000001, W",
    "MED of 3 octets, 800403000001, W",
    "MED of 5 octets, 8004050000000001, W",
    "MED of no octet, 800400, W",
    "COMMUNITIES not transitive, 800804fbf00001, W",
    "COMMUNITIES of no octet, c00800, W",
    "COMMUNITIES of 5 octets, c00805fbf0000100, W",
    "ORIGINATOR_ID transitive, c00904c0000201, W",
    "CLUSTER_LIST transitive, c00a04c0000201, W",
    "EXT_COMMUNITIES not transitive, 8010080002fbf000000001, W",
    "EXT_COMMUNITIES of no octet, c01000, W",
    "EXT_COMMUNITIES of 9 octets, c010090002fbf00000000100, W",
    "IPv6 ext. communities of no octet, c01900, W",
    "IPv6 ext. communities of 21 octets, c01915000000000000000000000000000000000000000000, W",
    "LARGE_COMMUNITIES not transitive, 80200cfbf000010000000100000002, W",
    "LARGE_COMMUNITIES of no octet, c02000, W",
    "LARGE_COMMUNITIES of 13 octets, c0200dfbf00001000000010000000200, W",
    "OTC not transitive, 802304fbf00001, W",
    "OTC of 3 octets, c02303fbf000, W",
    "OTC of 5 octets, c02305fbf0000100, W",
    "OTC 0, c0230400000000, W",
    "ATOMIC_AGGREGATE optional, c00600, W",
    "ATOMIC_AGGREGATE of one octet, 40060100, D",
    "AGGREGATOR not transitive, 800708fbf00001c0000201, W",
    "AGGREGATOR of 5 octets, c00705fbf00001c0, D",
    "AGGREGATOR of 7 octets, c00707fbf00001c00002, D",
    "AGGREGATOR of 9 octets, c00709fbf00001c000020100, D",
    "AGGREGATOR AS 0, c0070800000000c0000201, D",
    "AS4_PATH from a 4-octet peer with wrong flags, 8011060201fbf00001, D",
    "AS4_PATH from a 4-octet peer with segment type 0, c011060001fbf00001, D",
    "AS4_AGGREGATOR of 7 octets, c01207fbf00001c00002, D",
    "AS4_AGGREGATOR of 9 octets, c01209fbf00001c000020100, D",
    "AIGP transitive, c01a0b01000b0000000000000001, D",
    "AIGP with an unknown TLV, 801a03020003, D",
    "AIGP with a TLV length of 4, 801a0401000400, D",
    "AIGP empty, 801a00, D",
    "PMSI not transitive, 8016050006000000, D",
    "PMSI too short, c0160100, D",
    "PMSI good, c016050006000000, D",
    "encapsulation with a TLV overrun, c01704000101ff, OK",
    "prefix SID damaged, c0280301ff00, D",
    "prefix SID empty, c02800, D",
    "prefix SID not transitive, 80280a01000700000000000001, D",
    "prefix SID with a label index of 6 octets, c02809010006000000000000, D",
    "prefix SID with a range cut off, c028080300050000000000, D",
    "prefix SID with a TLV cut off, c0280b0100070000000000000104, D",
    "prefix SID good, c02815010007000000000000010300080000003e80001f40, OK",
    "prefix SID of a service cut off, c028050500020100, D",
    "prefix SID of a service without SID, c0280405000100, OK",
    "prefix SID of a service with a short SID, c02809050006000100020000, D",
    "prefix SID of an unknown TLV, c0280407000100, OK",
    "link state damaged, 801d040402ffff, OK",
    "attribute 39 damaged, c0270100, OK",
    "ATTR_SET, c08004fbf00001, OK",
    "unknown and not optional, 40630100, W",
    "attribute 0, 40000100, D",
    "MED twice, 8004040000000180040400000002, D",
    "ORIGIN twice, 4001010040010102, D",
    "unknown twice, c0fe0101c0fe0102, D",
  })
  void aFaultCostsWhatTheTableSays(String name, String attribute, String outcome) {
    byte[] message = Updates.update("", Updates.with(padded(attribute)), Updates.PREFIX);

    assertThat(Updates.outcome(message, Updates.INTERNAL)).as(name).isEqualTo(outcome);
  }

  /** The vectors above are read by people: their length octet is what counts. */
  private static String padded(String attribute) {
    int length = Integer.parseInt(attribute.substring(4, 6), 16);
    StringBuilder text = new StringBuilder(attribute);
    while (text.length() < 6 + 2 * length) {
      text.append("00");
    }
    return text.toString();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "LOCAL_PREF of 3 octets, 400503000064, W, D",
    "LOCAL_PREF of 5 octets, 4005050000006400, W, D",
    "LOCAL_PREF of no octet, 400500, W, D",
    "LOCAL_PREF optional, c0050400000064, W, D",
    "LOCAL_PREF good, 40050400000064, OK, D",
    "ORIGINATOR_ID of 3 octets, 800903c00002, W, D",
    "ORIGINATOR_ID of 5 octets, 800905c000020100, W, D",
    "ORIGINATOR_ID good, 800904c0000201, OK, D",
    "CLUSTER_LIST of no octet, 800a00, W, D",
    "CLUSTER_LIST of 5 octets, 800a05c000020100, W, D",
    "CLUSTER_LIST good, 800a04c0000201, OK, D",
  })
  void whatIsForInternalPeersIsDiscardedFromExternalOnes(
      String name, String attribute, String internal, String external) {
    String block = Updates.ORIGIN + Updates.AS_PATH + Updates.NEXT_HOP + attribute;
    byte[] message = Updates.update("", block, Updates.PREFIX);

    assertThat(Updates.outcome(message, Updates.INTERNAL)).as(name).isEqualTo(internal);
    assertThat(Updates.outcome(message, Updates.EXTERNAL)).as(name).isEqualTo(external);
  }

  @Test
  void aConfederationSegmentIsTakenFromAMemberOnly() {
    String block = Updates.with("4002060301fbf00001");
    byte[] message = Updates.update("", block.replace(Updates.LOCAL_PREF, ""), Updates.PREFIX);
    Negotiated member = new Negotiated(true, true, false, false, false, true, true, true);

    assertThat(Updates.outcome(message, Updates.EXTERNAL)).isEqualTo("W");
    assertThat(Updates.outcome(message, member)).isEqualTo("OK");
    assertThat(Updates.outcome(message, Updates.INTERNAL)).isEqualTo("OK");
  }

  @Test
  void theFirstOfTwoIsKept() {
    byte[] message =
        Updates.update("", Updates.with("8004040000000180040400000002"), Updates.PREFIX);

    assertThat(Updates.set(message, Updates.INTERNAL).med()).isEqualTo(1);
  }

  @Test
  void anUnknownAttributeIsPassedOnWithThePartialBitIfItIsTransitive() {
    byte[] message = Updates.update("", Updates.with("c0fe02abcd") + "80fd0101", Updates.PREFIX);

    AttributeSet set = Updates.set(message, Updates.INTERNAL);

    assertThat(set.opaque()).containsExactly(new OpaqueAttribute(0xfe, 0xe0, Updates.hex("abcd")));
    assertThat(set.encode(true, true)).endsWith(Updates.hex("e0fe02abcd"));
  }

  @Test
  void aMissingLocalPrefOfAnInternalPeerIs100() {
    String block = Updates.ORIGIN + Updates.AS_PATH + Updates.NEXT_HOP;
    byte[] message = Updates.update("", block, Updates.PREFIX);

    AttributeSet internal = Updates.set(message, Updates.INTERNAL);
    AttributeSet external = Updates.set(message, Updates.EXTERNAL);

    assertThat(internal.hasLocalPref()).isTrue();
    assertThat(internal.localPref()).isEqualTo(100);
    assertThat(external.hasLocalPref()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"40010100", "4002060201fbf00001", "400304c0000201"})
  void aMissingMandatoryAttributeWithdraws(String missing) {
    String block = Updates.GOOD.replace(missing, "");

    assertThat(Updates.outcome(Updates.update("", block, Updates.PREFIX), Updates.INTERNAL))
        .isEqualTo("W");
  }

  @Test
  void largeCommunitiesCountOnce() {
    String twice = "c020" + "18" + "000000010000000200000003".repeat(2);
    byte[] message = Updates.update("", Updates.with(twice), Updates.PREFIX);

    AttributeSet set = Updates.set(message, Updates.INTERNAL);

    assertThat(set.largeCommunityCount()).isEqualTo(1);
    assertThat(set.largeCommunity(0)).hasToString("1:2:3");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "next hop of 9, 800e0e 0002 01 09 fd0000000000000000 00, R 3/1",
    "next hop of 64 with 17 octets left, 800e15 0002 01 40 fd00000000000000000000000000000100, R 3/1",
    "next hop of 16 with 8 left, 800e0c 0002 01 10 fd00000000000000, R 3/1",
    "no next hop, 800e05 0002 01 00 00, R 3/1",
    "a next hop of IPv4, 800e09 0002 01 04 c0000201 00, R 3/1",
    "too short for a family, 800e03 0002 01, R 3/1",
    "a prefix of 129, 800e16 0002 01 10 fd000000000000000000000000000001 00 81, R 3/9",
    "a prefix cut off, 800e19 0002 01 10 fd000000000000000000000000000001 00 40 20010d, R 3/9",
    "twice, REACH REACH, R 3/1",
    "transitive, c00e1a 0002 01 10 fd000000000000000000000000000001 00 20 20010db8, R 3/1",
    "next hop ::, 800e1a 0002 01 10 00000000000000000000000000000000 00 20 20010db8, W",
    "next hop mapped, 800e1a 0002 01 10 00000000000000000000ffffc0000201 00 20 20010db8, OK",
    "good, REACH, OK",
    "a family not agreed, 800e0d 0001 04 04 c0000201 00 abcdef12, OK",
  })
  void aDamagedReachEndsTheSession(String name, String attribute, String outcome) {
    String block =
        Updates.ORIGIN
            + Updates.AS_PATH
            + Updates.LOCAL_PREF
            + attribute.replace(" ", "").replace("REACH", Updates.REACH);

    assertThat(Updates.outcome(Updates.update("", block, ""), Updates.INTERNAL))
        .as(name)
        .isEqualTo(outcome);
  }

  @Test
  void aReachWithWrongFlagsWithdrawsTheRoutesOfTheField() {
    String block = Updates.GOOD + Updates.REACH.replaceFirst("80", "c0");

    assertThat(Updates.outcome(Updates.update("", block, Updates.PREFIX), Updates.INTERNAL))
        .isEqualTo("W");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a /64 with 4 octets, 800f08 0002 01 40 20010db8, R 3/9",
    "too short, 800f02 0002, R 3/9",
    "transitive, c00f08 0002 01 20 20010db8, R 3/4",
    "twice, 800f030002 01 800f030002 01, R 3/1",
    "good, 800f08 0002 01 20 20010db8, OK",
    "a family not agreed, 800f04 0019 41 ff, OK",
  })
  void aDamagedUnreachEndsTheSession(String name, String attribute, String outcome) {
    byte[] message = Updates.update("", attribute.replace(" ", ""), "");

    assertThat(Updates.outcome(message, Updates.INTERNAL)).as(name).isEqualTo(outcome);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "2 octets left, c0fe, W",
    "3 octets left with a length of two, d0fe00, W",
    "an attribute beyond the block, c0fe05ab, W",
  })
  void whatIsLeftBehindTheLastAttributeWithdraws(String name, String rest, String outcome) {
    byte[] message = Updates.update("", Updates.GOOD + rest, Updates.PREFIX);

    assertThat(Updates.outcome(message, Updates.INTERNAL)).as(name).isEqualTo(outcome);
  }

  @Test
  void aFaultWithNothingToWithdrawEndsTheSession() {
    assertThat(Updates.outcome(Updates.update("", "40012000", ""), Updates.INTERNAL))
        .isEqualTo("R 3/1");
    assertThat(Updates.outcome(Updates.update("", "40010103", ""), Updates.INTERNAL))
        .isEqualTo("R 3/1");
  }

  @Test
  void theStrongestFaultWins() {
    String discarded = "c00705fbf00001c0";
    String withdrawn = "800403000001";

    assertThat(
            Updates.outcome(
                Updates.update("", Updates.GOOD + discarded + withdrawn, Updates.PREFIX),
                Updates.INTERNAL))
        .isEqualTo("W");
    assertThat(
            Updates.outcome(
                Updates.update("", Updates.GOOD + withdrawn, Updates.PREFIX + "21"),
                Updates.INTERNAL))
        .isEqualTo("R 3/10");
  }

  @Test
  void theReasonOfAWithdrawalIsInWords() {
    byte[] message = Updates.update("", Updates.with("800403000001"), Updates.PREFIX);
    UpdateReader reader = new UpdateReader();
    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(Updates.attributes(reader, Updates.INTERNAL))
        .isEqualTo(new ParsedAttributes.Withdraw(3, 5, "MULTI_EXIT_DISC has 3 octets"));
  }

  @Test
  void eachRemarkNamesItsAttribute() {
    String block = Updates.with("c00705fbf00001c0") + "801a00";
    byte[] message = Updates.update("", block, Updates.PREFIX);
    UpdateReader reader = new UpdateReader();
    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(Updates.attributes(reader, Updates.INTERNAL))
        .isInstanceOfSatisfying(
            ParsedAttributes.Good.class,
            good ->
                assertThat(
                        good.remarks().stream()
                            .map(ParsedAttributes.Remark::words)
                            .collect(Collectors.joining("; ")))
                    .isEqualTo("AGGREGATOR has 5 octets; AIGP is not enabled"));
  }
}
