package io.denim.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.denim.net.IpAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a session may be. */
class BfdConfigTest {
  private static final IpAddress NEAR = IpAddress.parse("192.0.2.1");
  private static final IpAddress FAR = IpAddress.parse("192.0.2.2");

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 2001:db8::2, one family",
    "0.0.0.0, 192.0.2.2, one host",
    "192.0.2.1, 224.0.0.5, one host",
    "fe80::1, fe80::2, needs the device"
  })
  void addressesThatCannotMeetAreRefused(String local, String remote, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BfdConfig.of(IpAddress.parse(local), IpAddress.parse(remote)))
        .withMessageContaining(why);
  }

  @ParameterizedTest
  @CsvSource({"9, 3, interval", "60001, 3, interval", "300, 0, multiplier", "300, 256, multiplier"})
  void aPaceThatPacketsCannotTellOrNobodyCanKeepIsRefused(long millis, int times, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BfdConfig.of(NEAR, FAR).every(Duration.ofMillis(millis), times))
        .withMessageContaining(why);
  }

  @Test
  void severalHopsAndADeviceExcludeEachOther() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BfdConfig.of(NEAR, FAR, "eth0").overSeveralHops());
  }

  @Test
  void anEndpointIsShownAsPeopleWriteIt() {
    assertThat(BfdConfig.of(NEAR, FAR, "eth0").endpoint()).hasToString("192.0.2.1:3784 at eth0");
    assertThat(BfdConfig.of(IpAddress.parse("::1"), IpAddress.parse("::2")).endpoint())
        .hasToString("[::1]:3784");
  }
}
