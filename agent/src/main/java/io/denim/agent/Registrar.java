package io.denim.agent;

import io.denim.agent.Signal.NotYet;
import io.denim.agent.Signal.NotYet.Kind;
import io.denim.ipam.AllocationException;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.SubnetEnv;
import io.denim.network.Membership;
import io.denim.network.NotYetException;
import io.denim.store.GrowingPause;
import io.denim.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the membership what may take its time, one thing after the other and never on the loop's
 * thread; every answer is one signal. Used by the loop's thread.
 */
final class Registrar implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final String node;
  private final Membership membership;
  private final Consumer<Signal> signals;
  private boolean busy;
  private Optional<Thread> announcing = Optional.empty();
  private volatile String unforeseen = "";

  Registrar(String node, Membership membership, Consumer<Signal> signals) {
    this.node = node;
    this.membership = membership;
    this.signals = signals;
  }

  /** Whether an answer is still to come. */
  boolean busy() {
    return busy;
  }

  /** An answer has been taken. */
  void answered() {
    busy = false;
  }

  void follow() {
    ask(() -> {
      membership.follow(() -> signals.accept(new Signal.Network()));
      return new Signal.Followed(membership.published());
    });
  }

  void join(FlannelConfig config, FlannelLease lease, Optional<SubnetEnv> previous) {
    ask(() -> new Signal.Joined(membership.join(config, lease, previous)));
  }

  void publish(FlannelLease lease) {
    ask(() -> new Signal.Joined(membership.publish(lease)));
  }

  /** Says that the network works, and says it again until that has succeeded. */
  void announceReady() {
    announcing = Optional.of(Thread.ofVirtual().name("announce-" + node).start(this::announce));
  }

  private void announce() {
    GrowingPause pause = new GrowingPause(FIRST_PAUSE, LONGEST_PAUSE);
    try {
      boolean told = false;
      for (String reason = announced(); !reason.isEmpty(); reason = announced()) {
        if (!told) {
          told = true;
          LOG.warn("node={} cannot be announced as ready yet: {}", node, reason);
        }
        Thread.sleep(pause.next());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Why it could not be said; empty when it was. */
  private String announced() {
    try {
      membership.announceReady();
      return "";
    } catch (StoreException | NotYetException e) {
      return String.valueOf(e.getMessage());
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private void ask(Supplier<Signal> question) {
    busy = true;
    Thread.ofVirtual().name("registrar-" + node).start(() -> signals.accept(answer(question)));
  }

  private Signal answer(Supplier<Signal> question) {
    try {
      return question.get();
    } catch (StoreException e) {
      return new NotYet(
          "the store does not answer, what runs goes on: " + e.getMessage(), Kind.STORE);
    } catch (NotYetException e) {
      return new NotYet(String.valueOf(e.getMessage()), Kind.WAIT);
    } catch (AllocationException e) {
      return new NotYet(String.valueOf(e.getMessage()), kind(e.reason()));
    } catch (InvalidConfigException e) {
      return new NotYet(String.valueOf(e.getMessage()), Kind.REFUSED);
    } catch (Throwable e) {
      // Whatever it was: the loop must hear that this question is over.
      if (!unforeseen.equals(e.toString())) {
        unforeseen = e.toString();
        LOG.error("node={} asked its network, and that failed as nobody foresaw", node, e);
      }
      return new NotYet("asking the network failed: " + e, Kind.STORE);
    }
  }

  private static Kind kind(AllocationException.Reason reason) {
    return switch (reason) {
      case CONTENDED -> Kind.STORE;
      case EXHAUSTED, HELD_BY_ANOTHER, ADDRESS_OF_ANOTHER, NOT_POSSIBLE, FILES -> Kind.REFUSED;
    };
  }

  /** Ends what goes on by itself. */
  @Override
  public void close() {
    announcing.ifPresent(Thread::interrupt);
  }
}
