package io.denim.agent;

import io.denim.agent.Signal.NotYet;
import io.denim.ipam.SubnetEnvFile;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.network.Membership;
import io.denim.network.Membership.View;
import io.denim.network.Remembered;
import io.denim.network.Vanished;
import io.denim.state.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * How far a node has come in taking part in its network: it follows it, joins it, and publishes
 * itself anew when that is due. Says what to ask next and when. Where the store does not answer at
 * the start, or has lost its data, what the node remembers stands in. Used by the loop's thread.
 */
final class Enrolment {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration PUBLISH_AGAIN = Duration.ofMinutes(1);
  private static final Duration WRITE_DOWN_AFTER = Duration.ofSeconds(30);
  private static final Duration WRITE_DOWN_EVERY = Duration.ofHours(1);

  private final Membership membership;
  private final Registrar registrar;
  private final InstantSource clock;
  private final SubnetEnvFile subnetFile;
  private final Path memory;

  private boolean following;
  private boolean joined;
  private Optional<FlannelLease> published = Optional.empty();
  private Optional<Remembered> remembered;
  private Instant nextTry = Instant.MIN;
  private Instant nextRenewal = Instant.MAX;
  private Instant recallUntil = Instant.MIN;
  private Instant writeDownAt = Instant.MAX;
  private Duration pause = Duration.ZERO;
  private String problem = "";

  Enrolment(
      Membership membership,
      Registrar registrar,
      InstantSource clock,
      SubnetEnvFile subnetFile,
      Path memory) {
    this.membership = membership;
    this.registrar = registrar;
    this.clock = clock;
    this.subnetFile = subnetFile;
    this.memory = memory;
    this.remembered = Remembered.read(memory, clock.instant());
  }

  /**
   * Asks for what comes next, unless an answer is still to come or it is not yet time.
   *
   * @param wishes what the node wants to be known by, given the text of the configuration
   */
  void advance(Function<String, FlannelLease> wishes) {
    if (registrar.busy() || clock.instant().isBefore(nextTry) || joined) {
      return;
    }
    if (!following) {
      registrar.follow();
      return;
    }
    Optional<String> text = membership.view().configuration();
    if (text.isEmpty()) {
      // The network calls when there is one.
      problem = "";
      nextTry = Instant.MAX;
      return;
    }
    try {
      FlannelLease lease = wishes.apply(text.get());
      registrar.join(parse(text.get()), lease, subnetFile.read());
    } catch (AgentException e) {
      if (remembered.isEmpty()) {
        throw e;
      }
      problem = String.valueOf(e.getMessage());
      nextTry = clock.instant().plus(LONGEST_PAUSE);
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
  void publishIfDue(FlannelLease lease, FlannelLease before) {
    Instant now = clock.instant();
    boolean due =
        !now.isBefore(nextRenewal)
            || ((membership.view().lost() || !lease.equals(before)) && !now.isBefore(nextTry));
    if (joined && due && !registrar.busy()) {
      registrar.publish(lease);
    }
  }

  /** The network may look different now. */
  void networkChanged() {
    if (!joined && following && !registrar.busy()) {
      nextTry = Instant.MIN;
    }
    Instant soon = clock.instant().plus(WRITE_DOWN_AFTER);
    if (joined && soon.isBefore(writeDownAt)) {
      writeDownAt = soon;
    }
  }

  void followed(Optional<FlannelLease> lease) {
    registrar.answered();
    following = true;
    published = lease;
    recovered();
    if (lease.isEmpty() && remembered.isPresent()) {
      // The record that this node wrote is gone, and then so may be all others'.
      recallUntil = clock.instant().plus(Vanished.KEPT);
    }
  }

  void joined(Membership.Held held) {
    registrar.answered();
    joined = true;
    recovered();
    nextTry = Instant.MIN;
    nextRenewal = held.renewIn().map(wait -> clock.instant().plus(wait)).orElse(Instant.MAX);
    writeDownAt = clock.instant();
  }

  private void recovered() {
    problem = "";
    pause = Duration.ZERO;
    nextTry = Instant.MIN;
  }

  /**
   * A question that was not answered as wished is asked again later.
   *
   * @throws AgentException when it was refused to a node that has nothing to go on with
   */
  void notYet(NotYet answer, boolean hasNetwork) {
    registrar.answered();
    if (answer.kind() == NotYet.Kind.REFUSED && !hasNetwork && remembered.isEmpty()) {
      throw new AgentException(answer.reason());
    }
    problem = answer.reason();
    if (joined) {
      nextTry = clock.instant().plus(PUBLISH_AGAIN);
      nextRenewal = nextTry;
    } else {
      pause =
          pause.isZero()
              ? FIRST_PAUSE
              : pause.compareTo(LONGEST_PAUSE.dividedBy(2)) > 0
                  ? LONGEST_PAUSE
                  : pause.multipliedBy(2);
      nextTry = clock.instant().plus(pause);
    }
  }

  /** What is wrong with taking part, in words; empty when nothing is. */
  String problem() {
    return problem;
  }

  boolean hasJoined() {
    return joined;
  }

  /** What this node published when it ran last, as far as anybody remembers. */
  Optional<FlannelLease> published() {
    return published.or(() -> remembered.map(known -> known.own().lease()));
  }

  /** What stands in for a network that cannot be asked or has lost its data. */
  Optional<Remembered> standIn() {
    return joined ? Optional.empty() : remembered;
  }

  View view() {
    return membership.view();
  }

  /** The other nodes: those of the view, and those that stand in for them. */
  List<Peer> peers() {
    List<Peer> known = membership.view().peers();
    if (following && !clock.instant().isBefore(recallUntil) && joined) {
      remembered = Optional.empty();
    }
    if (remembered.isEmpty() || (following && !clock.instant().isBefore(recallUntil))) {
      return known;
    }
    List<Peer> all = new ArrayList<>(known);
    for (Peer old : remembered.get().peers()) {
      boolean superseded =
          known.stream().anyMatch(peer -> peer.name().equals(old.name()) || overlap(peer, old));
      if (!superseded) {
        all.add(old);
      }
    }
    all.sort(Comparator.comparing(Peer::name));
    return all;
  }

  private static boolean overlap(Peer a, Peer b) {
    return a.subnetV4().flatMap(own -> b.subnetV4().filter(own::overlaps)).isPresent()
        || a.subnetV6().flatMap(own -> b.subnetV6().filter(own::overlaps)).isPresent();
  }

  /** How long until there is something to do without a signal; empty when nothing is planned. */
  Optional<Duration> nextIn() {
    Instant next = joined ? nextRenewal : nextTry;
    if (registrar.busy()) {
      next = Instant.MAX;
    }
    if (writeDownAt.isBefore(next)) {
      next = writeDownAt;
    }
    if (next.equals(Instant.MAX)) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    return Optional.of(next.isBefore(now) ? Duration.ZERO : Duration.between(now, next));
  }

  /** Writes down what is known, twice a minute at most, for a start without the store. */
  void writeDown(NodeState node) {
    if (!joined || clock.instant().isBefore(writeDownAt)) {
      return;
    }
    writeDownAt = clock.instant().plus(WRITE_DOWN_EVERY);
    membership
        .view()
        .configuration()
        .ifPresent(text -> {
          Remembered now =
              new Remembered(
                  clock.instant(), text, node.held().record(), node.held().key(), peers());
          Thread.ofVirtual().name("remember").start(() -> now.write(memory));
        });
  }
}
