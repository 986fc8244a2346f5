package io.denim.bgp.bfd;

import java.util.random.RandomGenerator;

/**
 * One end of a session (RFC 5880 6.8), without clock and socket: it is told what came and what time
 * it is, and says what is to be sent. Times are nanoseconds since some beginning, intervals
 * microseconds, as in packets. Allocates a packet for each that is sent, and nothing else.
 */
final class Machine {
  /** No such moment. */
  static final long NEVER = Long.MAX_VALUE;

  /** The fastest pace of a session that is not up (RFC 5880 6.8.3). */
  static final long SLOW = 1_000_000;

  /**
   * The least time between packets that nobody asked for: news is told at once, but two ends that
   * cannot agree must not tell each other news at the speed of the wire.
   */
  static final long LEAST_GAP = 10_000_000;

  private static final long MICRO = 1_000;

  /** What a session does to the world. */
  interface Output {
    void send(ControlPacket packet);

    void changed(BfdState from, BfdState to);
  }

  private final int localDiscriminator;
  private final RandomGenerator random;
  private final Output output;

  private BfdState state = BfdState.DOWN;
  private Diagnostic diagnostic = Diagnostic.NONE;
  private long wanted;
  private int multiplier;

  // What is said, and what is done until the peer has heard of it (RFC 5880 6.8.3).
  private long desiredTx;
  private long usedTx;
  private long requiredRx;
  private long usedRx;
  private boolean polling;
  private boolean pollAgain;

  private BfdState remoteState = BfdState.DOWN;
  private Diagnostic remoteDiagnostic = Diagnostic.NONE;
  private int remoteDiscriminator;
  private int remoteMultiplier;
  private long remoteDesiredTx;
  private long remoteRequiredRx = 1;
  private boolean remoteDemand;

  private long lastSend;
  private long lastInterval;
  private long nextSend;
  private long deadline = NEVER;
  private boolean reprieved;
  private long endured;

  /**
   * A session that is down and sends its first packet now.
   *
   * @param wanted the interval of both directions once it is up
   */
  Machine(
      int localDiscriminator,
      long wanted,
      int multiplier,
      RandomGenerator random,
      Output output,
      long now) {
    this.localDiscriminator = localDiscriminator;
    this.wanted = wanted;
    this.multiplier = multiplier;
    this.random = random;
    this.output = output;
    desiredTx = Math.max(SLOW, wanted);
    usedTx = desiredTx;
    requiredRx = wanted;
    usedRx = wanted;
    lastInterval = interval();
    lastSend = now - LEAST_GAP;
    nextSend = now;
  }

  /** When something has to be done next if nothing comes. */
  long due() {
    return Math.min(nextSend, deadline);
  }

  /** A packet of the peer's came (RFC 5880 6.8.6, from "set bfd.RemoteDiscr" on). */
  void received(ControlPacket packet, long now) {
    remoteDiscriminator = packet.mine();
    remoteState = packet.state();
    remoteDiagnostic = packet.diagnostic();
    remoteDemand = packet.demand();
    remoteMultiplier = packet.multiplier();
    remoteDesiredTx = packet.desiredTx();
    remoteRequiredRx = packet.requiredRx();
    if (packet.isFinal() && polling) {
      endPoll();
    }
    if (state == BfdState.ADMIN_DOWN) {
      return;
    }
    BfdState next = state.after(packet.state());
    if (next != state) {
      change(next, next == BfdState.DOWN ? Diagnostic.NEIGHBOUR_DOWN : Diagnostic.NONE, now);
    }
    reprieved = false;
    deadline = now + detectionTime() * MICRO;
    pace(now);
    if (packet.poll()) {
      output.send(packet(false, true));
    }
  }

  /** Does what is due. */
  void tick(long now) {
    if (now >= deadline) {
      expire(now);
    }
    if (now >= nextSend) {
      lastSend = now;
      lastInterval = interval();
      nextSend = maySend() ? now + jittered(lastInterval) : NEVER;
      if (nextSend != NEVER) {
        output.send(packet(polling, false));
      }
    }
  }

  /**
   * This process did not run for a while, so that the peer's silence may be none. Each silence is
   * endured for as much longer as nobody listened, a detection time at most, and once.
   *
   * @return whether this made a difference
   */
  boolean wasHeldUp(long nanos, long now) {
    if (deadline == NEVER || reprieved) {
      return false;
    }
    long least = now + Math.min(nanos, detectionTime() * MICRO);
    if (deadline >= least) {
      return false;
    }
    deadline = least;
    reprieved = true;
    return true;
  }

  /** Another pace from now on; the session stays as it is, and the peer is asked to agree. */
  void pace(long wanted, int multiplier, long now) {
    this.wanted = wanted;
    this.multiplier = multiplier;
    if (state != BfdState.ADMIN_DOWN) {
      intervals();
      pace(now);
    }
  }

  /** Held down from now on, which the peer is told at once. */
  void hold() {
    deadline = NEVER;
    nextSend = NEVER;
    polling = false;
    BfdState from = state;
    state = BfdState.ADMIN_DOWN;
    diagnostic = Diagnostic.ADMINISTRATIVE;
    intervals();
    output.changed(from, state);
    sayAgain();
  }

  /** One more packet, out of turn. */
  void sayAgain() {
    output.send(packet(false, false));
  }

  private void expire(long now) {
    endured = detectionTime();
    deadline = NEVER;
    remoteDiscriminator = 0;
    remoteState = BfdState.DOWN;
    remoteMultiplier = 0;
    remoteDesiredTx = 0;
    remoteRequiredRx = 1;
    remoteDemand = false;
    polling = false;
    pollAgain = false;
    if (state == BfdState.INIT || state == BfdState.UP) {
      change(BfdState.DOWN, Diagnostic.TIME_EXPIRED, now);
    }
    pace(now);
  }

  private void change(BfdState next, Diagnostic why, long now) {
    BfdState from = state;
    state = next;
    diagnostic = why;
    intervals();
    nextSend = Math.min(nextSend, Math.max(now, lastSend + LEAST_GAP));
    output.changed(from, next);
  }

  /** What is said of intervals, after the state or the pace that is wanted has changed. */
  private void intervals() {
    boolean up = state == BfdState.UP;
    long tx = up ? wanted : Math.max(SLOW, wanted);
    if (tx == desiredTx && wanted == requiredRx) {
      return;
    }
    desiredTx = tx;
    requiredRx = wanted;
    // While it is up, slower packets come and are expected only once the peer has agreed.
    usedTx = up ? Math.min(usedTx, tx) : tx;
    usedRx = up ? Math.max(usedRx, wanted) : wanted;
    if (polling) {
      pollAgain = true;
    } else if (remoteDiscriminator != 0 && state != BfdState.ADMIN_DOWN) {
      polling = true;
    }
  }

  private void endPoll() {
    polling = pollAgain;
    pollAgain = false;
    if (!polling) {
      usedTx = desiredTx;
      usedRx = requiredRx;
    }
  }

  /** Moves the next packet to where it belongs after what the interval depends on has changed. */
  private void pace(long now) {
    boolean soon = nextSend <= now + LEAST_GAP;
    if (!maySend()) {
      nextSend = soon && remoteRequiredRx != 0 ? nextSend : NEVER;
    } else if (interval() != lastInterval || nextSend == NEVER) {
      lastInterval = interval();
      long regular = Math.max(now, lastSend + jittered(lastInterval));
      nextSend = soon ? Math.min(nextSend, regular) : regular;
    }
  }

  /** RFC 5880 6.8.7. */
  private boolean maySend() {
    boolean silent = remoteDemand && state == BfdState.UP && remoteState == BfdState.UP && !polling;
    return state != BfdState.ADMIN_DOWN && remoteRequiredRx != 0 && !silent;
  }

  /** 75 to 100 % of an interval, 90 % at most where a single loss is death. In nanoseconds. */
  private long jittered(long interval) {
    long most = interval * MICRO / 100 * (multiplier == 1 ? 90 : 100);
    return random.nextLong(interval * MICRO / 100 * 75, most + 1);
  }

  private ControlPacket packet(boolean poll, boolean isFinal) {
    return new ControlPacket(
        state,
        diagnostic,
        poll,
        isFinal,
        false,
        false,
        multiplier,
        localDiscriminator,
        remoteDiscriminator,
        desiredTx,
        requiredRx,
        0);
  }

  /** How often this side sends, before jitter. */
  long interval() {
    return Math.max(usedTx, remoteRequiredRx);
  }

  /** How long the peer's silence is endured (RFC 5880 6.8.4); 0 while it is not heard. */
  long detectionTime() {
    return remoteMultiplier * Math.max(usedRx, remoteDesiredTx);
  }

  /** How long the last silence that was too long was endured. */
  long endured() {
    return endured;
  }

  /** How long the peer endures this side's. */
  long remoteDetectionTime() {
    return multiplier * interval();
  }

  int localDiscriminator() {
    return localDiscriminator;
  }

  int remoteDiscriminator() {
    return remoteDiscriminator;
  }

  BfdState state() {
    return state;
  }

  BfdState remoteState() {
    return remoteState;
  }

  Diagnostic diagnostic() {
    return diagnostic;
  }

  Diagnostic remoteDiagnostic() {
    return remoteDiagnostic;
  }

  boolean isPolling() {
    return polling;
  }
}
