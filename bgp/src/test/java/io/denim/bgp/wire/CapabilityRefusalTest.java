package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.net.Family;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CapabilityRefusalTest {
  private static final Capabilities ALL =
      Capabilities.builder()
          .family(Family.IPV4)
          .family(Family.IPV6)
          .routeRefresh()
          .fourOctetAs()
          .addPath(Family.IPV4, AddPath.BOTH)
          .addPath(Family.IPV6, AddPath.BOTH)
          .gracefulRestart(
              new GracefulRestart(false, true, 120, Map.of(Family.IPV4, false, Family.IPV6, false)))
          .build();

  @Test
  void whoDoesNotKnowTheParameterIsSentNoCapability() {
    assertThat(ALL.without(Notification.of(2, 4, (byte) 2, (byte) 0))).isEqualTo(Capabilities.NONE);
  }

  @Test
  void aFamilyThatIsRefusedTakesAlongWhatIsSaidOfIt() {
    byte[] ipv6 = {1, 4, 0, 2, 0, 1};

    Capabilities left = ALL.without(Notification.of(2, 7, ipv6));

    assertThat(left.families()).containsExactly(Family.IPV4);
    assertThat(left.addPath()).containsOnlyKeys(Family.IPV4);
    assertThat(left.gracefulRestart().orElseThrow().families()).containsOnlyKeys(Family.IPV4);
    assertThat(left.routeRefresh()).isTrue();
  }

  @Test
  void whatIsNamedGoesAndTheRestStays() {
    byte[] addPathAndCutOff = {69, 4, 0, 1, 1, 3, 2, 0, 65, 4, 0};

    Capabilities left = ALL.without(Notification.of(2, 7, addPathAndCutOff));

    assertThat(left.addPath()).isEmpty();
    assertThat(left.routeRefresh()).isFalse();
    assertThat(left.fourOctetAs()).isTrue();
  }

  @Test
  void noFamilyIsLeftIsNoWayToGoOn() {
    byte[] both = {1, 4, 0, 1, 0, 1, 1, 4, 0, 2, 0, 1};
    Capabilities onlyV6 = Capabilities.builder().family(Family.IPV6).build();

    assertThat(ALL.without(Notification.of(2, 7, both))).isEqualTo(ALL);
    assertThat(onlyV6.without(Notification.of(2, 4))).isEqualTo(onlyV6);
  }

  @Test
  void otherErrorsRefuseNothing() {
    assertThat(ALL.without(Notification.of(2, 2))).isEqualTo(ALL);
    assertThat(ALL.without(Notification.of(6, 4))).isEqualTo(ALL);
    assertThat(ALL.without(Notification.of(2, 7))).isEqualTo(ALL);
  }
}
