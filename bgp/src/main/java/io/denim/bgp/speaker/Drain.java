package io.denim.bgp.speaker;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.config.PeerConfig;
import java.util.HashSet;
import java.util.Set;

/**
 * Whose sessions are to end soon, so that routes by them are the last choice before they go (RFC
 * 8326). Peers are known by their addresses: a session that begins anew, or a peer of a range that
 * dials again, is what it was. Used by the speaker's thread only.
 */
final class Drain {
  private final Set<PeerAddress> peers = new HashSet<>();
  private boolean all;

  /** One peer is drained from now on, or not by itself any more. */
  void set(PeerConfig peer, boolean on) {
    if (on) {
      peers.add(peer.at());
    } else {
      peers.remove(peer.at());
    }
  }

  /** The peer of this address is not drained by itself any more; whether it was. */
  boolean remove(PeerAddress peer) {
    return peers.remove(peer);
  }

  /** All are drained from now on, or none is any more. */
  void setAll(boolean on) {
    all = on;
    if (!on) {
      peers.clear();
    }
  }

  /** Whether all are. */
  boolean isAll() {
    return all;
  }

  /** Whether what a peer is told is to be its last choice. */
  boolean includes(PeerConfig peer) {
    return all || peers.contains(peer.at());
  }

  /** Whether what a peer announces is to be the last choice here: others may be used instead. */
  boolean isAlone(PeerConfig peer) {
    return peers.contains(peer.at());
  }
}
