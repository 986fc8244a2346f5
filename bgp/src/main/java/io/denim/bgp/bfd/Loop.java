package io.denim.bgp.bfd;

import io.denim.bgp.bfd.BfdConfig.Way;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What BFD's thread does: packets to their sessions, timers. Everything here belongs to that
 * thread, but the numbers of discarded packets, which anybody may read.
 */
final class Loop implements BfdSockets.Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(Bfd.class);

  /** Sessions that are opened together do not say their first words together. */
  private static final long SPREAD = 100_000_000;

  /** Who is late by less was not held up. */
  private static final long PUNCTUAL = 5_000_000;

  /**
   * Opening sockets takes milliseconds on a busy host, in which those that are up must be heard.
   */
  private static final int OPENINGS = 8;

  private final BfdSockets sockets;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final long origin;

  private final Map<Integer, Exchange> byDiscriminator = new HashMap<>();
  private final Map<Way, Exchange> byWay = new HashMap<>();
  private final Map<Endpoint, Integer> listening = new HashMap<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final Deque<Runnable> news = new ArrayDeque<>();
  private final Map<Discard, AtomicLong> discarded = new ConcurrentHashMap<>();

  private int openings;

  /** An exchange is looked at; void when the exchange has another time by then. */
  private record Timer(long at, Exchange exchange) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      return Long.compare(at, other.at);
    }
  }

  Loop(BfdSockets sockets, InstantSource clock, LongSupplier nanoTime, RandomGenerator random) {
    this.sockets = sockets;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.random = random;
    origin = nanoTime.getAsLong();
  }

  BfdSockets sockets() {
    return sockets;
  }

  RandomGenerator random() {
    return random;
  }

  Instant instant() {
    return clock.instant();
  }

  long now() {
    return nanoTime.getAsLong() - origin;
  }

  Map<Discard, Long> discarded() {
    Map<Discard, Long> counts = new EnumMap<>(Discard.class);
    discarded.forEach((why, count) -> counts.put(why, count.get()));
    return counts;
  }

  boolean isEmpty() {
    return byWay.isEmpty();
  }

  /** Waits for a packet or a timer, and does what follows. */
  void turn(long longest) throws IOException {
    openings = 0;
    long before = now();
    long planned = timers.isEmpty() ? before + longest : timers.element().at();
    sockets.await(Math.clamp(planned - before, 0, longest), this);
    long now = now();
    if (now - planned > PUNCTUAL) {
      byWay.values().forEach(exchange -> heldUp(exchange, now - planned, now));
    }
    runTimers(now);
    for (Runnable each = news.poll(); each != null; each = news.poll()) {
      each.run();
    }
  }

  private void heldUp(Exchange exchange, long late, long now) {
    exchange.wasHeldUp(late, now);
    schedule(exchange);
  }

  private void runTimers(long now) {
    for (Timer first = timers.peek(); first != null && first.at() <= now; first = timers.peek()) {
      timers.remove();
      Exchange exchange = first.exchange();
      if (exchange.queuedAt == first.at()) {
        exchange.queuedAt = Machine.NEVER;
        if (exchange.due() <= now) {
          exchange.run(now);
        }
        settle(exchange);
      }
    }
  }

  private void settle(Exchange exchange) {
    if (exchange.isOver()) {
      forget(exchange);
    } else {
      schedule(exchange);
    }
  }

  /** A timer that comes too early is cheaper than one that is taken away for each packet. */
  private void schedule(Exchange exchange) {
    long due = exchange.due();
    if (due < exchange.queuedAt) {
      exchange.queuedAt = due;
      timers.add(new Timer(due, exchange));
    }
  }

  @Override
  public void packet(Endpoint at, IpAddress from, int ttl, byte[] data, int length) {
    if (!at.multihop() && ttl != BfdSockets.TTL && ttl != BfdSockets.UNKNOWN_TTL) {
      discard(Discard.TTL);
      return;
    }
    switch (ControlPacket.read(data, length)) {
      case Discard why -> discard(why);
      case ControlPacket packet -> take(at, from, packet);
    }
  }

  /** The rest of RFC 5880 6.8.6: whose packet it is. */
  private void take(Endpoint at, IpAddress from, ControlPacket packet) {
    boolean named = packet.yours() != 0;
    Exchange exchange = named ? byDiscriminator.get(packet.yours()) : byWay.get(new Way(at, from));
    if (exchange == null) {
      discard(named ? Discard.NO_SUCH_SESSION : Discard.NO_SUCH_PEER);
    } else if (exchange.config().multihop() != at.multihop()) {
      discard(Discard.WRONG_PORT);
    } else if (exchange.isClosing()) {
      discard(Discard.HELD_DOWN);
    } else {
      exchange.received(packet, now());
      schedule(exchange);
    }
  }

  private void discard(Discard why) {
    discarded.computeIfAbsent(why, key -> new AtomicLong()).incrementAndGet();
  }

  /** Tells a listener at the end of the turn, unless the session is closed by then. */
  void tell(Exchange about, Runnable what) {
    news.add(() -> {
      if (!about.isClosing()) {
        try {
          what.run();
        } catch (RuntimeException e) {
          LOG.error("who listens to bfd failed peer={}", about.config().remote(), e);
        }
      }
    });
  }

  /** Whether there is time in this turn to open sockets. */
  boolean mayOpen() {
    return openings++ < OPENINGS;
  }

  /** Several sessions may listen at one place. */
  void listen(Endpoint at) throws IOException {
    int others = listening.getOrDefault(at, 0);
    if (others == 0) {
      sockets.listen(at);
    }
    listening.put(at, others + 1);
  }

  void unlisten(Endpoint at) {
    int left = listening.merge(at, -1, Integer::sum);
    if (left == 0) {
      listening.remove(at);
      sockets.unlisten(at);
    }
  }

  void begin(BfdSession session, BfdListener listener) {
    // One that was closed a moment ago may still take leave; the new one has the word.
    Exchange before = byWay.get(session.config().way());
    if (before != null) {
      forget(before);
    }
    int discriminator = random.nextInt();
    while (discriminator == 0 || byDiscriminator.containsKey(discriminator)) {
      discriminator = random.nextInt();
    }
    long first = now() + random.nextLong(SPREAD);
    Exchange exchange = new Exchange(session, listener, discriminator, first, this);
    byDiscriminator.put(discriminator, exchange);
    byWay.put(session.config().way(), exchange);
    session.exchange = exchange;
    schedule(exchange);
  }

  void pace(Exchange exchange, BfdConfig config) {
    exchange.pace(config.interval(), config.multiplier(), now());
    schedule(exchange);
  }

  void end(Exchange exchange) {
    exchange.close(now());
    settle(exchange);
  }

  void endAll() {
    copy().forEach(this::end);
  }

  private List<Exchange> copy() {
    return new ArrayList<>(byWay.values());
  }

  private void forget(Exchange exchange) {
    byDiscriminator.remove(exchange.discriminator());
    byWay.remove(exchange.config().way(), exchange);
    exchange.queuedAt = Machine.NEVER - 1;
    exchange.closeSockets();
  }

  /** Ends all that is still there, without a word. */
  void close() {
    copy().forEach(this::forget);
    sockets.close();
  }
}
