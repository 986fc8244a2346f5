package io.denim.bgp.speaker;

import io.denim.bgp.bfd.BfdListener;
import io.denim.bgp.config.MaxPrefixes;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.GracefulRestart;
import io.denim.bgp.wire.Malformed;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer: begins with it ({@link Opening}, {@link ConnectRetry}), has a {@link Session} with it,
 * and says what becomes of its routes when that ends. The states are those of RFC 4271 8, with RFC
 * 4724 4.2 for a peer that comes back, RFC 9687 for one that does not read. Used by the speaker's
 * thread only.
 */
final class Peer {
  private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

  /** What a loop that was late gives those who may have been heard meanwhile. */
  private static final long LATE_GRACE = TimeUnit.SECONDS.toNanos(10);

  /** So soon after a session came up nobody has restarted who does not say so. */
  private static final long COLLISION_TIME = TimeUnit.SECONDS.toNanos(5);

  private static final int FSM_ERROR = 5;

  private final Core core;
  private final int number;
  private final boolean dynamic;
  private final PeerCounters counters = new PeerCounters();
  private final ConnectRetry retry;
  private final Opening opening;
  private final Stale stale;
  private final Watch watch;
  private PeerConfig config;
  private @Nullable Session session;
  private boolean held;
  private String problem = "";
  private long since;

  /**
   * A peer that is not begun with.
   *
   * @param dynamic whether it is of a range, and goes with its session
   */
  Peer(Core core, PeerConfig config, int number, boolean dynamic, long now) {
    this.core = core;
    this.config = config;
    this.number = number;
    this.dynamic = dynamic;
    retry = new ConnectRetry(core, this, now);
    opening = new Opening(core, this, retry);
    stale = new Stale(core.rib, number);
    watch = new Watch(core, this);
    since = now;
    if (!config.shutdown() && !config.passive()) {
      retry.first(now);
    }
  }

  PeerConfig config() {
    return config;
  }

  int number() {
    return number;
  }

  boolean dynamic() {
    return dynamic;
  }

  PeerCounters counters() {
    return counters;
  }

  Optional<Session> session() {
    return Optional.ofNullable(session);
  }

  /** What went wrong last, in words; empty when nothing has. */
  String problem() {
    return problem;
  }

  /** Since when it is in its state. */
  long since() {
    return since;
  }

  Stale stale() {
    return stale;
  }

  /** Who sees what goes on. */
  Watch watch() {
    return watch;
  }

  /** Whether an administrator holds it down. */
  boolean isDown() {
    return held || config.shutdown();
  }

  /** Whether it has been told all that there is to tell, or nobody is there to be told. */
  boolean isUpToDate() {
    return session == null || session.outflow().isDrained();
  }

  /** Nothing is left of it: no connection, no routes that wait for it. */
  boolean isIdle() {
    return session == null && opening.isEmpty() && stale.isEmpty();
  }

  /** The state as RFC 4271 has it. */
  PeerState state() {
    if (session != null) {
      return PeerState.ESTABLISHED;
    }
    if (opening.isEmpty()) {
      return retry.isSet() || isDown() ? PeerState.IDLE : PeerState.ACTIVE;
    }
    return opening.state();
  }

  /** Looks at all that has a time. */
  void tick(long now, boolean late) {
    Session up = session;
    if (late) {
      // A loop that was late for seconds must not take silence for death.
      opening.grace(now + LATE_GRACE);
      if (up != null) {
        up.grace(now + LATE_GRACE);
      }
    }
    if (retry.isDue(now) && up == null && !isDown()) {
      opening.dial(now);
    }
    opening.tick(now);
    up = session;
    if (up != null) {
      up.tick(now);
    }
    stale.tick(now);
    watch.look();
  }

  /** TCP of a dialled connection is up, or has failed. */
  void connected(Connection connection, long now) {
    opening.connected(connection, now);
  }

  /** Writes what there is. */
  void write(long now) {
    Session up = session;
    if (up == null) {
      opening.write(now);
    } else if (!up.connection().blocked() || up.connection().isWritable()) {
      up.write(now);
    }
  }

  /** The peer has dialled. */
  void accept(SocketChannel channel, long now) throws IOException {
    opening.accept(channel, now);
  }

  /**
   * What came cannot be understood, and ends the connection.
   *
   * @param length of the message, or of what there is of it
   */
  void malformed(Connection from, Malformed why, byte[] buffer, int offset, int length) {
    long now = System.nanoTime();
    counters.malformed(why.words(), buffer, offset, length, now);
    fail(from, why.notification(), "it sent what cannot be understood: " + why.words(), now);
  }

  /**
   * A whole message stands in a buffer; its header has been checked.
   *
   * @throws Malformed when it cannot be understood
   */
  void message(Connection from, byte[] buffer, int offset, int length) {
    watch.received(from, buffer, offset, length);
    take(from, buffer, offset, length, System.nanoTime());
    watch.look();
  }

  private void take(Connection from, byte[] buffer, int offset, int length, long now) {
    int type = Framer.type(buffer, offset);
    counters.received(type);
    Session up = session;
    if (up != null && up.connection() == from) {
      up.take(type, buffer, offset, length, now);
      return;
    }
    opening.take(from, type, buffer, offset, length, now);
  }

  /** RFC 6608. */
  void unexpected(Connection from, int type, long now) {
    int subcode =
        switch (from.state()) {
          case OPEN_SENT -> 1;
          case OPEN_CONFIRM -> 2;
          case ESTABLISHED -> 3;
          case CONNECT, CLOSED -> 0;
        };
    fail(
        from,
        Notification.of(FSM_ERROR, subcode, (byte) type),
        "it sent a message of type " + type + " that nobody waits for in state " + from.state(),
        now);
  }

  /**
   * An OPEN came although there is a session: the peer may have restarted, and this side has not
   * heard of the end of the old session yet (RFC 4724 4.2). When the session has only just come up,
   * it is a second connection that the peer dialled meanwhile (RFC 4271 6.8).
   *
   * @return false when the old session stays
   */
  boolean beginsAnew(Open open, long now) {
    Session up = session;
    if (up == null
        || up.agreement().theirs().identifier() != open.identifier()
        || !up.agreement().keepsRoutes()) {
      return false;
    }
    boolean says = saysRestarted(open) && !saysRestarted(up.agreement().theirs());
    if (!says && now - since < COLLISION_TIME) {
      return false;
    }
    up.connection().drop();
    sessionEnded(true, "it has begun anew", now);
    return true;
  }

  private static boolean saysRestarted(Open open) {
    return open.capabilities().gracefulRestart().map(GracefulRestart::restarting).orElse(false);
  }

  /** A connection is the session from now on. */
  Session establish(Connection winner, long now) {
    opening.won(winner, now);
    retry.never();
    winner.state(Connection.State.ESTABLISHED);
    problem = opening.yielded();
    since = now;
    counters.established();
    Session begun = new Session(core, this, winner, now);
    session = begun;
    watch.up(begun);
    begun.begin(now);
    LOG.info("peer {} is up: {}", config.name(), begun.summary());
    return begun;
  }

  /** Ends a connection because of an error of the peer's. */
  void fail(Connection connection, Notification notification, String why, long now) {
    if (session != null && session.connection() == connection) {
      session.outflow().finishBegun();
    }
    connection.close(notification, core.lingering, now);
    boolean keep =
        session != null
            && session.connection() == connection
            && session.agreement().keepsRoutesOver(notification);
    over(connection, keep, why + " (sent: " + notification.words() + ")", true, now);
  }

  /** BFD has found that the way to the peer is dead. */
  void wayIsDead(Session of, Notification notification, BfdListener.Loss loss) {
    if (session == of) {
      fail(of.connection(), notification, "BFD: " + loss.words(), System.nanoTime());
    }
  }

  /** The peer has said why it ends a connection. */
  void ended(Connection connection, Notification notification, long now) {
    counters.notified(notification, now);
    connection.drop();
    boolean keep =
        session != null
            && session.connection() == connection
            && session.agreement().keepsRoutesOver(notification);
    boolean begins = session == null || session.connection() != connection;
    boolean yields = begins && opening.yields(connection, notification);
    // Who refused a version or lost a collision may come again at once.
    boolean error =
        !yields
            && !(notification.code() == Notification.CEASE && notification.subcode() == 7)
            && !(notification.code() == 2 && notification.subcode() == 1);
    String next = yields ? "; the next OPEN goes without" : "";
    over(connection, keep, "it says: " + notification.words() + next, error, now);
  }

  /** The peer has closed a connection, or it broke. */
  void lost(Connection connection, String why) {
    connection.drop();
    boolean keep =
        session != null && session.connection() == connection && session.agreement().keepsRoutes();
    over(connection, keep, why, false, System.nanoTime());
  }

  private void over(Connection connection, boolean keep, String why, boolean error, long now) {
    Session up = session;
    if (up != null && up.connection() == connection) {
      sessionEnded(keep, why, now);
    } else {
      opening.forget(connection);
      if (up == null) {
        trouble(why);
      }
    }
    if (error && session == null) {
      retry.error(now);
    }
    if (session == null && !opening.hasDialled() && isDialled()) {
      if (error) {
        retry.againAfterError(now);
      } else {
        retry.again(now);
      }
    }
  }

  /** Whether this side is one that dials it, as things are. */
  boolean isDialled() {
    return !isDown() && !config.passive() && !dynamic;
  }

  private void sessionEnded(boolean keep, String why, long now) {
    Session up = session;
    if (up == null) {
      return;
    }
    session = null;
    since = now;
    retry.lost(now);
    opening.offerAll();
    up.end(keep, now);
    trouble(why);
    watch.down(up, why);
    opening.sessionEnded(now);
    LOG.info("peer {} is down: {}", config.name(), why);
  }

  /** Something went wrong, which is told until a session is up. */
  void trouble(String why) {
    problem = why;
  }

  /** Too many prefixes have come (RFC 4271 6.7). */
  void tooMany(MaxPrefixes limit, Notification notification, String words, long now) {
    Session up = session;
    if (up == null) {
      return;
    }
    fail(up.connection(), notification, words, now);
    switch (limit.action()) {
      case MaxPrefixes.Action.Restart(var after) -> {
        if (isDialled()) {
          retry.at(now + after.toNanos());
        }
      }
      case MaxPrefixes.Action.Down() -> hold(now);
      case MaxPrefixes.Action.Warn() -> {
        // It would not have come to this.
      }
    }
  }

  private void hold(long now) {
    held = true;
    retry.never();
    opening.closeAll(Notification.cease(2, ""), now);
  }

  /** Ends what there is with a peer, and all that is known of it. */
  void stop(Notification notification, long now) {
    opening.closeAll(notification, now);
    Session up = session;
    if (up != null) {
      up.outflow().finishBegun();
      up.connection().close(up.agreement().forGood(notification), core.lingering, now);
      sessionEnded(false, "this side has ended it: " + notification.words(), now);
    }
    stale.dropAll();
    opening.offerAll();
    retry.never();
  }

  /** Ends the session; it begins anew at once, and even if it was held down. */
  void reset(Notification notification, long now) {
    stop(notification, now);
    held = false;
    if (isDialled()) {
      retry.anew(now);
    }
  }

  /** The peer is configured otherwise from now on. */
  void change(PeerConfig next, long now) {
    PeerConfig before = config;
    config = next;
    if (ConfigChange.needsReset(before, next)) {
      reset(Notification.cease(6, ""), now);
    } else if (session != null) {
      session.change(before, now);
    } else if (before.passive() != next.passive()) {
      if (isDialled()) {
        retry.anew(now);
      } else {
        retry.never();
      }
    }
  }
}
