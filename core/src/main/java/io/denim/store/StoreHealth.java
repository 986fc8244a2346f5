package io.denim.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one node's requests to its store end, and whether the store answers at all. Told by whoever
 * speaks to the store ({@link MeteredStore}, or the transport itself), on any thread; read by those
 * who show it. That the store has ceased to answer, or answers again, is logged once.
 */
public final class StoreHealth {
  private static final Logger LOG = LoggerFactory.getLogger(Store.class);

  /** What a store is asked for. */
  public enum Operation {
    /** One entry. */
    GET,
    /** A whole collection. */
    LIST,
    /** To tell what happens in a collection. */
    WATCH,
    /** To write an entry that is not there. */
    CREATE,
    /** To write an entry that is there. */
    REPLACE,
    /** To take an entry away. */
    DELETE
  }

  private final String node;
  private final InstantSource clock;
  private final Map<Operation, Count> counts = new EnumMap<>(Operation.class);
  private final LongAdder watchRestarts = new LongAdder();
  private Contact contact;

  /**
   * Of a store that has not been asked for anything yet.
   *
   * @param node who asks it, for log lines
   */
  public StoreHealth(String node, InstantSource clock) {
    this.node = node;
    this.clock = clock;
    for (Operation operation : Operation.values()) {
      counts.put(operation, new Count(new LongAdder(), new LongAdder(), new LongAdder()));
    }
    Instant now = clock.instant();
    contact = new Contact(State.NEW, now, "it has not answered yet", now);
  }

  private record Count(LongAdder requests, LongAdder failures, LongAdder nanos) {}

  private enum State {
    NEW,
    REACHABLE,
    UNREACHABLE
  }

  private record Contact(State state, Instant since, String reason, Instant last) {}

  /**
   * How requests of one kind have ended.
   *
   * @param requests all of them
   * @param failures those for which the store could not be asked or did not answer; an answer that
   *     says no is none of them
   * @param took the time that all of them took together
   */
  public record Requests(long requests, long failures, Duration took) {}

  /**
   * What is known of a store.
   *
   * @param reachable whether it answered when it was last asked
   * @param since since when that is so
   * @param reason why it is not reachable; empty when it is
   * @param lastContact when it last answered or told of an event; before the first time, when this
   *     account was opened
   * @param requests what it was asked, by operation
   * @param watchRestarts how often a watch had to be begun anew
   * @param at when this was known, by the clock of the other times
   */
  public record Report(
      boolean reachable,
      Instant since,
      String reason,
      Instant lastContact,
      Map<Operation, Requests> requests,
      long watchRestarts,
      Instant at) {
    /** Copies the map. */
    public Report {
      requests = Map.copyOf(requests);
    }
  }

  /** The store has answered, whatever it said. */
  public void answered(Operation operation, Duration took) {
    count(operation, took);
    heard();
  }

  /** The store could not be asked or did not answer; {@code reason} in words for a person. */
  public void failed(Operation operation, Duration took, String reason) {
    count(operation, took).failures().increment();
    synchronized (this) {
      switch (contact.state()) {
        case NEW, REACHABLE -> {
          contact = new Contact(State.UNREACHABLE, clock.instant(), reason, contact.last());
          LOG.warn(
              "the store does not answer, what runs goes on node={} reason=\"{}\"", node, reason);
        }
        case UNREACHABLE ->
            contact = new Contact(State.UNREACHABLE, contact.since(), reason, contact.last());
      }
    }
  }

  /** Something came from the store: an answer, an event of a watch, or another sign of life. */
  public synchronized void heard() {
    Instant now = clock.instant();
    switch (contact.state()) {
      case NEW -> contact = new Contact(State.REACHABLE, now, "", now);
      case REACHABLE -> contact = new Contact(State.REACHABLE, contact.since(), "", now);
      case UNREACHABLE -> {
        LOG.info(
            "the store answers again node={} after={}",
            node,
            Duration.between(contact.since(), now).truncatedTo(ChronoUnit.MILLIS));
        contact = new Contact(State.REACHABLE, now, "", now);
      }
    }
  }

  /** A watch had to be begun anew, because what happened meanwhile is not known. */
  public void watchRestarted() {
    watchRestarts.increment();
  }

  /** How long until nothing will have been heard for this long; zero when it is so already. */
  synchronized Duration untilQuiet(Duration quiet) {
    Duration left = Duration.between(clock.instant(), contact.last().plus(quiet));
    return left.isNegative() || left.compareTo(quiet) > 0 ? Duration.ZERO : left;
  }

  private Count count(Operation operation, Duration took) {
    Count count = Objects.requireNonNull(counts.get(operation));
    count.requests().increment();
    count.nanos().add(took.toNanos());
    return count;
  }

  /** What is known now. */
  public Report report() {
    Map<Operation, Requests> requests = new EnumMap<>(Operation.class);
    counts.forEach((operation, count) ->
        requests.put(
            operation,
            new Requests(
                count.requests().sum(),
                count.failures().sum(),
                Duration.ofNanos(count.nanos().sum()))));
    Contact now;
    synchronized (this) {
      now = contact;
    }
    return new Report(
        now.state() == State.REACHABLE,
        now.since(),
        now.reason(),
        now.last(),
        requests,
        watchRestarts.sum(),
        clock.instant());
  }
}
