package io.denim.bgp.speaker;

import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.loop.SocketAddresses;
import io.denim.bgp.policy.Source;
import io.denim.bgp.rib.GroupKey;
import io.denim.bgp.rib.ImportRules;
import io.denim.bgp.rib.SourceInfo;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.GracefulRestart;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a session rests on: the two OPENs, the address that this side has on it, and the peer's
 * configuration as it is now. Says what follows for messages, for the tables, and for the routes
 * when the session ends.
 */
final class Agreement {
  private static final Logger LOG = LoggerFactory.getLogger(Agreement.class);

  private final Core core;
  private final Peer peer;
  private final Open ours;
  private final Open theirs;
  private final Negotiated negotiated;
  private final IpAddress ownAddress;
  private final IpAddress ownIpv6;
  private final Optional<Cidr> subnet;

  Agreement(Core core, Peer peer, Connection connection) {
    this.core = core;
    this.peer = peer;
    theirs = Objects.requireNonNull(connection.received());
    ours = Objects.requireNonNull(connection.ours());
    negotiated = core.kind(Handshake.negotiated(ours, theirs));
    ownAddress = core.ownAddresses.of(ownAddress(connection));
    ownIpv6 = ownIpv6(core, peer.config(), ownAddress, negotiated.v6());
    subnet =
        negotiated.external() && !ownAddress.needsInterface()
            ? core.sockets.subnet(ownAddress).filter(each -> each.contains(peer.config().address()))
            : Optional.empty();
  }

  /** Where nothing else is known, an IPv4-mapped address, as FRR has it. */
  private static IpAddress ownIpv6(Core core, PeerConfig peer, IpAddress own, boolean needed) {
    boolean global = !own.isV4() && !own.needsInterface();
    if (global || (own.isV4() && !needed)) {
      // In the second case it is the next hop of nothing.
      return own;
    }
    IpAddress mapped = own.mapped();
    try {
      return core.sockets.globalIpv6(own, peer.device()).orElse(mapped);
    } catch (IOException e) {
      LOG.warn("which IPv6 address goes with {} is not known: {}", own, e.getMessage());
      return mapped;
    }
  }

  private static IpAddress ownAddress(Connection connection) {
    try {
      InetSocketAddress local = (InetSocketAddress) connection.channel().getLocalAddress();
      return SocketAddresses.address(local);
    } catch (IOException e) {
      // It has just been closed, and will be told so.
      return IpAddress.ANY_V4;
    }
  }

  Open ours() {
    return ours;
  }

  Open theirs() {
    return theirs;
  }

  /** What UPDATEs of the peer are like. */
  Negotiated negotiated() {
    return negotiated;
  }

  /** What UPDATEs to the peer are like. */
  Negotiated told() {
    return Handshake.negotiated(theirs, ours);
  }

  /** The families that were agreed. */
  Set<Family> families() {
    return negotiated.families();
  }

  /** This side's address on the session. */
  IpAddress ownAddress() {
    return ownAddress;
  }

  /** Whether both sides can do something. */
  boolean both(Predicate<Capabilities> can) {
    return can.test(ours.capabilities()) && can.test(theirs.capabilities());
  }

  /** How long a message may be (RFC 8654). */
  int mostOctets() {
    return both(Capabilities::extendedMessages) ? Framer.MAX_EXTENDED_LENGTH : Framer.MAX_LENGTH;
  }

  /** How long the peer may be silent, in seconds; 0 for ever. */
  int holdSeconds() {
    return peer.config().timers().negotiatedHold(theirs.holdTime());
  }

  /** The peer as the tables know it. */
  SourceInfo source() {
    return new SourceInfo(
        peer.number(),
        peer.config().name(),
        negotiated.external() ? Source.EXTERNAL : Source.INTERNAL,
        theirs.identifier(),
        peer.config().at(),
        theirs.as(),
        peer.config().client());
  }

  /** What becomes of its routes on their way in. */
  ImportRules importRules() {
    SpeakerConfig speaker = core.config();
    PeerConfig config = peer.config();
    Set<Integer> clusters = new HashSet<>();
    clusters.add(speaker.clusterId().low32());
    clusters.add(config.clusterId(speaker).low32());
    return core.importRules.of(
        new ImportRules(
            config.importPolicy(),
            config.localAs(speaker),
            config.allowOwnAs(),
            config.enforceFirstAs(),
            speaker.routerId().low32(),
            clusters,
            config.role(),
            core.drain.isAlone(config)));
  }

  /** What it is told of a family. */
  GroupKey exportKey(Family family) {
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
        nextHop(family, overV6),
        linkLocal(family, overV6),
        isDirect() ? subnet : Optional.empty(),
        config.exportPolicy(),
        Handshake.sendsPaths(ours.capabilities(), theirs.capabilities(), family),
        negotiated.fourOctetAs(),
        mostOctets(),
        theirs.capabilities().longLived().isPresent(),
        config.role(),
        negotiated.v4OverV6NextHop(),
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

  /** The link-local address that goes along with a global one as the next hop (RFC 2545 3). */
  private Optional<IpAddress> linkLocal(Family family, boolean overV6) {
    return ownAddress.needsInterface()
            && !ownIpv6.needsInterface()
            && (family == Family.IPV6 || overV6)
        ? Optional.of(ownAddress)
        : Optional.empty();
  }

  /** This side's address as a next hop of a family, also when the session is of the other one. */
  private IpAddress nextHop(Family family, boolean overV6) {
    if (family == Family.IPV6 || overV6) {
      return ownIpv6;
    }
    return ownAddress.isV4() ? ownAddress : core.config().routerId();
  }

  /**
   * Whether the peer is told others' routes, of which some may be missing still after a restart. It
   * deletes what it has from before as soon as it is told that there is no more (RFC 4724 4.1).
   */
  boolean passesOn() {
    return negotiated.external()
        || core.config().peers().stream().anyMatch(PeerConfig::client)
        || core.config().ranges().stream().anyMatch(range -> range.template().client());
  }

  /** Whether the peer, which is back, has gone on forwarding what it had told of a family. */
  boolean keptForwarding(Family family) {
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

  /** Whether routes stay when the connection is lost (RFC 4724). */
  boolean keepsRoutes() {
    return both(can -> can.gracefulRestart().isPresent())
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
        both(can -> can.gracefulRestart().isPresent())
            && theirs.capabilities().gracefulRestart().get().notification();
    return theyKeep ? Notification.hardReset(notification) : notification;
  }
}
