package io.denim.network;

import io.denim.state.Peer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Peers in the order of their names. Thousands are copied whole after each change, so they stand in
 * arrays, of which a copy costs a microsecond, and not in a tree. Not for several threads at once.
 */
final class PeerList {
  private final List<String> keys = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();

  /** Puts the peer of a lease in, in the place of one of this name and lease. */
  void put(Peer peer, String lease) {
    String key = key(peer, lease);
    int at = Collections.binarySearch(keys, key);
    if (at >= 0) {
      peers.set(at, peer);
    } else {
      keys.add(-at - 1, key);
      peers.add(-at - 1, peer);
    }
  }

  /** Takes the peer of a lease out, if it is there. */
  void remove(Peer peer, String lease) {
    int at = Collections.binarySearch(keys, key(peer, lease));
    if (at >= 0) {
      keys.remove(at);
      peers.remove(at);
    }
  }

  /** Two leases may have a holder of the same name. */
  private static String key(Peer peer, String lease) {
    return peer.name() + '\0' + lease;
  }

  List<Peer> all() {
    return List.copyOf(peers);
  }
}
