package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.net.Family;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Framing and the small messages. */
class MessagesTest {
  private static final String MARKER = "ff".repeat(16);

  @Provide
  Arbitrary<Open> opens() {
    return WireArbitraries.opens();
  }

  @Property(tries = 300)
  boolean anOpenIsReadAsItWasWritten(@ForAll("opens") Open open) {
    byte[] message = open.encode();
    return needed(message) == message.length && Open.parse(message, 0, message.length).equals(open);
  }

  @Property(tries = 200)
  boolean aNotificationIsReadAsItWasWritten(
      @ForAll @IntRange(max = 255) int code,
      @ForAll @IntRange(max = 255) int subcode,
      @ForAll @Size(max = 300) byte[] data) {
    Notification notification = Notification.of(code, subcode, data);
    byte[] message = notification.encode();
    return needed(message) == message.length
        && !notification.words().isEmpty()
        && Notification.parse(message, 0, message.length).equals(notification);
  }

  @Property(tries = 200)
  boolean aCommunicationIsShownAsItWasSaid(@ForAll String text) {
    Notification cease = Notification.cease(2, text);
    int length = cease.data()[0] & 0xff;
    boolean printable = text.codePoints().noneMatch(Character::isISOControl);
    return length == cease.data().length - 1
        && (!printable
            || length == 255
            || text.isEmpty()
            || !cease.communication().orElseThrow().isEmpty());
  }

  private static int needed(byte[] message) {
    return Framer.needed(message, 0, message.length, Framer.MAX_LENGTH);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "marker, fffffffffffffffffffffffffffffffe001304, 1/1, ''",
    "too short, MARKER001204, 1/2, 0012",
    "too long, MARKER100102, 1/2, 1001",
    "OPEN of 28, MARKER001c01, 1/2, 001c",
    "UPDATE of 22, MARKER001602, 1/2, 0016",
    "NOTIFICATION of 20, MARKER001403, 1/2, 0014",
    "KEEPALIVE of 20, MARKER001404, 1/2, 0014",
    "ROUTE-REFRESH of 22, MARKER001605, 1/2, 0016",
    "type 0, MARKER001300, 1/3, 00",
    "type 6, MARKER001306, 1/3, 06",
  })
  void aDamagedHeaderEndsTheSession(String name, String header, String code, String data) {
    byte[] octets = Updates.hex(header.replace("MARKER", MARKER));

    Malformed malformed = catchThrowableOfType(Malformed.class, () -> needed(octets));

    assertThat(malformed.code() + "/" + malformed.subcode()).as(name).isEqualTo(code);
    assertThat(malformed.data()).as(name).isEqualTo(Updates.hex(data));
  }

  @Test
  void aLongUpdateIsTakenOnceAgreedAndALongOpenNever() {
    byte[] update = Updates.hex(MARKER + "ffff02");
    byte[] open = Updates.hex(MARKER + "100101");

    assertThat(Framer.needed(update, 0, 19, Framer.MAX_EXTENDED_LENGTH)).isEqualTo(65535);
    assertThat(
            catchThrowableOfType(
                Malformed.class, () -> Framer.needed(open, 0, 19, Framer.MAX_EXTENDED_LENGTH)))
        .hasMessage("a message of type 1 with 4097 octets");
  }

  @Test
  void aHeaderIsNeededBeforeALengthIsKnown() {
    byte[] keepalive = Framer.keepalive();

    for (int available = 0; available < keepalive.length; available++) {
      assertThat(Framer.needed(keepalive, 0, available, Framer.MAX_LENGTH)).isEqualTo(19);
    }
    assertThat(keepalive).isEqualTo(Updates.hex(MARKER + "001304"));
    assertThat(Framer.type(keepalive, 0)).isEqualTo(Framer.KEEPALIVE);
  }

  @Test
  void aWrongMarkerIsSeenAtItsFirstOctet() {
    assertThat(catchThrowableOfType(Malformed.class, () -> needed(new byte[1]))).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 'message header error: connection not synchronised'",
    "2, 2, 'OPEN error: wrong peer AS'",
    "3, 11, 'UPDATE error: malformed AS_PATH'",
    "4, 0, 'hold timer expired'",
    "5, 3, 'message not expected: in Established'",
    "6, 7, 'ceased: connection collision'",
    "6, 99, 'ceased: subcode 99'",
    "7, 1, 'ROUTE-REFRESH error: bad length'",
    "8, 0, 'send hold timer expired'",
    "9, 1, 'error 9/1'",
  })
  void aNotificationIsToldInWords(int code, int subcode, String words) {
    assertThat(Notification.of(code, subcode).words()).isEqualTo(words);
  }

  @Test
  void dataAndCommunicationAreTold() {
    assertThat(Notification.of(2, 2, (byte) 0xfb, (byte) 0xf0).words())
        .isEqualTo("OPEN error: wrong peer AS, data fbf0");
    assertThat(Notification.cease(2, "upgrade, back at 9:00").words())
        .isEqualTo("ceased: administrative shutdown: \"upgrade, back at 9:00\"");
    assertThat(Notification.cease(4, "").words()).isEqualTo("ceased: administrative reset");
  }

  @Test
  void aLongCommunicationIsCutBetweenCharacters() {
    Notification cease = Notification.cease(2, "é".repeat(200));

    assertThat(cease.data()).hasSize(255);
    assertThat(cease.communication()).contains("é".repeat(127));
  }

  @Test
  void dataIsCutAtTheLongestMessage() {
    assertThat(Notification.of(3, 1, new byte[5000]).encode()).hasSize(Framer.MAX_LENGTH);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aRouteRefreshIsReadAsItWasWritten(Family family) {
    RouteRefresh refresh = new RouteRefresh(family, RouteRefresh.BEGIN);
    byte[] message = refresh.encode();

    assertThat(needed(message)).isEqualTo(23);
    assertThat(RouteRefresh.parse(message, 0, 23)).contains(refresh);
  }

  @ParameterizedTest
  @CsvSource({"00190041", "00010301", "00010002"})
  void aRouteRefreshOfSomethingUnknownIsIgnored(String body) {
    byte[] message = Framer.message(Framer.ROUTE_REFRESH, 4);
    System.arraycopy(Updates.hex(body), 0, message, 19, 4);

    assertThat(RouteRefresh.parse(message, 0, 23)).isEmpty();
  }

  @Test
  void aLongRouteRefreshIsRefusedWithTheMessageAsData() {
    byte[] message = Arrays.copyOf(new RouteRefresh(Family.IPV4, 1).encode(), 30);

    Malformed malformed =
        catchThrowableOfType(Malformed.class, () -> RouteRefresh.parse(message, 0, 30));

    assertThat(malformed.notification()).isEqualTo(Notification.of(7, 1, message));
    assertThat(malformed.getStackTrace()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "64512:100, true",
    "0:0, true",
    "65535:65535, true",
    "65536:0, false",
    "1, false",
    "1:2:3, false",
    "-1:2, false",
    "'', false",
    "1:, false",
    "a:b, false",
    "99999999999:1, false"
  })
  void aCommunityIsTwoNumbersOfSixteenBits(String text, boolean good) {
    assertThat(Community.tryParse(text).map(Community::format).filter(text::equals).isPresent())
        .isEqualTo(good);
  }

  @Test
  void communitiesAreRefusedWithAnExample() {
    assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> Community.parse("x")))
        .hasMessageContaining("64512:100");
    assertThat(
            catchThrowableOfType(IllegalArgumentException.class, () -> LargeCommunity.parse("1:2")))
        .hasMessageContaining("4200000000:1:2");
    assertThat(LargeCommunity.parse("4294967295:0:1")).hasToString("4294967295:0:1");
    assertThat(Community.parse("65535:65281")).isEqualTo(Community.NO_EXPORT);
  }
}
