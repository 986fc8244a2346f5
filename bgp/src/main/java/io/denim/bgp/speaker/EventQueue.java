package io.denim.bgp.speaker;

import io.denim.bgp.wire.Framer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A monitor between the speaker's thread and one that may be slow: keeps what was seen, up to so
 * many octets, and says so when that was not enough. Takes nothing unless it is open.
 */
public final class EventQueue implements Monitor {
  /** What an event takes beside its message. */
  private static final int OVERHEAD = 128;

  private final long mostOctets;
  private final Predicate<Link> wanted;
  private final boolean alsoTold;
  private final Runnable overflow;
  private final Queue<Event> events = new ArrayDeque<>();
  private long octets;
  private volatile boolean open;
  private boolean nudged;

  /** What was seen, and when. */
  public sealed interface Event {
    /** The connection. */
    Link link();

    /** By the clock of this machine. */
    Instant time();
  }

  /**
   * A message.
   *
   * @param sent by this side
   * @param bytes of the whole message; nobody changes them
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and handed on once
  public record Message(Link link, Instant time, boolean sent, byte[] bytes) implements Event {
    /** The type, as {@link Framer} has them. */
    public int type() {
      return Framer.type(bytes, 0);
    }
  }

  /** A change of state. */
  public record Change(Link link, Instant time, PeerState before, PeerState after)
      implements Event {}

  /**
   * A session is up.
   *
   * @param ours the OPEN that this side sent, whole
   * @param theirs the peer's
   * @param found whether it was up before the queue was open
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and handed on once
  public record Up(Link link, Instant time, byte[] ours, byte[] theirs, boolean found)
      implements Event {}

  /** A session is down. */
  public record Down(Link link, Instant time, End end, String words) implements Event {}

  /**
   * A queue that is not open yet.
   *
   * @param mostOctets that wait at one time
   * @param wanted the connections of which it keeps anything
   * @param alsoTold whether it keeps the UPDATEs that the speaker sends as well
   * @param overflow called by the speaker's thread when that is not enough: the queue is empty and
   *     not open then
   */
  public EventQueue(long mostOctets, Predicate<Link> wanted, boolean alsoTold, Runnable overflow) {
    this.mostOctets = mostOctets;
    this.wanted = wanted;
    this.alsoTold = alsoTold;
    this.overflow = overflow;
  }

  /** Begins with nothing. */
  public synchronized void open() {
    events.clear();
    octets = 0;
    open = true;
  }

  /** Takes nothing any more; what waits can still be polled. */
  public synchronized void shut() {
    open = false;
    notifyAll();
  }

  /** Whether it takes what is seen. */
  public boolean isOpen() {
    return open;
  }

  /** Whoever polls, or does so next, is not to wait: there is something for him elsewhere. */
  public synchronized void nudge() {
    nudged = true;
    notifyAll();
  }

  /**
   * The oldest event, as soon as there is one; empty after a while, after a {@link #nudge}, or when
   * it is not open.
   */
  public synchronized Optional<Event> poll(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (events.isEmpty() && open && !nudged) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        break;
      }
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
    }
    nudged = false;
    Event event = events.poll();
    if (event != null) {
      octets -= size(event);
    }
    return Optional.ofNullable(event);
  }

  private static int size(Event event) {
    return OVERHEAD
        + switch (event) {
          case Message message -> message.bytes.length;
          case Up up -> up.ours.length + up.theirs.length;
          case Change _, Down _ -> 0;
        };
  }

  private void add(Event event) {
    if (!wanted.test(event.link())) {
      return;
    }
    synchronized (this) {
      if (!open) {
        return;
      }
      octets += size(event);
      if (octets <= mostOctets) {
        events.add(event);
        notifyAll();
        return;
      }
      events.clear();
      octets = 0;
      open = false;
      notifyAll();
    }
    overflow.run();
  }

  @Override
  public boolean isWatching() {
    return open;
  }

  @Override
  public void received(Link link, byte[] buffer, int offset, int length) {
    byte[] bytes = Arrays.copyOfRange(buffer, offset, offset + length);
    add(new Message(link, Instant.now(), false, bytes));
  }

  @Override
  public void sent(Link link, byte[] message) {
    add(new Message(link, Instant.now(), true, message));
  }

  @Override
  public boolean wantsTold(Link link) {
    return alsoTold && open && wanted.test(link);
  }

  @Override
  public void told(Link link, byte[] update) {
    sent(link, update);
  }

  @Override
  public void changed(Link link, PeerState before, PeerState after) {
    add(new Change(link, Instant.now(), before, after));
  }

  @Override
  public void up(Link link, byte[] ours, byte[] theirs) {
    add(new Up(link, Instant.now(), ours, theirs, false));
  }

  @Override
  public void found(Link link, byte[] ours, byte[] theirs) {
    add(new Up(link, Instant.now(), ours, theirs, true));
  }

  @Override
  public void down(Link link, End end, String words) {
    add(new Down(link, Instant.now(), end, words));
  }
}
