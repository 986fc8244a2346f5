package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.apply.Kernel;
import io.denim.apply.Observed.Part;
import io.denim.apply.Reconciler.Outcome;
import io.denim.apply.Step;
import io.denim.plan.Desired;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AgentMetersTest {
  private static final Duration TOOK = Duration.ofMillis(250);
  private static final Step STEP = new Step.Sysctl("net/ipv4/ip_forward", "1");
  private static final Outcome NOTHING = new Outcome(List.of(), List.of());
  private static final Outcome ONE_STEP = new Outcome(List.of(STEP), List.of());
  private static final Outcome REFUSED =
      new Outcome(List.of(STEP), List.of(new Kernel.Failed(STEP, "EROFS", false)));
  private static final Desired OTHER =
      new Desired(
          List.of(),
          "",
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Desired.NOTHING.firewall(),
          List.of(new Desired.SysctlRule.Exactly("net/ipv4/ip_forward", "1")),
          true);

  private final AgentMeters meters = new AgentMeters();

  private void rounds(Desired desired, Outcome... outcomes) {
    Stream.of(outcomes).forEach(outcome -> meters.round(desired, outcome, TOOK));
  }

  @Test
  void roundsStepsAndFailuresAreCounted() {
    rounds(OTHER, REFUSED, ONE_STEP);

    assertThat(meters.rounds()).isEqualTo(2);
    assertThat(meters.roundSeconds()).isEqualTo(0.5);
    assertThat(meters.lastRoundSeconds()).isEqualTo(0.25);
    assertThat(meters.steps(Part.SYSCTLS)).isEqualTo(2);
    assertThat(meters.failures(Part.SYSCTLS)).isEqualTo(1);
    assertThat(meters.steps(Part.ROUTES)).isZero();
  }

  @Test
  void whatNothingAskedForIsDrift() {
    rounds(OTHER, ONE_STEP, NOTHING, ONE_STEP);

    assertThat(meters.drift(Part.SYSCTLS)).isEqualTo(1);
  }

  @Test
  void theFirstRoundAndAChangeOfWhatIsDesiredAreNoDrift() {
    rounds(Desired.NOTHING, ONE_STEP);
    rounds(OTHER, ONE_STEP);

    assertThat(meters.drift(Part.SYSCTLS)).isZero();
  }

  @Test
  void whatIsTriedAgainIsNoDrift() {
    rounds(OTHER, REFUSED, ONE_STEP);

    assertThat(meters.drift(Part.SYSCTLS)).isZero();
  }

  @Test
  void callsAreCountedByVerbAndCode() {
    meters.answered("ADD", 0, TOOK);
    meters.answered("ADD", 0, TOOK);
    meters.answered("ADD", 11, TOOK);

    assertThat(meters.calls())
        .isEqualTo(
            Map.of(new AgentMeters.Result("ADD", 0), 2L, new AgentMeters.Result("ADD", 11), 1L));
    assertThat(meters.callDurations().get("ADD"))
        .satisfies(all -> {
          assertThat(all.seconds()).isEqualTo(0.75);
          assertThat(all.counts()[7]).as("up to 0.25 s").isEqualTo(3);
        });
  }

  @Test
  void aCallLongerThanAllClassesIsInTheLast() {
    var durations = new Durations();

    durations.add(Duration.ofHours(1));

    assertThat(durations.counts()[Durations.bounds().length - 1]).isEqualTo(1);
  }

  @Test
  void aLeaseRunsDownAndAReservationDoesNot() {
    assertThat(meters.leaseSeconds()).isEmpty();

    meters.lease(Optional.of(Duration.ofHours(24)));
    assertThat(meters.leaseSeconds().orElseThrow()).isBetween(86_000.0, 86_400.0);

    meters.lease(Optional.of(Duration.ZERO));
    assertThat(meters.leaseSeconds()).hasValue(0);

    meters.lease(Optional.empty());
    assertThat(meters.leaseSeconds()).isEmpty();
  }
}
