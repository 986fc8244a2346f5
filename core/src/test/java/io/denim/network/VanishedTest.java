package io.denim.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.store.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VanishedTest {
  private final TestClock clock = new TestClock();
  private final Vanished vanished = new Vanished(clock);

  @Test
  void whatIsKnownAndNotListedVanishesAndIsDueAfterAWhile() {
    vanished.listed(List.of("a", "b", "c"), Set.of("b"));
    assertThat(vanished.names()).containsExactlyInAnyOrder("a", "c");
    clock.pass(Vanished.KEPT.minusMillis(1));
    assertThat(vanished.due()).isEmpty();
    clock.pass(Duration.ofMillis(1));
    assertThat(vanished.due()).containsExactlyInAnyOrder("a", "c");
    assertThat(vanished.isEmpty()).isTrue();
    assertThat(vanished.due()).isEmpty();
  }

  @Test
  void listingOnceMoreDoesNotMakeItWaitLonger() {
    vanished.listed(List.of("a", "b"), Set.of("b"));
    clock.pass(Vanished.KEPT.dividedBy(2));
    vanished.listed(List.of("a", "b"), Set.of());
    clock.pass(Vanished.KEPT.dividedBy(2));
    assertThat(vanished.due()).containsExactly("a");
    assertThat(vanished.names()).containsExactly("b");
  }

  @Test
  void whatIsListedAgainOrSettledIsNoLongerMissed() {
    vanished.listed(List.of("a", "b"), Set.of());
    vanished.listed(List.of("a", "b"), Set.of("a"));
    vanished.settled("b");
    assertThat(vanished.isEmpty()).isTrue();
    assertThat(vanished.problem()).isEmpty();
  }

  @Test
  void countedAnewItWaitsAllOfItsTime() {
    vanished.listed(List.of("a"), Set.of());
    clock.pass(Vanished.KEPT);
    vanished.countAnew();
    assertThat(vanished.due()).isEmpty();
    clock.pass(Vanished.KEPT);
    assertThat(vanished.due()).containsExactly("a");
  }

  @Test
  void whatAPersonIsToldDoesNotChangeWithEachThatComesBack() {
    assertThat(vanished.problem()).isEmpty();
    vanished.listed(List.of("a", "b", "c"), Set.of());
    String problem = vanished.problem().orElseThrow();
    assertThat(problem)
        .isEqualTo(
            "3 records of nodes were gone when the store was read again (a, …); the ways to those"
                + " that do not come back are kept for 5 minutes each, in case the store has lost"
                + " its data");
    vanished.settled("a");
    vanished.listed(List.of("b", "c"), Set.of("b"));
    assertThat(vanished.problem()).contains(problem);
    vanished.settled("c");
    assertThat(vanished.problem()).isEmpty();
  }
}
