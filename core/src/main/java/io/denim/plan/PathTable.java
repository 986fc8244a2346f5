package io.denim.plan;

import io.denim.model.BackendData;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.state.LocalNode;
import io.denim.state.Peer;
import io.denim.state.Snapshot;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The paths of one snapshot, so that when a few of thousands of peers change only theirs need be
 * planned. It gives the same as planning everything anew would, and where it cannot be sure of that
 * it says so by giving nothing. Used by one thread.
 */
public final class PathTable {
  /** Beyond this part of all peers, planning everything anew is no dearer. */
  private static final int LARGE_PART = 4;

  private static final int FEW = 64;

  private final Map<Cidr, PeerPath> bySubnet = new HashMap<>();
  private final Map<Claim, Integer> claims = new HashMap<>();
  private final Set<MacAddress> own = new HashSet<>();
  private final Set<Family> families;
  private List<Peer> peers;

  /** What only one peer should want, since the paths of two that want it depend on each other. */
  private sealed interface Claim {
    /** Subnets that begin with the same address. */
    record Subnet(IpAddress first) implements Claim {}

    /** The hardware address of a VTEP, in the tunnel of one family. */
    record Vtep(Family family, MacAddress mac) implements Claim {}
  }

  /**
   * What has changed: paths that went and paths that came, those that only changed being in both.
   */
  public record Change(List<PeerPath> before, List<PeerPath> after) {
    /** Copies the lists. */
    public Change {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }
  }

  /** The table of a snapshot and its paths. */
  public PathTable(Snapshot snapshot, List<PeerPath> paths) {
    families = EnumSet.noneOf(Family.class);
    families.addAll(snapshot.local().stacks().keySet());
    peers = snapshot.peers();
    paths.forEach(path -> bySubnet.put(path.subnet(), path));
    peers.forEach(peer -> claims(peer).forEach(claim -> claims.merge(claim, 1, Integer::sum)));
    snapshot.local().stacks().values().stream().map(LocalNode.Stack::vtepMac).forEach(own::add);
  }

  /**
   * Goes on to a snapshot that differs in its peers only. Peers that did not change should be the
   * same objects as before.
   *
   * @return empty when everything has to be planned anew; the table is then of no more use
   */
  public Optional<Change> moveTo(Snapshot next) {
    List<Peer> gone = new ArrayList<>();
    List<Peer> come = new ArrayList<>();
    compare(peers, next.peers(), gone, come);
    if (gone.size() + come.size() > Math.max(FEW, next.peers().size() / LARGE_PART)) {
      return Optional.empty();
    }
    List<PeerPath> before = new ArrayList<>(gone.size());
    for (Peer peer : gone) {
      if (!remove(peer, before)) {
        return Optional.empty();
      }
    }
    List<PeerPath> after = PathPlanner.paths(next.withPeers(come));
    for (Peer peer : come) {
      for (Claim claim : claims(peer)) {
        if (isOwn(claim) || claims.merge(claim, 1, Integer::sum) > 1) {
          return Optional.empty();
        }
      }
    }
    after.forEach(path -> bySubnet.put(path.subnet(), path));
    peers = next.peers();
    return Optional.of(new Change(before, after));
  }

  /** False when another peer's path may depend on this one. */
  private boolean remove(Peer peer, List<PeerPath> before) {
    for (Claim claim : claims(peer)) {
      if (isOwn(claim) || claims.merge(claim, -1, Integer::sum) != 0) {
        return false;
      }
      claims.remove(claim);
    }
    for (Family family : families) {
      peer.subnet(family).map(bySubnet::remove).ifPresent(before::add);
    }
    return true;
  }

  private boolean isOwn(Claim claim) {
    return claim instanceof Claim.Vtep vtep && own.contains(vtep.mac());
  }

  private List<Claim> claims(Peer peer) {
    List<Claim> all = new ArrayList<>(2);
    for (Family family : families) {
      peer.subnet(family).ifPresent(subnet -> all.add(new Claim.Subnet(subnet.address())));
      peer.lease()
          .data(family)
          .filter(BackendData.Vxlan.class::isInstance)
          .ifPresent(data -> all.add(new Claim.Vtep(family, ((BackendData.Vxlan) data).mac())));
    }
    return all;
  }

  /** Walks two lists that are in the same order; what is one object in both has not changed. */
  @SuppressWarnings("ReferenceEquality") // The same object is what says that nothing has changed.
  private static void compare(List<Peer> old, List<Peer> now, List<Peer> gone, List<Peer> come) {
    int i = 0;
    int j = 0;
    while (i < old.size() || j < now.size()) {
      if (i == old.size()) {
        come.add(now.get(j++));
      } else if (j == now.size()) {
        gone.add(old.get(i++));
      } else if (old.get(i) == now.get(j)) {
        i++;
        j++;
      } else {
        int order = order(old.get(i), now.get(j));
        if (order <= 0) {
          gone.add(old.get(i++));
        }
        if (order >= 0) {
          come.add(now.get(j++));
        }
      }
    }
  }

  private static int order(Peer a, Peer b) {
    int names = a.name().compareTo(b.name());
    return names != 0
        ? names
        : a.subnetV4()
            .map(Cidr::toString)
            .orElse("")
            .compareTo(b.subnetV4().map(Cidr::toString).orElse(""));
  }
}
