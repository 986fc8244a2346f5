package io.denim.bgp.speaker;

import io.denim.bgp.bfd.BfdListener;
import io.denim.bgp.config.MaxPrefixes;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Malformed;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer: dials it or waits for it, decides between two connections (RFC 4271 6.8, RFC 6286),
 * watches the timers, and hands the one that is left to a {@link Session}. The states are those of
 * RFC 4271 8, with RFC 4724 4.2 for a peer that comes back, RFC 9687 for one that does not read.
 * Used by the speaker's thread only.
 */
final class Peer {
  private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** How long a peer may take to say its OPEN. */
  private static final long OPEN_PATIENCE = 60 * SECOND;

  /** What a loop that was late gives those who may have been heard meanwhile. */
  private static final long LATE_GRACE = 10 * SECOND;

  /** After a loss, the side that dials tries often for so long. */
  private static final long HURRY = 30 * SECOND;

  private static final long ERROR_FORGOTTEN = 300 * SECOND;
  private static final long LONGEST_ERROR_PAUSE = 30;
  private static final int FSM_ERROR = 5;
  private static final int HOLD_EXPIRED = 4;

  private final Core core;
  private final int number;
  private final boolean dynamic;
  private final PeerCounters counters = new PeerCounters();
  private PeerConfig config;
  private @Nullable Connection out;
  private @Nullable Connection in;
  private @Nullable Session session;
  private final Stale stale;
  private final Watch watch;
  private long dialAt = Long.MAX_VALUE;
  private long dialUntil;
  private long hurryUntil = Long.MIN_VALUE;
  private long errorPause;
  private long lastError;
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
    stale = new Stale(core.rib, number);
    watch = new Watch(core, this);
    since = now;
    if (!config.shutdown() && !config.passive()) {
      // All nodes of a network may start at once.
      dialAt = now + (long) (core.random.nextDouble() * SECOND);
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

  /** Nothing is left of it: no connection, no routes that wait for it. */
  boolean isIdle() {
    return session == null && out == null && in == null && stale.isEmpty();
  }

  /** The state as RFC 4271 has it. */
  PeerState state() {
    if (session != null) {
      return PeerState.ESTABLISHED;
    }
    PeerState best = dialAt == Long.MAX_VALUE && !isDown() ? PeerState.ACTIVE : PeerState.IDLE;
    for (Connection each : new Connection[] {out, in}) {
      if (each != null) {
        PeerState state =
            switch (each.state()) {
              case CONNECT -> PeerState.CONNECT;
              case OPEN_SENT -> PeerState.OPEN_SENT;
              case OPEN_CONFIRM -> PeerState.OPEN_CONFIRM;
              case ESTABLISHED -> PeerState.ESTABLISHED;
              case CLOSED -> PeerState.IDLE;
            };
        best = state.compareTo(best) > 0 ? state : best;
      }
    }
    return best;
  }

  /** Looks at all that has a time. */
  void tick(long now, boolean late) {
    if (late) {
      grace(now);
    }
    if (now - dialAt >= 0 && dialAt != Long.MAX_VALUE) {
      dial(now);
    }
    Connection dialling = out;
    if (dialling != null && dialling.state() == Connection.State.CONNECT && now - dialUntil >= 0) {
      dialling.drop();
      out = null;
      trouble(noAnswer());
      dialAt = now + jitter(retryPause(now));
    }
    for (Connection each : new Connection[] {out, in}) {
      if (each != null && each.state() != Connection.State.CONNECT && now - each.holdUntil() >= 0) {
        String missing = each.state() == Connection.State.OPEN_SENT ? "said its" : "confirmed our";
        fail(
            each,
            Notification.of(HOLD_EXPIRED, 0),
            "it has not " + missing + " OPEN in time" + suspicion(),
            now);
      }
    }
    Session up = session;
    if (up != null) {
      up.tick(now);
    }
    stale.tick(now);
    watch.look();
  }

  private String noAnswer() {
    return "no answer from " + config.address() + " port " + config.port() + suspicion();
  }

  /** A kernel drops what is signed otherwise, or has come too far, and says nothing. */
  private String suspicion() {
    List<String> questions = new ArrayList<>();
    if (config.password().isPresent()) {
      questions.add("is the password right on both sides?");
    }
    if (config.ttl() instanceof Ttl.Security(int hops)) {
      String most = hops + (hops == 1 ? " hop?" : " hops?");
      questions.add("has it TTL security, too, and is it no farther than " + most);
    }
    return questions.isEmpty() ? "" : ": " + String.join(" ", questions);
  }

  /** A loop that was late for seconds must not take silence for death. */
  private void grace(long now) {
    for (Connection each : new Connection[] {out, in}) {
      if (each != null) {
        each.holdUntil(Math.max(each.holdUntil(), now + LATE_GRACE));
      }
    }
    if (session != null) {
      session.grace(now + LATE_GRACE);
    }
  }

  private void dial(long now) {
    dialAt = Long.MAX_VALUE;
    if (out != null || session != null || isDown()) {
      return;
    }
    try {
      SocketChannel channel = core.sockets.dial(config);
      Connection connection = new Connection(channel, true, this, now);
      connection.key(channel.register(core.selector, SelectionKey.OP_CONNECT, connection));
      out = connection;
      dialUntil = now + config.timers().connectTimeout().toNanos();
      if (channel.connect(PlainSockets.address(config.address(), config.port()))) {
        connected(connection, now);
      }
    } catch (IOException | UnresolvedAddressException e) {
      Connection begun = out;
      if (begun != null) {
        begun.drop();
        out = null;
      }
      trouble("cannot dial " + config.address() + ": " + e.getMessage());
      dialAt = now + jitter(retryPause(now));
    }
  }

  /** TCP of a dialled connection is up, or has failed. */
  void connected(Connection connection, long now) {
    try {
      if (connection.channel().finishConnect()) {
        open(connection, now);
      }
    } catch (IOException e) {
      connection.drop();
      out = null;
      trouble(
          e instanceof ConnectException
              ? "nobody listens at " + config.address() + " port " + config.port()
              : "cannot reach " + config.address() + ": " + e.getMessage());
      dialAt = now + jitter(retryPause(now));
    }
  }

  private void open(Connection connection, long now) {
    connection.state(Connection.State.OPEN_SENT);
    watch.look();
    connection.holdUntil(now + OPEN_PATIENCE);
    connection.send(Handshake.ours(core.config(), config, core.restarting()).encode());
    flush(connection, now);
  }

  private void flush(Connection connection, long now) {
    try {
      if (connection.writeControl(now)) {
        connection.idle(now);
      }
    } catch (IOException e) {
      lost(connection, "the connection broke: " + e.getMessage());
    }
  }

  /** Writes what there is. */
  void write(long now) {
    Session up = session;
    if (up != null) {
      if (!up.connection().blocked() || up.connection().isWritable()) {
        up.write(now);
      }
      return;
    }
    for (Connection each : new Connection[] {out, in}) {
      if (each != null && each.hasControl()) {
        flush(each, now);
      }
    }
  }

  /** The peer has dialled. */
  void accept(SocketChannel channel, long now) throws IOException {
    core.sockets.accepted(channel, config);
    Connection connection = new Connection(channel, false, this, now);
    connection.key(channel.register(core.selector, SelectionKey.OP_READ, connection));
    if (isDown()) {
      connection.close(
          Notification.cease(2, "this session is shut down by its administrator"),
          core.lingering,
          now);
      return;
    }
    Connection before = in;
    if (before != null) {
      // The peer has given that one up, or it would not dial again.
      before.drop();
    }
    in = connection;
    open(connection, now);
  }

  /** What came cannot be understood, and ends the connection. */
  void malformed(Connection from, Malformed why) {
    counters.malformed();
    fail(
        from,
        why.notification(),
        "it sent what cannot be understood: " + why.words(),
        System.nanoTime());
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
    switch (type) {
      case Framer.OPEN -> {
        if (from.state() == Connection.State.OPEN_SENT) {
          opened(from, Open.parse(buffer, offset, length), now);
        } else {
          unexpected(from, type, now);
        }
      }
      case Framer.NOTIFICATION -> ended(from, Notification.parse(buffer, offset, length), now);
      case Framer.KEEPALIVE, Framer.UPDATE -> {
        if (from.state() == Connection.State.OPEN_CONFIRM) {
          establish(from, now);
          if (type == Framer.UPDATE && session != null) {
            session.take(type, buffer, offset, length, now);
          }
        } else {
          unexpected(from, type, now);
        }
      }
      default -> unexpected(from, type, now);
    }
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

  private void opened(Connection from, Open open, long now) {
    Optional<Handshake.Refusal> refusal = Handshake.refuse(core.config(), config, open);
    if (refusal.isPresent()) {
      fail(from, refusal.get().notification(), refusal.get().words(), now);
      return;
    }
    from.received(open);
    if (!wins(from, open, now)) {
      close(from, Notification.cease(7, ""), now);
      return;
    }
    from.state(Connection.State.OPEN_CONFIRM);
    int hold = config.timers().negotiatedHold(open.holdTime());
    from.holdUntil(hold == 0 ? Long.MAX_VALUE : now + hold * SECOND);
    from.send(Framer.keepalive());
    flush(from, now);
  }

  /** Which of two connections stays (RFC 4271 6.8, RFC 6286 2.3, RFC 4724 4.2). */
  private boolean wins(Connection from, Open open, long now) {
    Session up = session;
    if (up != null) {
      boolean same = up.theirs().identifier() == open.identifier();
      if (!same || !up.keepsRoutes()) {
        return false;
      }
      // The peer has restarted, and this side has not heard of the end of the old session yet.
      up.connection().drop();
      sessionEnded(true, "it has begun anew", now);
      return true;
    }
    Connection other = from == out ? in : out;
    if (other == null) {
      return true;
    }
    if (other.state() == Connection.State.CONNECT) {
      close(other, Notification.cease(7, ""), now);
      return true;
    }
    if (other.state() != Connection.State.OPEN_CONFIRM) {
      return true;
    }
    int order = Integer.compareUnsigned(core.config().routerId().low32(), open.identifier());
    if (order == 0) {
      order = Long.compare(config.localAs(core.config()), open.as());
    }
    boolean wins = (order > 0) == from.dialled();
    if (wins) {
      close(other, Notification.cease(7, ""), now);
    }
    return wins;
  }

  private void establish(Connection winner, long now) {
    Connection other = winner == out ? in : out;
    if (other != null) {
      close(other, Notification.cease(7, ""), now);
    }
    out = null;
    in = null;
    dialAt = Long.MAX_VALUE;
    winner.state(Connection.State.ESTABLISHED);
    problem = "";
    since = now;
    counters.established();
    Session begun = new Session(core, this, winner, now);
    session = begun;
    watch.up(begun);
    begun.begin(now);
    LOG.info("peer {} is up: {}", config.name(), begun.summary());
  }

  /** A connection that is not needed is closed; that is no error. */
  private void close(Connection connection, Notification notification, long now) {
    connection.close(notification, core.lingering, now);
    forget(connection);
  }

  private void forget(Connection connection) {
    if (connection == out) {
      out = null;
    }
    if (connection == in) {
      in = null;
    }
  }

  /** Ends a connection because of an error of the peer's. */
  void fail(Connection connection, Notification notification, String why, long now) {
    connection.close(notification, core.lingering, now);
    boolean keep =
        session != null
            && session.connection() == connection
            && session.keepsRoutesOver(notification);
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
    connection.drop();
    boolean keep =
        session != null
            && session.connection() == connection
            && session.keepsRoutesOver(notification);
    // Who refused a version or lost a collision may come again at once.
    boolean error =
        !(notification.code() == Notification.CEASE && notification.subcode() == 7)
            && !(notification.code() == 2 && notification.subcode() == 1);
    over(connection, keep, "it says: " + notification.words(), error, now);
  }

  /** The peer has closed a connection, or it broke. */
  void lost(Connection connection, String why) {
    connection.drop();
    boolean keep = session != null && session.connection() == connection && session.keepsRoutes();
    over(connection, keep, why, false, System.nanoTime());
  }

  private void over(Connection connection, boolean keep, String why, boolean error, long now) {
    Session up = session;
    if (up != null && up.connection() == connection) {
      sessionEnded(keep, why, now);
    } else {
      forget(connection);
      trouble(why);
    }
    if (error) {
      errorPause =
          now - lastError > ERROR_FORGOTTEN || errorPause == 0
              ? 1
              : Math.min(LONGEST_ERROR_PAUSE, 2 * errorPause);
      lastError = now;
    }
    if (session == null && out == null && !isDown() && !config.passive() && !dynamic) {
      dialAt = now + jitter(error ? errorPause * SECOND : retryPause(now));
    }
  }

  private void sessionEnded(boolean keep, String why, long now) {
    Session up = session;
    if (up == null) {
      return;
    }
    session = null;
    since = now;
    hurryUntil = now + HURRY;
    up.end(keep, now);
    trouble(why);
    watch.down(up, why);
    LOG.info("peer {} is down: {}", config.name(), why);
  }

  private void trouble(String why) {
    problem = why;
  }

  private long retryPause(long now) {
    return now - hurryUntil < 0 ? SECOND : config.timers().connectRetry().toNanos();
  }

  private long jitter(long nanos) {
    return nanos - (long) (core.random.nextDouble() * nanos / 4);
  }

  /** Too many prefixes have come (RFC 4271 6.7). */
  void tooMany(MaxPrefixes limit, Notification notification, String words, long now) {
    Session up = session;
    if (up == null) {
      return;
    }
    fail(up.connection(), notification, words, now);
    switch (limit.action()) {
      case MaxPrefixes.Action.Restart(var after) -> dialAt = now + after.toNanos();
      case MaxPrefixes.Action.Down() -> hold();
      case MaxPrefixes.Action.Warn() -> {
        // It would not have come to this.
      }
    }
  }

  private void hold() {
    held = true;
    dialAt = Long.MAX_VALUE;
  }

  /** Ends what there is with a peer, and all that is known of it. */
  void stop(Notification notification, long now) {
    for (Connection each : new Connection[] {out, in}) {
      if (each != null) {
        close(each, notification, now);
      }
    }
    Session up = session;
    if (up != null) {
      up.connection().close(up.forGood(notification), core.lingering, now);
      sessionEnded(false, "this side has ended it: " + notification.words(), now);
    }
    stale.dropAll();
    dialAt = Long.MAX_VALUE;
  }

  /** Ends the session; it begins anew at once, and even if it was held down. */
  void reset(Notification notification, long now) {
    stop(notification, now);
    held = false;
    errorPause = 0;
    if (!config.shutdown() && !config.passive() && !dynamic) {
      dialAt = now + jitter(SECOND);
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
    }
  }
}
