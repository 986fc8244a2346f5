package io.denim.bgp.speaker;

import io.denim.bgp.config.FamilyConfig;
import io.denim.bgp.config.MaxPrefixes;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.GracefulRestart;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.bgp.wire.RouteRefresh;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What goes on between two speakers that agreed: routes both ways, keepalives, refreshes. */
final class Session {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** How long a peer that is back may take to say its routes again. */
  private static final long STALE_PATH_TIME = 360 * SECOND;

  private static final long LATE = 30 * SECOND;
  private static final byte[] NOTHING = new byte[0];

  private final Core core;
  private final Peer peer;
  private final Connection connection;
  private final Agreement agreement;
  private final Outflow outflow;
  private final Set<Family> ended = EnumSet.noneOf(Family.class);
  private final Set<Family> refreshing = EnumSet.noneOf(Family.class);
  private final List<String> warned = new ArrayList<>();
  private final long holdNanos;
  private final HoldMargin margin;
  private final long keepaliveNanos;
  private final long sendHoldNanos;
  private long keepaliveAt;
  private Optional<Lifeline> lifeline = Optional.empty();

  Session(Core core, Peer peer, Connection connection, long now) {
    this.core = core;
    this.peer = peer;
    this.connection = connection;
    agreement = new Agreement(core, peer, connection);
    outflow = new Outflow(connection, peer.counters(), now);
    int hold = agreement.holdSeconds();
    holdNanos = hold * SECOND;
    keepaliveNanos = peer.config().timers().keepalive(hold).toNanos();
    sendHoldNanos = peer.config().timers().sendHold(hold).toNanos();
    margin = new HoldMargin(Math.max(1, holdNanos), now);
    keepaliveAt = keepaliveNanos == 0 ? Long.MAX_VALUE : now + keepaliveNanos;
  }

  Connection connection() {
    return connection;
  }

  /** What it rests on. */
  Agreement agreement() {
    return agreement;
  }

  Outflow outflow() {
    return outflow;
  }

  /** Those whose whole table has come. */
  Set<Family> ended() {
    return Set.copyOf(ended);
  }

  String summary() {
    Open theirs = agreement.theirs();
    return "AS "
        + theirs.as()
        + ", identifier "
        + IpAddress.v4(theirs.identifier())
        + ", families "
        + agreement.families()
        + ", hold time "
        + holdNanos / SECOND
        + " s";
  }

  /** Tells what there is, and waits for what comes. */
  void begin(long now) {
    heard(now);
    core.rib.setPeer(agreement.source(), agreement.importRules());
    for (Family family : peer.stale().families()) {
      if (agreement.families().contains(family) && agreement.keptForwarding(family)) {
        peer.stale().refresh(family, now + STALE_PATH_TIME);
      } else {
        peer.stale().finish(family);
      }
    }
    if (core.restarting() && agreement.passesOn()) {
      outflow.hold();
    }
    lifeline = Lifeline.begin(core, this, peer, agreement);
    for (Family family : agreement.families()) {
      Rib.Telling telling = core.rib.tell(peer.number(), agreement.exportKey(family));
      outflow.add(family, telling, UpdateEncoder.endOfRib(family));
    }
  }

  /** The restart is over: what there was to tell has been told. */
  void restarted() {
    outflow.release();
  }

  /** Whether a restart of this side still waits for its routes (RFC 4724 4.1). */
  boolean isWaitedFor() {
    Optional<GracefulRestart> restart = agreement.theirs().capabilities().gracefulRestart();
    return restart.isPresent()
        && !restart.get().restarting()
        && !ended.containsAll(agreement.families());
  }

  void tick(long now) {
    if (holdNanos > 0 && now - connection.holdUntil() >= 0) {
      peer.fail(
          connection,
          Notification.of(4, 0),
          "nothing was heard of it for " + holdNanos / SECOND + " s",
          now);
      return;
    }
    if (keepaliveAt != Long.MAX_VALUE && now - keepaliveAt >= 0) {
      keepaliveAt = now + keepaliveNanos;
      connection.send(Framer.keepalive());
    }
    long waiting = now - connection.lastProgress();
    if (connection.blocked() && sendHoldNanos > 0 && waiting > sendHoldNanos) {
      connection.drop();
      peer.lost(connection, "it has read nothing for " + sendHoldNanos / SECOND + " s (RFC 9687)");
      return;
    }
    outflow.detachIfLate(connection.blocked() && waiting > LATE);
  }

  /** Silence until then is this side's own. */
  void grace(long until) {
    if (holdNanos > 0) {
      connection.holdUntil(Math.max(connection.holdUntil(), until));
    }
  }

  /** The least part of the hold time that was left of late; empty when there is none. */
  OptionalDouble holdMargin(long now) {
    return holdNanos == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(margin.least(connection.holdUntil() - now, now));
  }

  private void heard(long now) {
    if (holdNanos > 0) {
      margin.left(connection.holdUntil() - now, now);
      connection.holdUntil(now + holdNanos);
    } else {
      connection.holdUntil(Long.MAX_VALUE);
    }
  }

  /** Takes a message. */
  void take(int type, byte[] buffer, int offset, int length, long now) {
    heard(now);
    switch (type) {
      case Framer.UPDATE -> update(buffer, offset, length, now);
      case Framer.KEEPALIVE -> {
        // Hearing it was all.
      }
      case Framer.NOTIFICATION ->
          peer.ended(connection, Notification.parse(buffer, offset, length), now);
      case Framer.ROUTE_REFRESH ->
          RouteRefresh.parse(buffer, offset, length).ifPresent(request -> refresh(request, now));
      default -> peer.unexpected(connection, type, now);
    }
  }

  private void update(byte[] buffer, int offset, int length, long now) {
    Negotiated negotiated = agreement.negotiated();
    core.reader.read(buffer, offset, length, negotiated);
    Optional<Family> end = core.reader.endOfRib();
    if (end.isPresent()) {
      ended.add(end.get());
      peer.stale().finish(end.get());
      return;
    }
    Rib.Taken taken =
        core.rib.update(peer.number(), core.reader, buffer, negotiated, (int) (now / SECOND));
    if (taken.withdrawnBecause().isPresent()) {
      String why = taken.withdrawnBecause().get();
      peer.counters().treatedAsWithdrawn(why, buffer, offset, length, now);
      warn("routes of peer {} count as withdrawn: {}", why);
    }
    if (!taken.remarks().isEmpty()) {
      warn("attributes of peer {} are left out: {}", String.valueOf(taken.remarks()));
    }
    Map<Family, FamilyConfig> families = peer.config().families();
    for (Family family : Family.values()) {
      Optional.ofNullable(families.get(family))
          .flatMap(FamilyConfig::maxPrefixes)
          .ifPresent(limit -> check(family, limit, now));
    }
  }

  /** A session that goes wrong goes on going wrong: each kind of trouble is told once. */
  private void warn(String format, String words) {
    if (!warned.contains(format)) {
      warned.add(format);
      LOG.warn(format, peer.config().name(), words);
    }
  }

  private void check(Family family, MaxPrefixes limit, long now) {
    int count = core.rib.received(peer.number(), family);
    // Of a peer that is back, what it has not said again yet may be what it says no more.
    if (count <= limit.limit() || peer.stale().families().contains(family)) {
      return;
    }
    String words = "it announces more than " + limit.limit() + " prefixes of " + family;
    if (limit.action() instanceof MaxPrefixes.Action.Warn) {
      warn("peer {}: {}", words);
    } else {
      byte afi = (byte) (family == Family.IPV4 ? 1 : 2);
      int most = limit.limit();
      byte[] data = {
        0, afi, 1, (byte) (most >> 24), (byte) (most >> 16), (byte) (most >> 8), (byte) most
      };
      peer.tooMany(limit, Notification.of(Notification.CEASE, 1, data), words, now);
    }
  }

  private void refresh(RouteRefresh request, long now) {
    Family family = request.family();
    if (!agreement.families().contains(family)) {
      return;
    }
    switch (request.subtype()) {
      case RouteRefresh.BEGIN -> {
        // Before the End-of-RIB of one that restarts it means nothing (RFC 7313 4).
        if (!agreement.keepsRoutes() || ended.contains(family)) {
          peer.stale().keep(family, new Stale.Times(STALE_PATH_TIME, 0), now);
          refreshing.add(family);
        }
      }
      case RouteRefresh.END -> {
        if (refreshing.remove(family)) {
          peer.stale().finish(family);
        }
      }
      default -> tellAgain(family);
    }
  }

  /** Tells the peer all of a family's table again. */
  void tellAgain(Family family) {
    boolean enhanced = agreement.both(Capabilities::enhancedRefresh);
    outflow.again(
        family,
        enhanced ? new RouteRefresh(family, RouteRefresh.BEGIN).encode() : NOTHING,
        enhanced ? new RouteRefresh(family, RouteRefresh.END).encode() : NOTHING);
  }

  /** Asks the peer for all of its routes. */
  void askAgain() {
    if (agreement.both(Capabilities::routeRefresh)) {
      for (Family family : agreement.families()) {
        connection.send(new RouteRefresh(family, RouteRefresh.REQUEST).encode());
      }
    }
  }

  /** Filters, or the peer's part in reflection, are others: both ways are looked at again. */
  void change(PeerConfig before, long now) {
    PeerConfig after = peer.config();
    if (!before.password().equals(after.password())) {
      try {
        core.sockets.sign(connection.channel(), after.address(), after.password());
      } catch (IOException e) {
        warn("peer {} goes on with the password that it had: {}", String.valueOf(e.getMessage()));
      }
    }
    core.rib.changeImport(agreement.source(), agreement.importRules());
    for (Family family : agreement.families()) {
      outflow.change(family, agreement.exportKey(family));
    }
  }

  /** Writes what there is. */
  void write(long now) {
    try {
      outflow.write(now);
    } catch (IOException e) {
      peer.lost(connection, "the connection broke: " + e.getMessage());
    }
  }

  /**
   * The session is over.
   *
   * @param keep whether the peer's routes stay until it is back
   */
  void end(boolean keep, long now) {
    lifeline.ifPresent(Lifeline::end);
    outflow.end();
    Capabilities theirs = agreement.theirs().capabilities();
    for (Family family : agreement.families()) {
      Optional<Stale.Times> times = Stale.Times.of(peer.config().gracefulRestart(), theirs, family);
      if (keep && times.isPresent()) {
        peer.stale().keep(family, times.get(), now);
      } else {
        peer.stale().finish(family);
        core.rib.removeAll(peer.number(), family);
      }
    }
  }
}
