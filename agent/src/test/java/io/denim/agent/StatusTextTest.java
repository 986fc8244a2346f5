package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.StoreStatus;
import io.denim.store.StoreHealth;
import io.denim.store.StoreHealth.Operation;
import io.denim.store.TestClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StatusTextTest {
  @Test
  void whenAStoreWasHeardIsToldByTheTimeOfDayAlsoAfterThatWasSet() {
    TestClock steady = new TestClock();
    StoreHealth health = new StoreHealth("n1", steady);
    health.answered(Operation.GET, Duration.ZERO);
    steady.pass(Duration.ofMinutes(2));
    health.failed(Operation.GET, Duration.ZERO, "no route to host");
    steady.pass(Duration.ofMinutes(1));

    StoreStatus status = StatusText.of(health.report(), Instant.parse("2031-05-04T12:00:00Z"));

    assertThat(status)
        .isEqualTo(
            new StoreStatus(
                false, "2031-05-04T11:59:00Z", "2031-05-04T11:57:00Z", "no route to host"));
  }
}
