package io.denim.bgp.rib;

import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for whom a path is of: a peer, and the path identifier that it gave (RFC 7911), 0 without
 * one. Number 0 is the speaker itself. A number plus one is the path identifier under which a path
 * is passed on, so it lives as long as something may have been said of it; then it may be
 * another's.
 */
final class Sources {
  private final List<@Nullable SourceInfo> peers = new ArrayList<>();
  private final BitSet taken = new BitSet();
  private final Map<IpAddress, SourceInfo> addresses = new HashMap<>();
  private final List<String> kinds = new ArrayList<>(List.of(""));
  private final LongIntMap numbers = new LongIntMap();
  private int[] peer = new int[16];
  private int[] received = new int[16];
  private int end;
  private final BitSet free = new BitSet();

  Sources(SourceInfo local) {
    peers.add(local);
    var _ = number(0, 0);
  }

  /** A number for a peer that no other has now. */
  int newPeer() {
    int number = taken.nextClearBit(1);
    taken.set(number);
    while (peers.size() <= number) {
      peers.add(null);
    }
    return number;
  }

  /** One more than the greatest number that was ever a peer's. */
  int peers() {
    return peers.size();
  }

  /** What is known of a peer, as it is now. */
  void set(SourceInfo info) {
    forgetAddress(info.peer());
    peers.set(info.peer(), info);
    if (!info.address().needsInterface()) {
      // No next hop that leaves is another's link-local address.
      addresses.put(info.address(), info);
    }
  }

  private void forgetAddress(int number) {
    SourceInfo before = peers.get(number);
    if (before != null) {
      addresses.remove(before.address(), before);
    }
  }

  /** The number of the peer with this address; 0 when there is none. */
  int at(IpAddress address) {
    SourceInfo info = addresses.get(address);
    return info == null ? 0 : info.peer();
  }

  /** The address of a peer; empty for one that was never up. */
  Optional<IpAddress> address(int number) {
    return Optional.ofNullable(peers.get(number)).map(SourceInfo::address);
  }

  /** Whether a peer was known as something else. */
  boolean isChange(SourceInfo info) {
    SourceInfo before = peers.get(info.peer());
    return before != null && !before.equals(info);
  }

  /** A peer is gone, and all of its paths. */
  void remove(int gone) {
    forgetAddress(gone);
    peers.set(gone, null);
    taken.clear(gone);
  }

  SourceInfo info(int source) {
    return Objects.requireNonNull(peers.get(peer[source]), "a path of a peer that is gone");
  }

  /** The peer of a source. */
  int peer(int source) {
    return peer[source];
  }

  /** The number of the speaker's own routes of a kind, such as "block". */
  int ownNumber(String kind) {
    int index = kinds.indexOf(kind);
    if (index < 0) {
      index = kinds.size();
      kinds.add(kind);
    }
    return number(0, index);
  }

  /** The kind of a route of the speaker's own; empty for one of a peer. */
  String kind(int source) {
    return peer[source] == 0 ? kinds.get(received[source]) : "";
  }

  /** The path identifier that came. */
  int received(int source) {
    return received[source];
  }

  private static long key(int ofPeer, int pathId) {
    return (long) ofPeer << 32 | (pathId & 0xffff_ffffL);
  }

  /** The number of a peer's paths of this identifier; negative when it has had none. */
  int find(int ofPeer, int pathId) {
    int known = numbers.get(key(ofPeer, pathId));
    return known == LongIntMap.ABSENT ? -1 : known;
  }

  /** The number of a peer's paths of this identifier, a new one if it has none. */
  int number(int ofPeer, int pathId) {
    int known = find(ofPeer, pathId);
    if (known >= 0) {
      return known;
    }
    int number = free.nextSetBit(0);
    if (number < 0) {
      number = end++;
      peer = Growth.fit(peer, number);
      received = Growth.fit(received, number);
    }
    free.clear(number);
    peer[number] = ofPeer;
    received[number] = pathId;
    numbers.put(key(ofPeer, pathId), number);
    return number;
  }

  /** How many numbers are somebody's. */
  int size() {
    return end - free.cardinality();
  }

  /** Gives up all numbers but these, and those of the speaker's own. */
  void keepOnly(BitSet used) {
    numbers.clear();
    for (int source = 0; source < end; source++) {
      boolean own = peer[source] == 0 && !free.get(source);
      if (own || used.get(source)) {
        numbers.put(key(peer[source], received[source]), source);
      } else {
        free.set(source);
      }
    }
  }
}
