package io.denim.bgp.bfd;

import io.denim.bgp.bfd.BfdListener.Loss;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session as {@link Loop} has it: a machine, its way out, and what happened. Belongs to the
 * loop's thread.
 */
final class Exchange implements Machine.Output {
  private static final Logger LOG = LoggerFactory.getLogger(Bfd.class);

  /** How often AdminDown is told after the first time, since a packet may be lost. */
  private static final int FAREWELLS = 2;

  private static final long LONGEST_FAREWELL_GAP = 200_000_000;
  private static final long RETRY = 1_000_000_000;
  private static final long NEXT_TURN = 1_000_000;

  /** So many packets in a row that the kernel refuses ask for another socket. */
  private static final int PATIENCE = 3;

  private final BfdSession session;
  private final BfdListener listener;
  private final Loop loop;
  private final Machine machine;
  private BfdConfig config;

  private BfdSockets.@Nullable Outlet outlet;
  private long nextTry;
  private int refused;
  private Optional<String> problem = Optional.empty();

  private boolean closing;
  private int farewells;
  private long farewellGap;
  private long nextFarewell = Machine.NEVER;

  private Instant since;
  private long sent;
  private long received;
  private long unsent;
  private long ups;
  private long downs;
  private long reprieves;

  /** When the loop looks at it next; the loop's own. */
  long queuedAt = Machine.NEVER;

  /**
   * @param begin when it says its first word
   */
  Exchange(BfdSession session, BfdListener listener, int discriminator, long begin, Loop loop) {
    this.session = session;
    this.listener = listener;
    this.loop = loop;
    config = session.config();
    since = loop.instant();
    nextTry = begin;
    machine =
        new Machine(
            discriminator,
            micros(config.interval()),
            config.multiplier(),
            loop.random(),
            this,
            begin);
  }

  private static long micros(Duration time) {
    return time.toNanos() / 1_000;
  }

  BfdConfig config() {
    return config;
  }

  int discriminator() {
    return machine.localDiscriminator();
  }

  /** Whether the session was closed, and only takes leave. */
  boolean isClosing() {
    return closing;
  }

  /** Whether it can be forgotten. */
  boolean isOver() {
    return closing && farewells == 0;
  }

  /** When {@link #run} has something to do. */
  long due() {
    if (closing) {
      return nextFarewell;
    }
    return outlet == null ? Math.min(nextTry, machine.due()) : machine.due();
  }

  void run(long now) {
    if (closing) {
      farewells--;
      nextFarewell = farewells > 0 ? now + farewellGap : Machine.NEVER;
      machine.sayAgain();
      return;
    }
    if (outlet == null && now >= nextTry) {
      if (loop.mayOpen()) {
        open(now);
      } else {
        nextTry = now + NEXT_TURN;
      }
    }
    // Also while it cannot send: the peer's silence counts.
    machine.tick(now);
    if (refused >= PATIENCE) {
      closeSockets();
      refused = 0;
      nextTry = now + RETRY;
    }
  }

  private void open(long now) {
    try {
      loop.listen(config.endpoint());
    } catch (IOException e) {
      later("cannot listen at " + config.endpoint() + " for BFD: " + e.getMessage(), now);
      return;
    }
    try {
      outlet = loop.sockets().dial(config.endpoint(), config.remote());
      refused = 0;
    } catch (IOException e) {
      loop.unlisten(config.endpoint());
      later("cannot send BFD from " + config.local() + ": " + e.getMessage(), now);
    }
  }

  private void later(String why, long now) {
    trouble(why);
    nextTry = now + RETRY;
  }

  private void trouble(String why) {
    Optional<String> next = Optional.of(why);
    if (!problem.equals(next)) {
      problem = next;
      LOG.warn("bfd is hindered peer={} problem=\"{}\"", config.remote(), why);
    }
  }

  /** Gives back what it has of sockets. */
  void closeSockets() {
    if (outlet != null) {
      outlet.close();
      outlet = null;
      loop.unlisten(config.endpoint());
    }
  }

  void received(ControlPacket packet, long now) {
    received++;
    machine.received(packet, now);
  }

  void wasHeldUp(long nanos, long now) {
    if (!closing && machine.wasHeldUp(nanos, now)) {
      reprieves++;
    }
  }

  void pace(Duration interval, int multiplier, long now) {
    config = config.every(interval, multiplier);
    machine.pace(micros(interval), multiplier, now);
  }

  /** Takes leave of the peer, of one that is there more than once. */
  void close(long now) {
    if (closing) {
      return;
    }
    boolean heard = machine.remoteDiscriminator() != 0;
    farewellGap = Math.min(machine.interval() * 1_000, LONGEST_FAREWELL_GAP);
    closing = true;
    machine.hold();
    farewells = heard && outlet != null ? FAREWELLS : 0;
    nextFarewell = farewells > 0 ? now + farewellGap : Machine.NEVER;
  }

  @Override
  public void send(ControlPacket packet) {
    if (outlet == null) {
      return;
    }
    try {
      outlet.send(packet.encode());
      sent++;
      refused = 0;
      problem = Optional.empty();
    } catch (PortUnreachableException e) {
      sent++;
      refused = 0;
      trouble("nobody listens for BFD at the peer: its port " + config.endpoint().port());
    } catch (IOException e) {
      unsent++;
      refused++;
      trouble("cannot send BFD to " + config.remote() + ": " + e.getMessage());
    }
  }

  @Override
  public void changed(BfdState from, BfdState to) {
    since = loop.instant();
    if (closing) {
      return;
    }
    if (to == BfdState.UP) {
      ups++;
      LOG.info("bfd is up peer={} local={}", config.remote(), config.local());
      loop.tell(this, () -> listener.up(session));
    } else if (from == BfdState.UP) {
      downs++;
      Loss loss = loss();
      LOG.warn(
          "bfd is down peer={} local={} why=\"{}\"", config.remote(), config.local(), loss.words());
      loop.tell(this, () -> listener.down(session, loss));
    }
  }

  private Loss loss() {
    Diagnostic own = machine.diagnostic();
    Diagnostic remote = machine.remoteDiagnostic();
    boolean administrative =
        own.equals(Diagnostic.NEIGHBOUR_DOWN) && machine.remoteState() == BfdState.ADMIN_DOWN;
    String words;
    if (own.equals(Diagnostic.TIME_EXPIRED)) {
      words = "no packet of the peer's for " + machine.endured() / 1_000 + " ms";
    } else if (administrative) {
      words = "the peer's administrator took BFD down";
    } else if (remote.equals(Diagnostic.NONE)) {
      words = "the peer began anew";
    } else {
      words = "the peer is down, and says: " + remote.words();
    }
    return new Loss(own, remote, administrative, words);
  }

  BfdStatus status() {
    return new BfdStatus(
        config,
        machine.state(),
        machine.remoteState(),
        machine.diagnostic(),
        machine.remoteDiagnostic(),
        machine.localDiscriminator(),
        machine.remoteDiscriminator(),
        time(machine.interval()),
        time(machine.detectionTime()),
        time(machine.remoteDetectionTime()),
        new BfdStatus.Counters(sent, received, unsent, ups, downs, reprieves),
        since,
        problem);
  }

  private static Duration time(long micros) {
    return Duration.ofNanos(micros * 1_000);
  }
}
