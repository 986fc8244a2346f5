package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HoldMarginTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long HOLD = 90 * SECOND;

  @Test
  void theLeastOfAllIsToldAndWhatIsLeftNow() {
    HoldMargin margin = new HoldMargin(HOLD, 0);

    margin.left(60 * SECOND, 30 * SECOND);
    margin.left(45 * SECOND, 75 * SECOND);
    margin.left(60 * SECOND, 105 * SECOND);

    assertThat(margin.least(HOLD, 106 * SECOND)).isEqualTo(0.5);
    assertThat(margin.least(9 * SECOND, 186 * SECOND)).isEqualTo(0.1);
  }

  @Test
  void whatWasNearIsForgottenAfterTenMinutes() {
    HoldMargin margin = new HoldMargin(HOLD, 0);
    margin.left(9 * SECOND, SECOND);

    assertThat(margin.least(HOLD, 400 * SECOND)).isEqualTo(0.1);
    assertThat(margin.least(HOLD, 1100 * SECOND)).isEqualTo(1);
  }

  @Test
  void itIsAPartFrom0To1() {
    HoldMargin margin = new HoldMargin(HOLD, 0);

    assertThat(margin.least(200 * SECOND, 0)).isEqualTo(1);
    assertThat(margin.least(-SECOND, 0)).isZero();
  }
}
