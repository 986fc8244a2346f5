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
final class Registrar {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private static final int ANNOUNCEMENTS = 6;

  private final String node;
  private final Membership membership;
  private final Consumer<Signal> signals;
  private boolean busy;

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

  /** Says that the network works, and tries again for a while if that does not succeed. */
  void announceReady() {
    Thread.ofVirtual().name("announce-" + node).start(this::announce);
  }

  private void announce() {
    String reason = "";
    for (int attempt = 0; attempt < ANNOUNCEMENTS; attempt++) {
      try {
        Thread.sleep(attempt == 0 ? Duration.ZERO : Duration.ofSeconds(1L << attempt));
        membership.announceReady();
        return;
      } catch (StoreException e) {
        reason = String.valueOf(e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    LOG.warn("node={} could not be announced as ready: {}", node, reason);
  }

  private void ask(Supplier<Signal> question) {
    busy = true;
    Thread.ofVirtual().name("registrar-" + node).start(() -> signals.accept(answer(question)));
  }

  private static Signal answer(Supplier<Signal> question) {
    try {
      return question.get();
    } catch (StoreException e) {
      return new NotYet(
          "the store does not answer, what runs goes on: " + e.getMessage(), Kind.STORE);
    } catch (NotYetException e) {
      return new NotYet(String.valueOf(e.getMessage()), Kind.WAIT);
    } catch (AllocationException | InvalidConfigException e) {
      return new NotYet(String.valueOf(e.getMessage()), Kind.REFUSED);
    } catch (RuntimeException e) {
      // Whatever it was: the loop must hear that this question is over.
      LOG.warn("unexpected", e);
      return new NotYet(e.toString(), Kind.STORE);
    }
  }
}
