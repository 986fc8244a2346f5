package io.denim.bgp.speaker;

import io.denim.bgp.wire.Open;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A peer as it is at one moment.
 *
 * @param name of the peer
 * @param address of the peer
 * @param state of the session
 * @param seconds for how long it has been in it
 * @param dynamic whether it is of a range
 * @param ours what this side says in its OPEN
 * @param theirs what the peer said in its own, while the session is up
 * @param families that were agreed, and what came and was let in
 * @param lag octets that wait to be sent
 * @param problem what went wrong last, in words; empty when nothing has
 * @param sessions how often it has been up
 * @param received messages of each type, by its number
 * @param malformed messages that ended a session
 * @param treatedAsWithdrawn UPDATEs whose routes counted as withdrawn (RFC 7606)
 */
public record PeerStatus(
    String name,
    IpAddress address,
    PeerState state,
    long seconds,
    boolean dynamic,
    Optional<Open> ours,
    Optional<Open> theirs,
    Map<Family, Routes> families,
    long lag,
    String problem,
    long sessions,
    Map<Integer, Long> received,
    long malformed,
    long treatedAsWithdrawn) {
  /**
   * Routes of a family.
   *
   * @param received how many came
   * @param accepted how many of them were let in
   * @param ended whether the whole table has come (RFC 4724 2)
   * @param stale whether they are kept for a peer that restarts
   */
  public record Routes(int received, int accepted, boolean ended, boolean stale) {}

  static PeerStatus of(Peer peer, Core core, long now) {
    Optional<Session> session = peer.session();
    Map<Family, Routes> families = new EnumMap<>(Family.class);
    for (Family family : peer.config().families().keySet()) {
      families.put(
          family,
          new Routes(
              core.rib.received(peer.number(), family),
              core.rib.accepted(peer.number(), family),
              session.map(up -> up.ended().contains(family)).orElse(false),
              peer.stale().families().contains(family)));
    }
    Map<Integer, Long> received = new TreeMap<>();
    for (int type = 1; type <= 5; type++) {
      received.put(type, peer.counters().receivedCount(type));
    }
    return new PeerStatus(
        peer.config().name(),
        peer.config().address(),
        peer.state(),
        TimeUnit.NANOSECONDS.toSeconds(now - peer.since()),
        peer.dynamic(),
        session.map(up -> up.agreement().ours()),
        session.map(up -> up.agreement().theirs()),
        families,
        session.map(up -> up.outflow().lag()).orElse(0L),
        peer.problem(),
        peer.counters().sessions(),
        received,
        peer.counters().malformedCount(),
        peer.counters().withdrawnCount());
  }
}
