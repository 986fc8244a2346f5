package io.denim.bgp.bfd;

import io.denim.bgp.bfd.BfdConfig.Way;
import io.denim.bgp.loop.Questions;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All BFD sessions of a host, with one platform thread. All public methods may be called by any
 * thread.
 */
public final class Bfd implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Bfd.class);

  /** The longest wait where nothing is to be done. */
  private static final long IDLE = TimeUnit.SECONDS.toNanos(1);

  /** How long sessions may take leave when all of it ends. */
  private static final long LEAVE = TimeUnit.SECONDS.toNanos(1);

  private static final long AFTER_A_FAULT = TimeUnit.MILLISECONDS.toNanos(100);

  private final BfdSockets sockets;
  private final Loop loop;
  private final Thread thread;
  private final Questions questions;
  private final Map<Way, BfdSession> sessions = new ConcurrentHashMap<>();
  private volatile boolean closed;
  private volatile Optional<String> problem = Optional.empty();

  /** One whose thread is not started: the caller turns the loop. */
  Bfd(Loop loop) {
    sockets = loop.sockets();
    questions = new Questions(sockets::wake, "BFD");
    this.loop = loop;
    thread = new Thread(this::run, "bfd");
    thread.setDaemon(true);
  }

  /**
   * Starts its thread. No socket is opened before a session needs one.
   *
   * @param sockets where they come from; closed together with this
   * @param clock says since when a session has its state
   * @param random chooses discriminators and jitter
   */
  public static Bfd start(BfdSockets sockets, InstantSource clock, RandomGenerator random) {
    Bfd bfd = new Bfd(new Loop(sockets, clock, System::nanoTime, random));
    bfd.thread.start();
    return bfd;
  }

  /**
   * Opens a session, which begins at once and goes on until it is closed. What keeps it from
   * listening or sending is told in its status, and tried again once a second.
   *
   * @throws IllegalArgumentException when there is one with these addresses already
   * @throws IllegalStateException when this is closed
   */
  public BfdSession open(BfdConfig config, BfdListener listener) {
    BfdSession session = new BfdSession(this, config);
    BfdSession known = sessions.putIfAbsent(config.way(), session);
    if (known != null) {
      throw new IllegalArgumentException("there is a session already: " + known);
    }
    try {
      ask(() -> {
        loop.begin(session, listener);
        return true;
      });
      return session;
    } catch (IllegalStateException e) {
      sessions.remove(config.way(), session);
      throw e;
    }
  }

  /** How many packets were discarded for each reason, and none where there were none. */
  public Map<Discard, Long> discarded() {
    return loop.discarded();
  }

  /** What keeps all sessions from working, where something does. */
  public Optional<String> problem() {
    return problem;
  }

  void pace(BfdSession session, BfdConfig config) {
    ask(() -> {
      if (session.exchange != null && !session.exchange.isClosing()) {
        loop.pace(session.exchange, config);
      }
      return true;
    });
  }

  BfdStatus status(BfdSession session) {
    return ask(() -> {
      if (session.exchange == null) {
        throw new IllegalStateException("the session has not begun: " + session);
      }
      return session.exchange.status();
    });
  }

  void close(BfdSession session) {
    try {
      ask(() -> {
        if (sessions.remove(session.config().way(), session) && session.exchange != null) {
          loop.end(session.exchange);
        }
        return true;
      });
    } catch (IllegalStateException e) {
      // All of it was closed meanwhile, and this session with it.
      if (!closed) {
        throw e;
      }
    }
  }

  private <T> T ask(Supplier<T> question) {
    return questions.ask(thread, question);
  }

  private void run() {
    try {
      while (!closed) {
        turn();
      }
      loop.endAll();
      long end = loop.now() + LEAVE;
      while (!loop.isEmpty() && loop.now() < end) {
        turn();
      }
    } finally {
      loop.close();
    }
  }

  /** The top of the thread: whatever fails here must not end the watch over all other sessions. */
  private void turn() {
    try {
      loop.turn(IDLE);
      questions.answer();
      problem = Optional.empty();
    } catch (IOException | RuntimeException e) {
      Optional<String> words = Optional.of(e.toString());
      if (!problem.equals(words)) {
        problem = words;
        LOG.error("bfd cannot go on as it should", e);
      }
      LockSupport.parkNanos(AFTER_A_FAULT);
    }
  }

  /** Ends all sessions: their peers are told that an administrator did it. Within two seconds. */
  @Override
  public void close() {
    closed = true;
    sockets.wake();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
