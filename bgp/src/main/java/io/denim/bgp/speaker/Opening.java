package io.denim.bgp.speaker;

import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.loop.SocketAddresses;
import io.denim.bgp.wire.Capabilities;
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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A peer's connections until one of them is its session: at most one that was dialled and one that
 * was accepted, each with an OPEN both ways. Where both get so far, one has to go (RFC 4271 6.8,
 * RFC 6286). Used by the speaker's thread only.
 */
final class Opening {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** How long a peer may take to say its OPEN. */
  private static final long OPEN_PATIENCE = 60 * SECOND;

  /** How long one that is confirmed waits for another that would win over it. */
  private static final long COLLISION_PATIENCE = SECOND;

  private static final int HOLD_EXPIRED = 4;
  private static final Notification COLLISION = Notification.cease(7, "");

  private final Core core;
  private final Peer peer;
  private final ConnectRetry retry;
  private @Nullable Connection out;
  private @Nullable Connection in;
  private @Nullable Connection confirmed;
  private long confirmedUntil;
  private List<Notification> refusals = List.of();
  private long dialUntil;

  Opening(Core core, Peer peer, ConnectRetry retry) {
    this.core = core;
    this.peer = peer;
    this.retry = retry;
  }

  boolean isEmpty() {
    return out == null && in == null;
  }

  /** Whether this side has dialled. */
  boolean hasDialled() {
    return out != null;
  }

  /** How far the farther of them is; idle without any. */
  PeerState state() {
    PeerState best = PeerState.IDLE;
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

  /** Looks at what takes too long. */
  void tick(long now) {
    Connection ready = confirmed;
    if (ready != null && (other(ready) == null || now - confirmedUntil >= 0)) {
      var _ = peer.establish(ready, now);
      return;
    }
    Connection dialling = out;
    if (dialling != null && dialling.state() == Connection.State.CONNECT && now - dialUntil >= 0) {
      dialling.drop();
      failed(noAnswer(), now);
    }
    for (Connection each : new Connection[] {out, in}) {
      if (each != null && each.state() != Connection.State.CONNECT && now - each.holdUntil() >= 0) {
        String missing = each.state() == Connection.State.OPEN_SENT ? "said its" : "confirmed our";
        peer.fail(
            each,
            Notification.of(HOLD_EXPIRED, 0),
            "it has not " + missing + " OPEN in time" + suspicion(),
            now);
      }
    }
  }

  private String noAnswer() {
    PeerConfig config = peer.config();
    return "no answer from " + config.at() + " port " + config.port() + suspicion();
  }

  /** A kernel drops what is signed otherwise, or has come too far, and says nothing. */
  private String suspicion() {
    PeerConfig config = peer.config();
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

  /** Silence until then is this side's own. */
  void grace(long until) {
    for (Connection each : new Connection[] {out, in}) {
      if (each != null) {
        each.holdUntil(Math.max(each.holdUntil(), until));
      }
    }
  }

  /** Dials, unless it has been done. */
  void dial(long now) {
    if (out != null) {
      return;
    }
    PeerConfig config = peer.config();
    try {
      SocketChannel channel = core.sockets.dial(config);
      Connection connection = new Connection(channel, true, peer, now);
      connection.key(channel.register(core.selector, SelectionKey.OP_CONNECT, connection));
      out = connection;
      dialUntil = now + config.timers().connectTimeout().toNanos();
      if (channel.connect(SocketAddresses.of(config.address(), config.device(), config.port()))) {
        connected(connection, now);
      }
    } catch (IOException | UnresolvedAddressException | UnsupportedOperationException e) {
      // A machine may have no sockets of IPv6.
      Connection begun = out;
      if (begun != null) {
        begun.drop();
      }
      failed("cannot dial " + config.at() + ": " + e.getMessage(), now);
    }
  }

  private void failed(String why, long now) {
    out = null;
    peer.trouble(why);
    if (peer.isDialled()) {
      retry.again(now);
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
      PeerConfig config = peer.config();
      failed(
          e instanceof ConnectException
              ? "nobody listens at " + config.at() + " port " + config.port()
              : "cannot reach " + config.at() + ": " + e.getMessage(),
          now);
    }
  }

  /** The peer has dialled. */
  void accept(SocketChannel channel, long now) throws IOException {
    core.sockets.accepted(channel, peer.config());
    Connection connection = new Connection(channel, false, peer, now);
    connection.key(channel.register(core.selector, SelectionKey.OP_READ, connection));
    if (peer.isDown()) {
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
      forget(before);
    }
    in = connection;
    if (peer.session().isPresent()) {
      // It dialled before it knew, and closes this one if nothing is said on it; or it has
      // restarted, and says its OPEN.
      connection.holdUntil(now + OPEN_PATIENCE);
    } else {
      open(connection, now);
    }
  }

  /** The session is over: a connection on which this side has waited goes on. */
  void sessionEnded(long now) {
    Connection waiting = in;
    if (waiting != null && waiting.ours() == null) {
      open(waiting, now);
    }
  }

  private void open(Connection connection, long now) {
    connection.state(Connection.State.OPEN_SENT);
    peer.watch().look();
    connection.holdUntil(now + OPEN_PATIENCE);
    connection.open(ours());
    flush(connection, now);
  }

  private Open ours() {
    Open open = Handshake.ours(core.config(), peer.config(), core.restarting());
    Capabilities can = open.capabilities();
    for (Notification refusal : refusals) {
      can = can.without(refusal);
    }
    return core.ours.of(open.with(can));
  }

  /**
   * Whether the OPENs from now on go without something that the peer refuses with this (RFC 5492
   * 3). It is offered again after a session, when the peer may be another program.
   */
  boolean yields(Connection connection, Notification refusal) {
    Open sent = connection.ours();
    if (sent == null || sent.capabilities().without(refusal).equals(sent.capabilities())) {
      return false;
    }
    if (!refusals.contains(refusal)) {
      List<Notification> more = new ArrayList<>(refusals);
      more.add(refusal);
      refusals = more;
    }
    return true;
  }

  /** What the OPENs go without, and why, in words; empty when they have all. */
  String yielded() {
    return refusals.isEmpty()
        ? ""
        : "goes without capabilities that it refused: " + refusals.getLast().words();
  }

  /** All is offered again. */
  void offerAll() {
    refusals = List.of();
  }

  private void flush(Connection connection, long now) {
    try {
      if (connection.writeControl(now)) {
        connection.idle(now);
      }
    } catch (IOException e) {
      peer.lost(connection, "the connection broke: " + e.getMessage());
    }
  }

  /** Writes what there is. */
  void write(long now) {
    for (Connection each : new Connection[] {out, in}) {
      if (each != null && each.hasControl()) {
        flush(each, now);
      }
    }
  }

  /**
   * Takes a message of a connection that is no session yet.
   *
   * @throws Malformed when it cannot be understood
   */
  void take(Connection from, int type, byte[] buffer, int offset, int length, long now) {
    switch (type) {
      case Framer.OPEN -> {
        if (from.state() == Connection.State.OPEN_SENT) {
          opened(from, Open.parse(buffer, offset, length), now);
        } else {
          peer.unexpected(from, type, now);
        }
      }
      case Framer.NOTIFICATION -> peer.ended(from, Notification.parse(buffer, offset, length), now);
      case Framer.KEEPALIVE, Framer.UPDATE -> {
        if (type == Framer.KEEPALIVE && mayLose(from)) {
          if (confirmed == null) {
            confirmed = from;
            confirmedUntil = now + COLLISION_PATIENCE;
          }
        } else if (from.state() == Connection.State.OPEN_CONFIRM) {
          Session begun = peer.establish(from, now);
          if (type == Framer.UPDATE) {
            begun.take(type, buffer, offset, length, now);
          }
        } else {
          peer.unexpected(from, type, now);
        }
      }
      default -> peer.unexpected(from, type, now);
    }
  }

  private void opened(Connection from, Open open, long now) {
    PeerConfig config = peer.config();
    Open ours = Objects.requireNonNullElseGet(from.ours(), this::ours);
    Optional<Handshake.Refusal> refusal = Handshake.refuse(core.config(), config, ours, open);
    if (refusal.isPresent()) {
      peer.fail(from, refusal.get().notification(), refusal.get().words(), now);
      return;
    }
    from.received(open.with(core.theirs.of(open.capabilities())));
    if (ours.capabilities().extendedMessages() && open.capabilities().extendedMessages()) {
      from.extend();
    }
    if (!wins(from, open, now)) {
      close(from, COLLISION, now);
      return;
    }
    from.state(Connection.State.OPEN_CONFIRM);
    int hold = config.timers().negotiatedHold(open.holdTime());
    from.holdUntil(hold == 0 ? Long.MAX_VALUE : now + hold * SECOND);
    from.send(Framer.keepalive());
    flush(from, now);
  }

  private @Nullable Connection other(Connection one) {
    return one == out ? in : out;
  }

  /**
   * Whether the peer may give this connection up although it has confirmed it: there is another
   * whose OPEN from it is not here yet, and that would win. Who goes ahead then has a session that
   * ends at once.
   */
  private boolean mayLose(Connection from) {
    Connection other = other(from);
    return from.state() == Connection.State.OPEN_CONFIRM
        && other != null
        && other.state() == Connection.State.OPEN_SENT
        && !winsCollision(from, Objects.requireNonNull(from.received()));
  }

  private boolean winsCollision(Connection from, Open open) {
    return Handshake.dominates(core.config(), peer.config(), open) == from.dialled();
  }

  /** Which of two connections stays (RFC 4271 6.8, RFC 6286 2.3, RFC 4724 4.2). */
  private boolean wins(Connection from, Open open, long now) {
    if (peer.session().isPresent()) {
      return peer.beginsAnew(open, now);
    }
    Connection other = other(from);
    if (other == null) {
      return true;
    }
    if (other.state() == Connection.State.CONNECT) {
      close(other, COLLISION, now);
      return true;
    }
    if (other.state() != Connection.State.OPEN_CONFIRM) {
      return true;
    }
    boolean wins = winsCollision(from, open);
    if (wins) {
      close(other, COLLISION, now);
    }
    return wins;
  }

  /** One of them is the session from now on; the other goes. */
  void won(Connection winner, long now) {
    Connection other = other(winner);
    if (other != null) {
      close(other, COLLISION, now);
    }
    out = null;
    in = null;
    confirmed = null;
  }

  /** A connection that is not needed is closed; that is no error. */
  private void close(Connection connection, Notification notification, long now) {
    connection.close(notification, core.lingering, now);
    forget(connection);
  }

  void closeAll(Notification notification, long now) {
    for (Connection each : new Connection[] {out, in}) {
      if (each != null) {
        close(each, notification, now);
      }
    }
  }

  /** A connection is over. */
  void forget(Connection connection) {
    if (connection == confirmed) {
      confirmed = null;
    }
    if (connection == out) {
      out = null;
    }
    if (connection == in) {
      in = null;
    }
  }
}
