package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** UPDATEs out and in again. */
class UpdatesTest {
  private static final Negotiated ADD_PATH =
      new Negotiated(false, true, true, true, true, true, true, false);
  private static final byte[] CLASSIC = {};
  private static final byte[] V6_NEXT_HOP = IpAddress.parse("fd00::1").bytes();

  private final ByteBuffer out = ByteBuffer.allocate(Framer.MAX_LENGTH + 100);
  private final UpdateEncoder encoder = new UpdateEncoder();
  private final UpdateReader reader = new UpdateReader();

  @Provide
  Arbitrary<Cidr> v4() {
    return Combinators.combine(Arbitraries.integers(), Arbitraries.integers().between(0, 32))
        .as((bits, length) -> Cidr.of(IpAddress.v4(bits), length));
  }

  @Provide
  Arbitrary<Cidr> v6() {
    return Combinators.combine(
            Arbitraries.longs(), Arbitraries.longs(), Arbitraries.integers().between(0, 128))
        .as((high, low, length) -> Cidr.of(IpAddress.v6(high, low), length));
  }

  @Property(tries = 200)
  void classicPrefixesAreReadAsTheyWereWritten(
      @ForAll @Size(min = 1, max = 400) List<@From("v4") Cidr> prefixes) {
    out.clear();
    encoder.begin(out, Framer.MAX_LENGTH, Family.IPV4, Updates.hex(Updates.GOOD), CLASSIC);

    List<String> sent = add(prefixes, -1);
    byte[] message = read(Updates.INTERNAL);

    assertThat(Updates.prefixes(message, reader.nlri(), Family.IPV4, false)).isEqualTo(sent);
  }

  @Property(tries = 200)
  void multiprotocolPrefixesAreReadAsTheyWereWritten(
      @ForAll @Size(min = 1, max = 400) List<@From("v6") Cidr> prefixes) {
    out.clear();
    encoder.begin(out, Framer.MAX_LENGTH, Family.IPV6, Updates.hex(Updates.GOOD), V6_NEXT_HOP);

    List<String> sent = add(prefixes, 7);
    byte[] message = read(ADD_PATH);

    assertThat(Updates.prefixes(message, reader.reach(), Family.IPV6, true)).isEqualTo(sent);
    assertThat(reader.reachNextHop()).hasToString("fd00::1");
  }

  @Property(tries = 200)
  void withdrawnPrefixesAreReadAsTheyWereWritten(
      @ForAll @Size(min = 1, max = 400) List<@From("v6") Cidr> v6,
      @ForAll @Size(min = 1, max = 400) List<@From("v4") Cidr> v4) {
    out.clear();
    encoder.beginWithdraw(out, Framer.MAX_LENGTH, Family.IPV6);
    List<String> sent = add(v6, -1);
    byte[] message = read(Updates.INTERNAL);
    assertThat(Updates.prefixes(message, reader.unreach(), Family.IPV6, false)).isEqualTo(sent);

    out.clear();
    encoder.beginWithdraw(out, Framer.MAX_LENGTH, Family.IPV4);
    sent = add(v4, 0xffff_ffffL);
    message = read(ADD_PATH);
    assertThat(Updates.prefixes(message, reader.withdrawn(), Family.IPV4, true)).isEqualTo(sent);
  }

  private List<String> add(List<Cidr> prefixes, long pathId) {
    List<String> sent = new ArrayList<>();
    for (Cidr prefix : prefixes) {
      IpAddress address = prefix.address();
      if (!encoder.add(pathId, address.high(), address.low(), prefix.length())) {
        break;
      }
      sent.add((pathId < 0 ? "" : pathId + ":") + prefix);
    }
    assertThat(encoder.end()).isEqualTo(sent.size());
    return sent;
  }

  private byte[] read(Negotiated session) {
    byte[] message = new byte[out.position()];
    out.get(0, message);
    assertThat(Framer.needed(message, 0, message.length, Framer.MAX_LENGTH))
        .isEqualTo(message.length);
    reader.read(message, 0, message.length, session);
    assertThat(reader.outcome()).isEqualTo(UpdateReader.Outcome.ANNOUNCE);
    assertThat(reader.isEndOfRib()).isFalse();
    return message;
  }

  @Test
  void aMessageIsFilledToItsLastOctet() {
    encoder.begin(out, Framer.MAX_LENGTH, Family.IPV4, Updates.hex(Updates.GOOD), CLASSIC);

    int added = 0;
    while (encoder.add(-1, 0, 0x0a000000L + added, 32)) {
      added++;
    }

    assertThat(encoder.end()).isEqualTo(added).isEqualTo((4096 - 23 - 27) / 5);
    assertThat(out.position()).isLessThanOrEqualTo(4096).isGreaterThan(4096 - 5);
  }

  @Test
  void theReachAttributeIsInFrontOfTheOthers() {
    encoder.begin(out, Framer.MAX_LENGTH, Family.IPV6, Updates.hex(Updates.ORIGIN), V6_NEXT_HOP);
    boolean added = encoder.add(-1, 0x2001_0db8_0000_0000L, 0, 32);

    assertThat(added).isTrue();
    assertThat(encoder.end()).isEqualTo(1);
    byte[] message = new byte[out.position()];
    out.get(0, message);
    assertThat(message)
        .isEqualTo(
            Updates.update(
                "",
                "900e001a00020110fd0000000000000000000000000000010020" + "20010db8" + "40010100",
                ""));
  }

  @Test
  void ipv4GoesOverAnIpv6NextHopIfAgreed() {
    encoder.begin(out, Framer.MAX_LENGTH, Family.IPV4, Updates.hex(Updates.GOOD), V6_NEXT_HOP);
    List<String> sent = add(List.of(Cidr.parse("10.1.0.0/16")), 3);

    byte[] message = read(ADD_PATH);

    assertThat(Updates.prefixes(message, reader.reach(), Family.IPV4, true)).isEqualTo(sent);
    assertThat(reader.reachNextHop()).hasToString("fd00::1");
    assertThat(Updates.outcome(message, Updates.INTERNAL)).isEqualTo("R 3/1");
  }

  @Test
  void withoutAPrefixNothingIsWritten() {
    out.position(5);
    encoder.begin(out, Framer.MAX_LENGTH, Family.IPV6, new byte[5000], V6_NEXT_HOP);

    assertThat(encoder.add(-1, 0, 0, 0)).isFalse();
    assertThat(encoder.end()).isZero();
    assertThat(out.position()).isEqualTo(5);
    assertThatThrownBy(() -> encoder.begin(out, 4096, Family.IPV6, new byte[0], CLASSIC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void anEndOfRibIsOne(Family family) {
    byte[] message = UpdateEncoder.endOfRib(family);

    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(message).hasSize(family == Family.IPV4 ? 23 : 30);
    assertThat(reader.endOfRib()).contains(family);
  }

  @Test
  void theShortFormOfAnEndOfRibIsOneToo() {
    byte[] message = Updates.update("", "800f03000201", "");

    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(reader.endOfRib()).contains(Family.IPV6);
  }

  @Test
  void theEndOfAFamilyThatWasNotAgreedIsNone() {
    byte[] message = Updates.update("", "800f03001941", "");

    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(reader.isEndOfRib()).isFalse();
    assertThat(reader.ignoredFamily()).isTrue();
  }

  @Test
  void routesOfIpv4ThatWasNotAgreedAreIgnored() {
    Negotiated onlyV6 = new Negotiated(false, true, false, false, false, false, true, false);
    byte[] message = Updates.update(Updates.PREFIX, Updates.GOOD, Updates.PREFIX);

    reader.read(message, 0, message.length, onlyV6);

    assertThat(reader.ignoredFamily()).isTrue();
    assertThat(reader.nlri().isEmpty()).isTrue();
    assertThat(reader.withdrawn().isEmpty()).isTrue();
  }

  @Test
  void bitsBeyondTheLengthAreCleared() {
    byte[] message = Updates.update("", Updates.GOOD, "140affff" + "00");
    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(Updates.prefixes(message, reader.nlri(), Family.IPV4, false))
        .containsExactly("10.255.240.0/20", "0.0.0.0/0");
  }

  @Test
  void theKeyIsTheOtherAttributesWhereverTheReachAttributeIs() {
    String other = Updates.ORIGIN + Updates.AS_PATH;
    for (String block :
        List.of(
            Updates.REACH + other,
            other + Updates.REACH,
            Updates.ORIGIN + Updates.REACH + Updates.AS_PATH)) {
      byte[] message = Updates.update("", block, "");

      reader.read(message, 0, message.length, Updates.INTERNAL);

      assertThat(key()).isEqualTo(Updates.hex(other));
    }
  }

  @Test
  void aKeyInThreePiecesIsPutTogether() {
    byte[] big = new byte[5000];
    String block =
        Updates.GOOD
            + Updates.REACH
            + Updates.attribute(0xc0, 8, big)
            + "800f080002012020010db8"
            + Updates.attribute(0xc0, 16, big);
    byte[] message = Updates.update("", block, "");

    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(key())
        .isEqualTo(
            Updates.hex(
                Updates.GOOD + Updates.attribute(0xc0, 8, big) + Updates.attribute(0xc0, 16, big)));
    assertThat(reader.unreach().isEmpty()).isFalse();
    assertThat(reader.unreachFamily()).isEqualTo(Family.IPV6);
  }

  private byte[] key() {
    byte[] key = new byte[reader.keyLength()];
    System.arraycopy(reader.key(), reader.keyOffset(), key, 0, key.length);
    return key;
  }

  @Test
  void aLinkLocalAddressStandsBesideTheGlobalNextHop() {
    String global = "fd000000000000000000000000000001";
    String linkLocal = "fe800000000000000000000000000002";
    String rest = "0020" + "20010db8";

    readReach("800e2a00020120" + global + linkLocal + rest);
    assertThat(reader.reachNextHop()).hasToString("fd00::1");
    assertThat(reader.reachLinkLocal()).contains(IpAddress.parse("fe80::2"));

    readReach("800e2a00020120" + global + global + rest);
    assertThat(reader.reachLinkLocal()).isEmpty();

    readReach("800e2a00020120" + linkLocal + linkLocal + rest);
    assertThat(reader.reachNextHop()).hasToString("fe80::2");
    assertThat(reader.reachLinkLocal()).isEmpty();

    readReach("800e1a00020110" + linkLocal + rest);
    assertThat(reader.reachNextHop()).hasToString("fe80::2");
  }

  private void readReach(String attribute) {
    byte[] message = Updates.update("", Updates.ORIGIN + attribute, "");
    reader.read(message, 0, message.length, Updates.INTERNAL);
  }

  @Test
  void anIpv4NextHopMayStandInTheReachAttribute() {
    readReach("800e0c00010104c000020100" + "100a01");

    assertThat(reader.reachFamily()).isEqualTo(Family.IPV4);
    assertThat(reader.reachNextHop()).hasToString("192.0.2.1");
  }

  @Test
  void aReaderForgetsTheMessageBefore() {
    readReach(Updates.REACH);
    byte[] message = Updates.update(Updates.PREFIX, "", "");

    reader.read(message, 0, message.length, Updates.INTERNAL);

    assertThat(reader.reach().isEmpty()).isTrue();
    assertThat(reader.reachNextHop()).isEqualTo(IpAddress.ANY_V6);
    assertThat(reader.reachLinkLocal()).isEmpty();
    assertThat(reader.keyLength()).isZero();
  }
}
