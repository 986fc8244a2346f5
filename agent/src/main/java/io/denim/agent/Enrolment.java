package io.denim.agent;

import io.denim.agent.Signal.NotYet;
import io.denim.ipam.AllocationException;
import io.denim.ipam.SubnetEnvFile;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.SubnetEnv;
import io.denim.network.Membership;
import io.denim.network.Membership.View;
import io.denim.network.Remembered;
import io.denim.state.Peer;
import io.denim.store.GrowingPause;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a node has come in taking part in its network: it follows it, joins it, and publishes
 * itself anew when that is due. Says what to ask next and when. Where the store does not answer at
 * the start, or has lost its data, what the node remembers stands in. Used by the loop's thread.
 */
final class Enrolment {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration PUBLISH_AGAIN = Duration.ofMinutes(1);

  /** Whoever changes what this node publishes as often as it does is not raced. */
  private static final Duration BETWEEN_PUBLISHING = Duration.ofSeconds(1);

  /** How long a store may let a node wait that remembers all it needs. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Membership membership;
  private final Registrar registrar;
  private final InstantSource clock;
  private final InstantSource steady;
  private final SubnetEnvFile subnetFile;
  private final Memory memory;
  private final Instant patientUntil;

  private boolean following;
  private boolean joined;
  private boolean awaitsConfiguration;
  private boolean newsMeanwhile;
  private Optional<FlannelLease> published = Optional.empty();
  private Optional<FlannelLease> asked = Optional.empty();
  private String tried = "";
  private Instant answeredAt = Instant.MIN;
  private Instant nextTry = Instant.MIN;
  private Instant nextRenewal = Instant.MAX;
  private Instant publishAt = Instant.MAX;
  private GrowingPause pause = new GrowingPause(FIRST_PAUSE, LONGEST_PAUSE);
  private Optional<NotYet> refusal = Optional.empty();
  private String problem = "";

  /**
   * Of a node that has asked nothing yet.
   *
   * @param clock the time of day
   * @param steady tells how much time passes
   */
  Enrolment(
      Membership membership,
      Registrar registrar,
      InstantSource clock,
      InstantSource steady,
      SubnetEnvFile subnetFile,
      Memory memory) {
    this.membership = membership;
    this.registrar = registrar;
    this.clock = clock;
    this.steady = steady;
    this.subnetFile = subnetFile;
    this.memory = memory;
    this.patientUntil = steady.instant().plus(PATIENCE);
  }

  /**
   * Asks for what comes next, unless an answer is still to come or it is not yet time.
   *
   * @param wishes what the node wants to be known by, given the text of the configuration
   * @throws AgentException when the node cannot say, and has nothing to go on with
   */
  void advance(Function<String, FlannelLease> wishes) {
    if (joined || registrar.busy() || steady.instant().isBefore(nextTry)) {
      return;
    }
    if (!following) {
      registrar.follow();
      return;
    }
    Optional<String> text = membership.view().configuration();
    // The network calls when there is one.
    awaitsConfiguration = text.isEmpty();
    if (awaitsConfiguration) {
      problem = "";
      return;
    }
    tried = text.get();
    try {
      FlannelConfig config = parse(tried);
      FlannelLease lease = wishes.apply(tried);
      asked = Optional.of(lease);
      registrar.join(config, lease, previous());
    } catch (AgentException e) {
      if (memory.remembered().isEmpty()) {
        throw e;
      }
      problem = String.valueOf(e.getMessage());
      nextTry = steady.instant().plus(LONGEST_PAUSE);
    }
  }

  /** What the node had, for its wishes; that a file is damaged costs no more than it says. */
  private Optional<SubnetEnv> previous() {
    try {
      return subnetFile.read().or(() -> memory.subnets(membership.origin()));
    } catch (InvalidConfigException | AllocationException e) {
      LOG.warn("the subnet of the last run is not known: {}", e.getMessage());
      return memory.subnets(membership.origin());
    }
  }

  /**
   * Reads a configuration.
   *
   * @throws AgentException when it is not valid
   */
  FlannelConfig parse(String text) {
    try {
      return FlannelConfig.parse(text, membership.origin());
    } catch (InvalidConfigException e) {
      throw new AgentException("the network configuration is not valid: " + e.getMessage(), e);
    }
  }

  /** Publishes the node anew if that is due. */
  void publishIfDue(FlannelLease lease) {
    if (!joined) {
      return;
    }
    boolean news = membership.view().lost() || asked.filter(lease::equals).isEmpty();
    publishAt = news && nextTry.isBefore(nextRenewal) ? nextTry : nextRenewal;
    if (!registrar.busy() && !steady.instant().isBefore(publishAt)) {
      asked = Optional.of(lease);
      registrar.publish(lease);
    }
  }

  /** The network may look different now. */
  void networkChanged() {
    memory.changed();
    if (registrar.busy()) {
      newsMeanwhile = true;
    } else {
      hurry();
    }
  }

  /** What a pause was to wait for may be just what has come; but no more often than this. */
  private void hurry() {
    if (!following) {
      return;
    }
    if (joined) {
      // A store that tells of the record answers again. Who is refused would be once more.
      if (membership.view().lost() && !isAnswered(NotYet.Kind.REFUSED)) {
        nextTry = earlier(nextTry, answeredAt.plus(BETWEEN_PUBLISHING));
      }
    } else if (!membership.view().configuration().equals(Optional.of(tried))) {
      nextTry = Instant.MIN;
    } else if (isAnswered(NotYet.Kind.WAIT)) {
      nextTry = earlier(nextTry, answeredAt.plus(FIRST_PAUSE));
    }
  }

  private boolean isAnswered(NotYet.Kind kind) {
    return refusal.filter(answer -> answer.kind() == kind).isPresent();
  }

  void followed(Optional<FlannelLease> lease) {
    answered();
    following = true;
    published = lease;
    memory.followed(lease.isPresent());
    recovered();
    nextTry = Instant.MIN;
  }

  void joined(Membership.Held held) {
    answered();
    if (!joined) {
      memory.joined();
      pause = new GrowingPause(FIRST_PAUSE, PUBLISH_AGAIN);
    }
    joined = true;
    recovered();
    nextTry = answeredAt.plus(BETWEEN_PUBLISHING);
    nextRenewal = held.renewIn().map(answeredAt::plus).orElse(Instant.MAX);
    publishAt = nextRenewal;
  }

  private void answered() {
    registrar.answered();
    answeredAt = steady.instant();
  }

  private void recovered() {
    newsMeanwhile = false;
    problem = "";
    refusal = Optional.empty();
    pause.reset();
  }

  /**
   * A question that was not answered as wished is asked again later.
   *
   * @throws AgentException when it was refused to a node that has nothing to go on with
   */
  void notYet(NotYet answer, boolean hasNetwork) {
    answered();
    boolean refused = answer.kind() == NotYet.Kind.REFUSED;
    if (refused && !hasNetwork && memory.remembered().isEmpty()) {
      throw new AgentException(answer.reason());
    }
    problem = answer.reason();
    refusal = Optional.of(answer);
    nextTry = answeredAt.plus(joined && refused ? PUBLISH_AGAIN : pause.next());
    if (joined) {
      nextRenewal = nextTry;
      publishAt = nextTry;
    }
    if (newsMeanwhile) {
      newsMeanwhile = false;
      hurry();
    }
  }

  /**
   * Whether the node cannot be given its subnets for now, so that it had better go on with what it
   * had. Who is told to wait by a network that works is not: it may be given others.
   */
  boolean isStuck() {
    return !joined
        && !isAnswered(NotYet.Kind.WAIT)
        && (!problem.isEmpty() || awaitsConfiguration || !steady.instant().isBefore(patientUntil));
  }

  /** What is wrong with taking part, in words; empty when nothing is. */
  List<String> problems() {
    return Stream.of(problem, memory.problem()).filter(each -> !each.isEmpty()).toList();
  }

  boolean hasJoined() {
    return joined;
  }

  /** What this node published when it ran last, as far as anybody remembers. */
  Optional<FlannelLease> published() {
    return published.or(() -> memory.remembered().map(known -> known.own().lease()));
  }

  /** What stands in for a network that cannot be asked or has lost its data. */
  Optional<Remembered> standIn() {
    return joined ? Optional.empty() : memory.remembered();
  }

  View view() {
    return membership.view();
  }

  /** The other nodes: those of the view, and those that stand in for them. */
  List<Peer> peers() {
    return memory.with(membership.view().peers());
  }

  /** How long until there is something to do without a signal; empty when nothing is planned. */
  Optional<Duration> nextIn() {
    Instant now = steady.instant();
    Instant next = memory.next();
    if (!registrar.busy() && (joined || !awaitsConfiguration)) {
      next = earlier(next, joined ? publishAt : nextTry);
    }
    if (!joined && memory.remembered().isPresent() && now.isBefore(patientUntil)) {
      next = earlier(next, patientUntil);
    }
    if (next.equals(Instant.MAX)) {
      return Optional.empty();
    }
    return Optional.of(next.isBefore(now) ? Duration.ZERO : Duration.between(now, next));
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  /**
   * Writes down what is known, for a start without the store.
   *
   * @param configuration the text that is in force
   */
  void writeDown(NodeState node, String configuration) {
    if (joined) {
      memory.writeIfDue(() ->
          new Remembered(
              clock.instant(), configuration, node.held().record(), node.held().key(), peers()));
    }
  }
}
