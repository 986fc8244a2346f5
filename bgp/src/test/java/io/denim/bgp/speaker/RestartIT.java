package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.net.Cidr;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A speaker whose peer goes away and comes back in the ways that RFC 4724 and RFC 8538 know, and
 * one that comes back itself.
 */
@Tag("G9")
class RestartIT extends SpeakerCase {
  private static final Cidr KEPT = Cidr.parse("10.5.0.0/16");
  private static final Cidr LOST = Cidr.parse("10.6.0.0/16");
  private static final String KEPT_HEX = "100a05";
  private static final String LOST_HEX = "100a06";

  /** ORIGIN, an empty AS_PATH, NEXT_HOP 10.88.0.1, LOCAL_PREF 100. */
  private static final String ATTRIBUTES =
      "40010100" + "400200" + "4003040a580001" + "40050400000064";

  private static final String END_OF_RIB = "00000000";
  private static final String IPV4 = "00010100";
  private static final String IPV4_FORWARDED = "00010180";

  private final Installed installed = new Installed();
  private Speaker speaker;

  @BeforeEach
  void helper() {
    speaker = start(config(SERVER, passive(1, AS)), installed);
  }

  /**
   * An OPEN with graceful restart.
   *
   * @param flags 8 for R, 4 for N
   * @param families with their flags
   */
  private static String open(String flags, int seconds, String families) {
    return openWith("40", flags + String.format(Locale.ROOT, "%03x", seconds) + families);
  }

  private static String openWith(String code, String value) {
    String capability = code + String.format(Locale.ROOT, "%02x", value.length() / 2) + value;
    String all = "010400010001" + "41040000fc00" + capability;
    String parameter = "02" + String.format(Locale.ROOT, "%02x", all.length() / 2) + all;
    return SpokenPeer.open((int) AS, 90, address(1), parameter);
  }

  private SpokenPeer announcing(String open) throws IOException {
    SpokenPeer peer = spoken(1);
    peer.agree(open);
    peer.update(ATTRIBUTES, KEPT_HEX + LOST_HEX);
    peer.say(SpokenPeer.UPDATE, END_OF_RIB);
    installed.awaitRoute(KEPT);
    installed.awaitRoute(LOST);
    return peer;
  }

  @Test
  void routesStayUntilThePeerHasSaidThemAgainAndThoseThatItDoesNotSayGo() throws IOException {
    announcing(open("0", 120, IPV4)).close();
    awaitDown(speaker, "n1");

    assertThat(installed.has(KEPT)).isTrue();
    assertThat(installed.has(LOST)).isTrue();
    try (SpokenPeer again = spoken(1)) {
      again.agree(open("8", 120, IPV4_FORWARDED));
      again.update(ATTRIBUTES, KEPT_HEX);
      awaitUp(speaker, "n1");
      assertThat(installed.has(LOST)).isTrue();
      again.say(SpokenPeer.UPDATE, END_OF_RIB);

      installed.awaitNone(LOST);
      assertThat(installed.has(KEPT)).isTrue();
    }
  }

  @Test
  void whatIsStaleGoesWithAnEndOfRibOfAnEmptyTable() throws IOException {
    announcing(open("0", 120, IPV4)).close();
    awaitDown(speaker, "n1");

    try (SpokenPeer again = spoken(1)) {
      again.agree(open("8", 120, IPV4_FORWARDED));
      again.say(SpokenPeer.UPDATE, END_OF_RIB);

      installed.awaitNone(KEPT);
      installed.awaitNone(LOST);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "forwarding was not kept, 8, 00010100",
    "the family is missing, 8, ''",
    "another family, 8, 00020180"
  })
  void whatWasNotForwardedGoesWhenThePeerIsBack(String name, String flags, String families)
      throws IOException {
    announcing(open("0", 120, IPV4)).close();
    awaitDown(speaker, "n1");
    assertThat(installed.has(KEPT)).as(name).isTrue();

    try (SpokenPeer again = spoken(1)) {
      again.agree(open(flags, 120, families));

      installed.awaitNone(KEPT);
    }
  }

  @Test
  void aPeerThatIsBackWithoutTheCapabilityHasNoOldRoutes() throws IOException {
    announcing(open("0", 120, IPV4)).close();
    awaitDown(speaker, "n1");

    try (SpokenPeer again = spoken(1)) {
      again.agree(openWith("02", ""));

      installed.awaitNone(KEPT);
    }
  }

  @Test
  void aPeerThatIsNotBackInTimeHasNoRoutes() throws IOException {
    announcing(open("0", 1, IPV4)).close();
    awaitDown(speaker, "n1");

    installed.awaitNone(KEPT);
    installed.awaitNone(LOST);
  }

  @Test
  void aSecondRestartEndsWhatWasStaleBeforeIt() throws IOException {
    announcing(open("0", 120, IPV4)).close();
    awaitDown(speaker, "n1");
    try (SpokenPeer again = spoken(1)) {
      again.agree(open("8", 120, IPV4_FORWARDED));
      again.update(ATTRIBUTES, KEPT_HEX);
      awaitUp(speaker, "n1");
    }

    installed.awaitNone(LOST);
    awaitDown(speaker, "n1");
    assertThat(installed.has(KEPT)).isTrue();
  }

  @ParameterizedTest(name = "N {0}, {1}: kept {2}")
  @CsvSource({"4, 0602, true", "0, 0602, false", "4, 0609, false", "4, 0400, true"})
  void routesStayOverANotificationOnlyIfBothSaidSo(String flags, String last, boolean kept)
      throws IOException {
    try (SpokenPeer peer = announcing(open(flags, 120, IPV4))) {
      peer.say(SpokenPeer.NOTIFICATION, last);
      awaitDown(speaker, "n1");
    }

    if (!kept) {
      installed.awaitNone(KEPT);
    }
    assertThat(installed.has(KEPT)).isEqualTo(kept);
  }

  @Test
  void aNewConnectionOfTheSamePeerIsItsRestart() throws IOException {
    try (SpokenPeer forgotten = announcing(open("0", 120, IPV4));
        SpokenPeer again = spoken(1)) {
      again.agree(open("8", 120, IPV4_FORWARDED));
      again.update(ATTRIBUTES, KEPT_HEX);
      again.say(SpokenPeer.UPDATE, END_OF_RIB);

      installed.awaitNone(LOST);
      assertThat(installed.has(KEPT)).isTrue();
      assertThat(status(speaker, "n1").sessions()).isEqualTo(2);
      assertThat(forgotten).isNotNull();
    }
  }

  @Tag("G10")
  @ParameterizedTest(name = "restarting: {0}")
  @ValueSource(booleans = {false, true})
  void ownRoutesAreAnnouncedAtOnceAlsoWhileTheOthersOfARestartAreWaitedFor(boolean restarting)
      throws IOException {
    speaker.close();
    SpeakerConfig alone =
        config(SERVER, passive(1, AS).client(true), passive(2, AS).client(true))
            .withRoutes(List.of(LocalRoute.of(Cidr.parse("10.244.1.0/26"))));
    start(restarting ? alone.afterRestart(Duration.ofMinutes(5)) : alone);

    try (SpokenPeer peer = spoken(1)) {
      peer.agree(open("0", 120, IPV4));
      long up = System.nanoTime();

      String told = peer.hear(SpokenPeer.UPDATE).body();

      assertThat(told).endsWith("1a0af40100");
      assertThat(Duration.ofNanos(System.nanoTime() - up)).isLessThan(Duration.ofSeconds(2));
    }
  }
}
