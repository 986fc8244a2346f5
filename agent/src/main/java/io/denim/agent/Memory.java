package io.denim.agent;

import io.denim.model.FlannelConfig;
import io.denim.model.InvalidConfigException;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetOrigin;
import io.denim.net.Family;
import io.denim.network.Remembered;
import io.denim.network.Vanished;
import io.denim.state.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a node remembers of its network, and what of that stands in for a store that does not answer
 * or has lost its data. Used by the loop's thread.
 */
final class Memory implements AutoCloseable {
  private static final Duration WRITE_SOON = Duration.ofSeconds(10);
  private static final Duration WRITE_EVERY = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Path file;
  private final InstantSource clock;
  private final InstantSource steady;
  private Optional<Thread> writer = Optional.empty();

  private Optional<Remembered> remembered;
  private boolean followed;
  private boolean recordGone;
  private Instant until = Instant.MAX;
  private String problem = "";
  private Instant writeAt = Instant.MAX;
  private List<Peer> lastKnown = List.of();
  private List<Peer> lastAll = List.of();

  /**
   * What a file says.
   *
   * @param clock tells how old it is
   * @param steady tells how much time passes
   */
  Memory(Path file, InstantSource clock, InstantSource steady) {
    this.file = file;
    this.clock = clock;
    this.steady = steady;
    remembered = Remembered.read(file, clock.instant());
  }

  /** What is remembered; empty once the network itself says more. */
  Optional<Remembered> remembered() {
    return remembered;
  }

  /**
   * The network is followed.
   *
   * @param hasRecord whether this node's record was there. Where it is gone, so may be all others'
   */
  void followed(boolean hasRecord) {
    followed = true;
    recordGone = !hasRecord;
  }

  /** The node is in its network again. Others that live will soon be too. */
  void joined() {
    if (recordGone && remembered.isPresent()) {
      until = steady.instant().plus(Vanished.KEPT);
      problem =
          "this node's record was gone from the store; the ways to nodes that were known before and"
              + " do not come back are kept until "
              + clock.instant().plus(Vanished.KEPT).truncatedTo(ChronoUnit.SECONDS)
              + ", in case the store has lost its data";
    } else {
      remembered = Optional.empty();
    }
    writeAt = steady.instant();
  }

  /** The network has changed. */
  void changed() {
    Instant soon = steady.instant().plus(WRITE_SOON);
    if (soon.isBefore(writeAt) && !writeAt.equals(Instant.MAX)) {
      writeAt = soon;
    }
  }

  /** The peers that the network knows, and those that stand in for others. */
  List<Peer> with(List<Peer> known) {
    if (!steady.instant().isBefore(until)) {
      remembered = Optional.empty();
      until = Instant.MAX;
      problem = "";
      lastKnown = List.of();
      lastAll = List.of();
    }
    if (remembered.isEmpty() || (followed && !recordGone)) {
      return known;
    }
    if (lastAll.isEmpty() || !known.equals(lastKnown)) {
      lastKnown = known;
      lastAll = StandIns.merge(known, remembered.get().peers());
    }
    return lastAll;
  }

  /** What a person is told while there are stand-ins in a network that works; else empty. */
  String problem() {
    return problem;
  }

  /**
   * The subnets that the node had, where its subnet.env is gone, as after a start of the machine.
   */
  Optional<SubnetEnv> subnets(SubnetOrigin origin) {
    try {
      return remembered.map(known -> {
        FlannelConfig config = FlannelConfig.parse(known.configuration(), origin);
        return new SubnetEnv(
            part(config, known, Family.IPV4), part(config, known, Family.IPV6), 0, false);
      });
    } catch (InvalidConfigException e) {
      return Optional.empty();
    }
  }

  private static Optional<SubnetEnv.Part> part(
      FlannelConfig config, Remembered known, Family family) {
    return config
        .network(family)
        .flatMap(network ->
            known.own().subnet(family).map(own -> SubnetEnv.Part.of(network.network(), own)));
  }

  /** When there is something to do here. */
  Instant next() {
    return writeAt.isBefore(until) ? writeAt : until;
  }

  /** Writes down what is known when it is time for that, not on this thread. */
  void writeIfDue(Supplier<Remembered> known) {
    if (steady.instant().isBefore(writeAt)) {
      return;
    }
    if (writer.filter(Thread::isAlive).isPresent()) {
      writeAt = steady.instant().plus(WRITE_SOON);
      return;
    }
    writeAt = steady.instant().plus(WRITE_EVERY);
    Remembered now = known.get();
    writer = Optional.of(Thread.ofVirtual().name("remember").start(() -> now.write(file)));
  }

  /** Waits until what is being written is there. */
  @Override
  public void close() {
    try {
      if (writer.isPresent()) {
        var _ = writer.get().join(PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
