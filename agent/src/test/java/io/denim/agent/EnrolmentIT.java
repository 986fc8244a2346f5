package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.ipam.SubnetEnvFile;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.LeaseRecord;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetOrigin;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.network.Membership;
import io.denim.network.NotYetException;
import io.denim.network.Remembered;
import io.denim.store.StoreHealth;
import io.denim.store.TestClock;
import io.denim.store.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node asks its network, and when, by a clock of the test's. */
class EnrolmentIT {
  private static final FlannelLease LEASE = FlannelLease.of(IpAddress.parse("10.1.0.1"));
  private static final FlannelLease MOVED = FlannelLease.of(IpAddress.parse("10.1.0.2"));
  private static final LeaseRecord RECORD =
      new LeaseRecord(Optional.of(Cidr.parse("10.244.1.0/24")), Optional.empty(), LEASE);
  private static final Duration RENEWAL = Duration.ofHours(23);

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final Scripted membership = new Scripted();
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Registrar registrar = new Registrar("n1", membership, signals::add);

  /** Answers as it is told to, and keeps account. */
  private static final class Scripted implements Membership {
    private final Queue<RuntimeException> refusals = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private Optional<String> configuration = Optional.of(TestCluster.VXLAN);
    private Optional<FlannelLease> published = Optional.empty();
    private Optional<SubnetEnv> previous = Optional.empty();
    private boolean lost;

    private synchronized void asked(String what) {
      asked.add(what);
      RuntimeException refusal = refusals.poll();
      if (refusal != null) {
        throw refusal;
      }
    }

    synchronized List<String> takeAsked() {
      List<String> taken = List.copyOf(asked);
      asked.clear();
      return taken;
    }

    @Override
    public SubnetOrigin origin() {
      return SubnetOrigin.LEASES;
    }

    @Override
    public void follow(Runnable changed) {
      asked("follow");
    }

    @Override
    public View view() {
      return new View(configuration, List.of(), Map.of(), lost, Map.of(), List.of());
    }

    @Override
    public Optional<FlannelLease> published() {
      return published;
    }

    @Override
    public Held join(FlannelConfig config, FlannelLease lease, Optional<SubnetEnv> before) {
      previous = before;
      asked("join");
      return new Held(RECORD, "record", "it was free", Optional.of(RENEWAL));
    }

    @Override
    public Held publish(FlannelLease lease) {
      asked("publish " + lease.publicIp());
      return new Held(RECORD, "record", "renewed", Optional.of(RENEWAL));
    }

    @Override
    public void announceReady() {
      asked("ready");
    }

    @Override
    public StoreHealth health() {
      return new StoreHealth("n1", new TestClock());
    }

    @Override
    public void close() {}
  }

  private Enrolment enrolment() {
    return new Enrolment(
        membership,
        registrar,
        clock,
        clock,
        new SubnetEnvFile(folder.resolve("subnet.env")),
        new Memory(folder.resolve("network.json"), clock, clock));
  }

  private void remember() {
    new Remembered(clock.instant(), TestCluster.VXLAN, RECORD, "record", List.of())
        .write(folder.resolve("network.json"));
  }

  /** A round of the loop: all that has been answered is taken in, then what is due is asked. */
  private void round(Enrolment enrolment, FlannelLease lease) {
    answer(enrolment);
    enrolment.advance(_ -> LEASE);
    enrolment.publishIfDue(lease);
    answer(enrolment);
  }

  private void answer(Enrolment enrolment) {
    while (registrar.busy()) {
      switch (next()) {
        case Signal.Followed(Optional<FlannelLease> published) -> enrolment.followed(published);
        case Signal.Joined(Membership.Held held) -> enrolment.joined(held);
        case Signal.NotYet answer -> enrolment.notYet(answer, enrolment.hasJoined());
        case Signal.Kernel _, Signal.Network _, Signal.Stop _ ->
            throw new AssertionError("nobody sends that here");
      }
    }
  }

  private Signal next() {
    try {
      return Optional.ofNullable(signals.poll(10, TimeUnit.SECONDS)).orElseThrow();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Enrolment joined() {
    Enrolment enrolment = enrolment();
    round(enrolment, LEASE);
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).containsExactly("follow", "join");
    assertThat(enrolment.hasJoined()).isTrue();
    return enrolment;
  }

  @Test
  void aNodeFollowsJoinsAndRenewsWhenThatIsDue() {
    Enrolment enrolment = joined();
    round(enrolment, LEASE);
    clock.pass(RENEWAL.minusMillis(1));
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).isEmpty();
    clock.pass(Duration.ofMillis(1));
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).containsExactly("publish 10.1.0.1");
    assertThat(enrolment.problems()).isEmpty();
  }

  @Test
  void aStoreThatDoesNotAnswerIsAskedAgainWithGrowingPauses() {
    for (int i = 0; i < 20; i++) {
      membership.refusals.add(new UnavailableException("away"));
    }
    Enrolment enrolment = enrolment();
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      round(enrolment, LEASE);
      long wait = enrolment.nextIn().orElseThrow().toMillis();
      pauses.add(wait);
      clock.pass(Duration.ofMillis(wait));
    }
    assertThat(pauses)
        .containsExactly(
            100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 10_000L, 10_000L, 10_000L, 10_000L,
            10_000L);
    assertThat(membership.takeAsked()).hasSize(12).containsOnly("follow");
    assertThat(enrolment.problems()).singleElement().asString().contains("away");
  }

  @Test
  void renewalThatFailsIsTriedAgainSoonAndThenEveryMinute() {
    Enrolment enrolment = joined();
    for (int i = 0; i < 14; i++) {
      membership.refusals.add(new UnavailableException("away"));
    }
    clock.pass(RENEWAL);
    round(enrolment, LEASE);
    assertThat(enrolment.nextIn()).contains(Duration.ZERO);
    Duration spent = Duration.ZERO;
    while (!membership.refusals.isEmpty()) {
      clock.pass(Duration.ofMillis(100));
      spent = spent.plusMillis(100);
      round(enrolment, LEASE);
    }
    // 0.1 s and so on up to 51.2 s, then four times a minute.
    assertThat(spent).isBetween(Duration.ofSeconds(281), Duration.ofSeconds(284));
    clock.pass(Duration.ofMinutes(1));
    round(enrolment, LEASE);
    assertThat(enrolment.problems()).isEmpty();
  }

  @Test
  void aRecordThatIsLostIsPublishedAgainButNoMoreThanOnceASecond() {
    Enrolment enrolment = joined();
    membership.lost = true;
    for (int i = 0; i < 100; i++) {
      round(enrolment, LEASE);
      clock.pass(Duration.ofMillis(100));
    }
    assertThat(membership.takeAsked()).hasSize(9).containsOnly("publish 10.1.0.1");
  }

  /** The store was away for so long that only once a minute it is asked. */
  private Enrolment afterAnOutage() {
    Enrolment enrolment = joined();
    for (int i = 0; i < 12; i++) {
      membership.refusals.add(new UnavailableException("away"));
    }
    clock.pass(RENEWAL);
    while (!membership.refusals.isEmpty()) {
      round(enrolment, LEASE);
      clock.pass(Duration.ofSeconds(1));
    }
    assertThat(membership.takeAsked()).hasSize(12);
    clock.pass(Duration.ofSeconds(50));
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).isEmpty();
    return enrolment;
  }

  @Test
  void aRecordThatAStoreLostInAnOutageIsPublishedAgainAsSoonAsTheStoreTellsOfIt() {
    Enrolment enrolment = afterAnOutage();
    membership.lost = true;
    enrolment.networkChanged();
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).containsExactly("publish 10.1.0.1");
    assertThat(enrolment.problems()).isEmpty();
  }

  @Test
  void newsThatComeBeforeTheAnswerToAQuestionCountAsWell() {
    Enrolment enrolment = joined();
    clock.pass(RENEWAL);
    for (int i = 0; i < 12; i++) {
      membership.refusals.add(new UnavailableException("away"));
    }
    membership.lost = true;
    for (int i = 0; i < 12; i++) {
      enrolment.advance(_ -> LEASE);
      enrolment.publishIfDue(LEASE);
      enrolment.networkChanged();
      answer(enrolment);
      round(enrolment, LEASE);
      assertThat(membership.takeAsked()).hasSize(1);
      clock.pass(Duration.ofSeconds(1));
    }
  }

  @Test
  void whoCannotFollowYetIsNotHurriedByThePartThatWasRead() {
    membership.refusals.add(new UnavailableException("away"));
    Enrolment enrolment = enrolment();
    enrolment.advance(_ -> LEASE);
    enrolment.networkChanged();
    answer(enrolment);
    enrolment.networkChanged();
    assertThat(enrolment.nextIn()).contains(Duration.ofMillis(100));
  }

  @Test
  void anotherAddressIsPublishedOnceWhateverTheNetworkMakesOfIt() {
    Enrolment enrolment = joined();
    clock.pass(Duration.ofSeconds(1));
    for (int i = 0; i < 5; i++) {
      round(enrolment, MOVED);
      clock.pass(Duration.ofSeconds(1));
    }
    // What the membership holds says the old address all the time.
    assertThat(membership.takeAsked()).containsExactly("publish 10.1.0.2");
  }

  @Test
  void whoIsRefusedPublishingAsksAgainAfterAMinute() {
    Enrolment enrolment = joined();
    membership.lost = true;
    membership.refusals.add(
        InvalidConfigException.of("subnet", "10.244.1.0/24", "is held by n9 now"));
    clock.pass(Duration.ofSeconds(1));
    round(enrolment, LEASE);
    assertThat(enrolment.problems()).singleElement().asString().contains("held by n9 now");
    clock.pass(Duration.ofSeconds(59));
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).hasSize(1);
    clock.pass(Duration.ofSeconds(1));
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).hasSize(1);
    assertThat(enrolment.problems()).isEmpty();
  }

  @Test
  void whoIsRefusedJoiningAndRemembersNothingGivesUp() {
    Enrolment enrolment = enrolment();
    round(enrolment, LEASE);
    membership.refusals.add(InvalidConfigException.of("Network", "10.244.0.0/16", "all are taken"));
    assertThatThrownBy(() -> round(enrolment, LEASE))
        .isInstanceOf(AgentException.class)
        .hasMessageContaining("all are taken");
  }

  @Test
  void whoIsRefusedJoiningAndRemembersGoesOnWithThatAndAsksAgainNowAndThen() {
    remember();
    Enrolment enrolment = enrolment();
    round(enrolment, LEASE);
    assertThat(enrolment.isStuck()).isFalse();
    membership.refusals.add(InvalidConfigException.of("Network", "10.244.0.0/16", "all are taken"));
    round(enrolment, LEASE);
    assertThat(enrolment.isStuck()).isTrue();
    assertThat(enrolment.standIn()).isPresent();
    for (int i = 0; i < 50; i++) {
      enrolment.networkChanged();
      round(enrolment, LEASE);
    }
    assertThat(membership.takeAsked()).containsExactly("follow", "join");
    clock.pass(Duration.ofMillis(100));
    round(enrolment, LEASE);
    assertThat(enrolment.hasJoined()).isTrue();
    assertThat(enrolment.standIn()).isEmpty();
  }

  @Test
  void whoIsToldToWaitIsNotStuckAndAsksAtEveryChangeButNotMoreThanTenTimesASecond() {
    remember();
    Enrolment enrolment = enrolment();
    round(enrolment, LEASE);
    for (int i = 0; i < 30; i++) {
      membership.refusals.add(new NotYetException("no podCIDR yet"));
    }
    for (int i = 0; i < 100; i++) {
      enrolment.networkChanged();
      round(enrolment, LEASE);
      assertThat(enrolment.isStuck()).isFalse();
      clock.pass(Duration.ofMillis(10));
    }
    assertThat(membership.takeAsked()).hasSize(11);
  }

  @Test
  void withoutAConfigurationItWaitsForOneAndIsStuck() {
    remember();
    membership.configuration = Optional.empty();
    Enrolment enrolment = enrolment();
    round(enrolment, LEASE);
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).containsExactly("follow");
    assertThat(enrolment.isStuck()).isTrue();
    clock.pass(Duration.ofHours(1));
    assertThat(enrolment.nextIn()).isEmpty();
    membership.configuration = Optional.of(TestCluster.VXLAN);
    enrolment.networkChanged();
    round(enrolment, LEASE);
    assertThat(membership.takeAsked()).containsExactly("join");
    assertThat(membership.previous.orElseThrow().ipv4().orElseThrow().subnet())
        .isEqualTo(Cidr.parse("10.244.1.0/24"));
  }

  @Test
  void aConfigurationThatIsNotValidEndsANodeThatRemembersNothing() {
    membership.configuration = Optional.of("{}");
    Enrolment enrolment = enrolment();
    round(enrolment, LEASE);
    assertThatThrownBy(() -> round(enrolment, LEASE))
        .isInstanceOf(AgentException.class)
        .hasMessageContaining("not valid");
  }

  @Test
  void aConfigurationThatIsMendedIsTriedAtOnce() {
    remember();
    membership.published = Optional.of(LEASE);
    membership.configuration = Optional.of("{}");
    Enrolment enrolment = enrolment();
    round(enrolment, LEASE);
    round(enrolment, LEASE);
    enrolment.networkChanged();
    round(enrolment, LEASE);
    assertThat(enrolment.problems()).singleElement().asString().contains("not valid");
    assertThat(enrolment.isStuck()).isTrue();
    membership.configuration = Optional.of(TestCluster.VXLAN);
    enrolment.networkChanged();
    round(enrolment, LEASE);
    assertThat(enrolment.hasJoined()).isTrue();
    assertThat(enrolment.problems()).isEmpty();
  }

  @Test
  void aStoreThatLetsANodeWaitForLongMakesItStuck() {
    remember();
    Enrolment enrolment = enrolment();
    enrolment.advance(_ -> LEASE);
    assertThat(enrolment.isStuck()).isFalse();
    Duration patience = enrolment.nextIn().orElseThrow();
    assertThat(patience).isEqualTo(Duration.ofSeconds(2));
    clock.pass(patience);
    assertThat(enrolment.isStuck()).isTrue();
    answer(enrolment);
  }
}
