package io.denim.bgp.speaker;

import io.denim.bgp.config.FamilyConfig;
import io.denim.bgp.config.MaxPrefixes;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.policy.Source;
import io.denim.bgp.rib.GroupKey;
import io.denim.bgp.rib.ImportRules;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.rib.SourceInfo;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.GracefulRestart;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.bgp.wire.RouteRefresh;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private final Open theirs;
  private final Open ours;
  private final Negotiated negotiated;
  private final Outflow outflow;
  private final Set<Family> families = EnumSet.noneOf(Family.class);
  private final Set<Family> ended = EnumSet.noneOf(Family.class);
  private final Set<String> warned = new HashSet<>();
  private final IpAddress ownAddress;
  private final Optional<Cidr> subnet;
  private final long holdNanos;
  private final long keepaliveNanos;
  private final long sendHoldNanos;
  private long keepaliveAt;
  private Optional<Lifeline> lifeline = Optional.empty();

  Session(Core core, Peer peer, Connection connection, long now) {
    this.core = core;
    this.peer = peer;
    this.connection = connection;
    theirs = Objects.requireNonNull(connection.received());
    ours = Handshake.ours(core.config(), peer.config(), core.restarting());
    negotiated = core.kind(Handshake.negotiated(peer.config(), ours, theirs));
    for (Family family : Family.values()) {
      if (negotiated.agreed(family)) {
        families.add(family);
      }
    }
    outflow = new Outflow(connection);
    ownAddress = ownAddress(connection);
    subnet =
        negotiated.external()
            ? core.sockets.subnet(ownAddress).filter(each -> each.contains(peer.config().address()))
            : Optional.empty();
    int hold = peer.config().timers().negotiatedHold(theirs.holdTime());
    holdNanos = hold * SECOND;
    keepaliveNanos = peer.config().timers().keepalive(hold).toNanos();
    sendHoldNanos = peer.config().timers().sendHold(hold).toNanos();
    keepaliveAt = keepaliveNanos == 0 ? Long.MAX_VALUE : now + keepaliveNanos;
  }

  private static IpAddress ownAddress(Connection connection) {
    try {
      InetSocketAddress local = (InetSocketAddress) connection.channel().getLocalAddress();
      return IpAddress.ofBytes(local.getAddress().getAddress());
    } catch (IOException e) {
      // It has just been closed, and will be told so.
      return IpAddress.ANY_V4;
    }
  }

  Connection connection() {
    return connection;
  }

  Open theirs() {
    return theirs;
  }

  Open ours() {
    return ours;
  }

  /** What UPDATEs of the peer are like. */
  Negotiated negotiated() {
    return negotiated;
  }

  Outflow outflow() {
    return outflow;
  }

  /** The families that were agreed. */
  Set<Family> families() {
    return Set.copyOf(families);
  }

  /** Those whose whole table has come. */
  Set<Family> ended() {
    return Set.copyOf(ended);
  }

  long holdNanos() {
    return holdNanos;
  }

  String summary() {
    return "AS "
        + theirs.as()
        + ", identifier "
        + IpAddress.v4(theirs.identifier())
        + ", families "
        + families
        + ", hold time "
        + holdNanos / SECOND
        + " s";
  }

  /** Tells what there is, and waits for what comes. */
  void begin(long now) {
    int mostOctets = extended() ? Framer.MAX_EXTENDED_LENGTH : Framer.MAX_LENGTH;
    if (mostOctets > Framer.MAX_LENGTH) {
      connection.extend();
    }
    heard(now);
    core.rib.setPeer(source(), rules());
    for (Family family : peer.stale().families()) {
      if (families.contains(family) && keptForwarding(family)) {
        peer.stale().refresh(family, now + STALE_PATH_TIME);
      } else {
        peer.stale().finish(family);
      }
    }
    if (core.restarting() && passesOn()) {
      outflow.hold();
    }
    lifeline = Lifeline.begin(core, this, peer, ownAddress, negotiated.external());
    for (Family family : families) {
      Rib.Telling telling = core.rib.tell(peer.number(), key(family));
      outflow.add(family, telling, UpdateEncoder.endOfRib(family));
    }
  }

  /**
   * Whether the peer is told others' routes, of which some may be missing still. It deletes what it
   * has from before a restart as soon as it is told that there is no more (RFC 4724 4.1).
   */
  private boolean passesOn() {
    return negotiated.external()
        || core.config().peers().stream().anyMatch(PeerConfig::client)
        || core.config().ranges().stream().anyMatch(range -> range.template().client());
  }

  /** The restart is over: what there was to tell has been told. */
  void restarted() {
    outflow.release();
  }

  /** Whether a restart of this side still waits for its routes (RFC 4724 4.1). */
  boolean isWaitedFor() {
    Optional<GracefulRestart> restart = theirs.capabilities().gracefulRestart();
    return restart.isPresent() && !restart.get().restarting() && !ended.containsAll(families);
  }

  private boolean extended() {
    return peer.config().extendedMessages() && theirs.capabilities().extendedMessages();
  }

  private boolean keptForwarding(Family family) {
    if (peer.stale().isLongLived(family)) {
      return theirs
          .capabilities()
          .longLived()
          .map(all -> all.containsKey(family) && all.get(family).forwarding())
          .orElse(false);
    }
    Optional<GracefulRestart> restart = theirs.capabilities().gracefulRestart();
    return restart.isPresent() && restart.get().families().getOrDefault(family, false);
  }

  private SourceInfo source() {
    boolean external = negotiated.external();
    return new SourceInfo(
        peer.number(),
        peer.config().name(),
        external ? Source.EXTERNAL : Source.INTERNAL,
        theirs.identifier(),
        peer.config().address(),
        theirs.as(),
        peer.config().client());
  }

  private ImportRules rules() {
    SpeakerConfig speaker = core.config();
    PeerConfig config = peer.config();
    Set<Integer> clusters = new HashSet<>();
    clusters.add(speaker.clusterId().low32());
    clusters.add(config.clusterId(speaker).low32());
    return new ImportRules(
        config.importPolicy(),
        config.localAs(speaker),
        config.allowOwnAs(),
        config.enforceFirstAs(),
        speaker.routerId().low32(),
        clusters,
        config.role(),
        core.drain.isAlone(config));
  }

  private GroupKey key(Family family) {
    SpeakerConfig speaker = core.config();
    PeerConfig config = peer.config();
    boolean overV6 = family == Family.IPV4 && negotiated.v4OverV6NextHop() && !ownAddress.isV4();
    return new GroupKey(
        family,
        negotiated.external(),
        config.localAs(speaker),
        config.client(),
        config.clusterId(speaker).low32(),
        config.nextHop(),
        ownAddress(family, overV6),
        isDirect() ? subnet : Optional.empty(),
        config.exportPolicy(),
        Handshake.sendsPaths(config, theirs.capabilities(), family),
        theirs.capabilities().fourOctetAs(),
        extended() ? Framer.MAX_EXTENDED_LENGTH : Framer.MAX_LENGTH,
        theirs.capabilities().longLived().isPresent(),
        config.role(),
        core.drain.includes(config));
  }

  /** Whether the peer is on the same link, as an external one is when nothing else is said. */
  private boolean isDirect() {
    return switch (peer.config().ttl()) {
      case Ttl.Default() -> negotiated.external();
      case Ttl.Multihop _ -> false;
      case Ttl.Security(int hops) -> negotiated.external() && hops == 1;
    };
  }

  /** This side's address as a next hop of a family, also when the session is of the other one. */
  private IpAddress ownAddress(Family family, boolean overV6) {
    if (family == ownAddress.family() || overV6) {
      return ownAddress;
    }
    return family == Family.IPV4
        ? core.config().routerId()
        : IpAddress.v6(0, 0xffff_0000_0000L | ownAddress.low());
  }

  /** Whether routes stay when the connection is lost (RFC 4724). */
  boolean keepsRoutes() {
    return peer.config().gracefulRestart().enabled()
        && theirs.capabilities().gracefulRestart().isPresent()
        && !theirs.capabilities().gracefulRestart().get().families().isEmpty();
  }

  /** Whether they stay although something was said about the end (RFC 8538). */
  boolean keepsRoutesOver(Notification notification) {
    return keepsRoutes()
        && !notification.isHardReset()
        && theirs.capabilities().gracefulRestart().orElseThrow().notification();
  }

  /**
   * This end as one after which no routes of ours stay. A peer of which we keep nothing may still
   * keep ours over a NOTIFICATION: FRR that only helps others is one.
   */
  Notification forGood(Notification notification) {
    boolean theyKeep =
        peer.config().gracefulRestart().enabled()
            && theirs.capabilities().gracefulRestart().isPresent()
            && theirs.capabilities().gracefulRestart().get().notification();
    return theyKeep ? Notification.hardReset(notification) : notification;
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

  private void heard(long now) {
    connection.holdUntil(holdNanos == 0 ? Long.MAX_VALUE : now + holdNanos);
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
      peer.counters().treatedAsWithdrawn();
      warn("routes of peer {} count as withdrawn: {}", taken.withdrawnBecause().get());
    }
    if (!taken.remarks().isEmpty()) {
      warn("attributes of peer {} are left out: {}", String.valueOf(taken.remarks()));
    }
    for (Map.Entry<Family, FamilyConfig> each : peer.config().families().entrySet()) {
      each.getValue().maxPrefixes().ifPresent(limit -> check(each.getKey(), limit, now));
    }
  }

  /** A session that goes wrong goes on going wrong: each kind of trouble is told once. */
  private void warn(String format, String words) {
    if (warned.add(format)) {
      LOG.warn(format, peer.config().name(), words);
    }
  }

  private void check(Family family, MaxPrefixes limit, long now) {
    int count = core.rib.received(peer.number(), family);
    if (count <= limit.limit()) {
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
    if (!families.contains(family)) {
      return;
    }
    switch (request.subtype()) {
      case RouteRefresh.BEGIN ->
          peer.stale().keep(family, new Stale.Times(STALE_PATH_TIME, 0), now);
      case RouteRefresh.END -> peer.stale().finish(family);
      default -> tellAgain(family);
    }
  }

  /** Tells the peer all of a family's table again. */
  void tellAgain(Family family) {
    boolean enhanced = theirs.capabilities().enhancedRefresh();
    outflow.again(
        family,
        enhanced ? new RouteRefresh(family, RouteRefresh.BEGIN).encode() : NOTHING,
        enhanced ? new RouteRefresh(family, RouteRefresh.END).encode() : NOTHING);
  }

  /** Asks the peer for all of its routes. */
  void askAgain() {
    if (theirs.capabilities().routeRefresh()) {
      for (Family family : families) {
        connection.send(new RouteRefresh(family, RouteRefresh.REQUEST).encode());
      }
    }
  }

  /** Filters, or the peer's part in reflection, are others: both ways are looked at again. */
  void change(PeerConfig before, long now) {
    heard(now);
    PeerConfig after = peer.config();
    if (!before.password().equals(after.password())) {
      try {
        core.sockets.sign(connection.channel(), after.address(), after.password());
      } catch (IOException e) {
        warn("peer {} goes on with the password that it had: {}", String.valueOf(e.getMessage()));
      }
    }
    core.rib.changeImport(source(), rules());
    for (Family family : families) {
      outflow.change(family, key(family));
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
    for (Family family : families) {
      Optional<Stale.Times> times =
          Stale.Times.of(peer.config().gracefulRestart(), theirs.capabilities(), family);
      if (keep && times.isPresent()) {
        peer.stale().keep(family, times.get(), now);
      } else {
        peer.stale().finish(family);
        core.rib.removeAll(peer.number(), family);
      }
    }
  }
}
