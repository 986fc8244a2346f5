package io.denim.bgp.speaker;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * A peer as it is at one moment.
 *
 * @param name of the peer
 * @param at its address
 * @param state of the session
 * @param seconds for how long it has been in it
 * @param dynamic whether it is of a range
 * @param draining whether its session is to end soon, and its routes are the last choice (RFC 8326)
 * @param ours what this side says in its OPEN
 * @param theirs what the peer said in its own, while the session is up
 * @param families that were agreed, and what came and was let in
 * @param lag octets that wait to be sent
 * @param secondsBehind for how long something has waited to be sent; 0 when nothing does
 * @param detached whether it was so far behind that it lost its place, and is told what changed
 *     since as soon as it reads again
 * @param holdMargin the least part of the hold time that was left of late, from 0 to 1; empty
 *     without a session or without a hold time
 * @param problem what went wrong last, in words; empty when nothing has
 * @param sessions how often it has been up
 * @param received messages of each type, by its number
 * @param sent likewise
 * @param notifications NOTIFICATIONs by direction and code
 * @param lastReceived the last NOTIFICATION that came, but for those of a collision
 * @param lastSent the last one that left
 * @param malformed messages that ended a session
 * @param treatedAsWithdrawn UPDATEs whose routes counted as withdrawn (RFC 7606)
 * @param damaged the last message of these two kinds
 */
public record PeerStatus(
    String name,
    PeerAddress at,
    PeerState state,
    long seconds,
    boolean dynamic,
    boolean draining,
    Optional<Open> ours,
    Optional<Open> theirs,
    Map<Family, Routes> families,
    long lag,
    double secondsBehind,
    boolean detached,
    OptionalDouble holdMargin,
    String problem,
    long sessions,
    Map<Integer, Long> received,
    Map<Integer, Long> sent,
    List<Notifications> notifications,
    Optional<Noted> lastReceived,
    Optional<Noted> lastSent,
    long malformed,
    long treatedAsWithdrawn,
    Optional<Damaged> damaged) {
  /**
   * Routes of a family.
   *
   * @param received how many came
   * @param accepted how many of them were let in
   * @param announced how many the peer is told, or will be as soon as it reads
   * @param ended whether the whole table has come (RFC 4724 2)
   * @param stale whether they are kept for a peer that is away
   * @param longLived whether they are kept beyond its restart time, as the last choice (RFC 9494)
   * @param secondsLeft how long they are kept in this way at most
   */
  public record Routes(
      int received,
      int accepted,
      int announced,
      boolean ended,
      boolean stale,
      boolean longLived,
      long secondsLeft) {}

  /**
   * NOTIFICATIONs of a code.
   *
   * @param sent by this side
   * @param code the error code
   * @param subcode the error subcode
   * @param count how many
   */
  public record Notifications(boolean sent, int code, int subcode, long count) {}

  /**
   * A NOTIFICATION.
   *
   * @param notification what it says
   * @param seconds for how long that is past
   */
  public record Noted(Notification notification, long seconds) {}

  /**
   * A message that was damaged.
   *
   * @param endedSession whether it ended the session, and not only withdrew its routes
   * @param words what is wrong with it
   * @param octets its beginning, in hexadecimal
   * @param seconds for how long that is past
   */
  public record Damaged(boolean endedSession, String words, String octets, long seconds) {}

  /** The peer's address without its interface. */
  public IpAddress address() {
    return at.address();
  }

  static PeerStatus of(Peer peer, Core core, long now) {
    Optional<Session> session = peer.session();
    Map<Family, Routes> families = new EnumMap<>(Family.class);
    for (Family family : peer.config().families().keySet()) {
      families.put(
          family,
          new Routes(
              core.rib.received(peer.number(), family),
              core.rib.accepted(peer.number(), family),
              session.map(up -> up.outflow().announced(family)).orElse(0),
              session.map(up -> up.ended().contains(family)).orElse(false),
              peer.stale().families().contains(family),
              peer.stale().isLongLived(family),
              peer.stale().secondsLeft(family, now)));
    }
    PeerCounters counters = peer.counters();
    long behind = session.map(up -> up.outflow().behind(now)).orElse(0L);
    return new PeerStatus(
        peer.config().name(),
        peer.config().at(),
        peer.state(),
        TimeUnit.NANOSECONDS.toSeconds(now - peer.since()),
        peer.dynamic(),
        core.drain.includes(peer.config()),
        session.map(up -> up.agreement().ours()),
        session.map(up -> up.agreement().theirs()),
        families,
        session.map(up -> up.outflow().lag()).orElse(0L),
        behind / 1e9,
        session.map(up -> up.outflow().isDetached()).orElse(false),
        session.map(up -> up.holdMargin(now)).orElse(OptionalDouble.empty()),
        peer.problem(),
        counters.sessions(),
        counters.receivedByType(),
        counters.sentByType(),
        counters.notifications(),
        counters.lastReceived(now),
        counters.lastSent(now),
        counters.malformedCount(),
        counters.withdrawnCount(),
        counters.damaged(now));
  }
}
