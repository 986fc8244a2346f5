package io.denim.plan;

import io.denim.model.Backend;
import io.denim.model.BackendData;
import io.denim.model.FlannelLease;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.state.LocalNode;
import io.denim.state.Peer;
import io.denim.state.Snapshot;
import io.denim.state.Underlay.UnderlayRoute;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Chooses the path to each remote subnet. */
public final class PathPlanner {
  private PathPlanner() {}

  /**
   * One path for each subnet of each peer in the families that are on here, by subnet. Where two
   * peers publish one VTEP address, only the first gets a path by it: the kernel knows one place
   * for each hardware address.
   */
  public static List<PeerPath> paths(Snapshot snapshot) {
    List<PeerPath> paths = new ArrayList<>(snapshot.peers().size());
    for (Family family : Family.values()) {
      snapshot
          .local()
          .stack(family)
          .ifPresent(stack -> addPaths(new View(snapshot, family, stack), paths));
    }
    paths.sort(null);
    return withoutConflicts(snapshot, paths);
  }

  private static List<PeerPath> withoutConflicts(Snapshot snapshot, List<PeerPath> paths) {
    Map<MacAddress, PeerPath> holders = new HashMap<>();
    Map<MacAddress, String> own = new HashMap<>();
    snapshot.local().stacks().values().forEach(s -> own.put(s.vtepMac(), snapshot.local().name()));
    List<PeerPath> kept = new ArrayList<>(paths.size());
    for (PeerPath peer : paths) {
      if (!(peer.path() instanceof Path.Vxlan vxlan)) {
        kept.add(peer);
        continue;
      }
      PeerPath holder = holders.putIfAbsent(vxlan.mac(), peer);
      boolean samePlace =
          holder == null
              || (holder.path() instanceof Path.Vxlan other
                  && other.remote().equals(vxlan.remote()));
      if (samePlace && !own.containsKey(vxlan.mac())) {
        kept.add(peer);
      } else {
        String whose = holder == null ? "this node" : holder.peer();
        String reason =
            "it publishes the VTEP address " + vxlan.mac() + ", which " + whose + " has already";
        kept.add(new PeerPath(peer.peer(), peer.subnet(), new Path.Unreachable(reason), reason));
      }
    }
    return List.copyOf(kept);
  }

  private static void addPaths(View view, List<PeerPath> paths) {
    for (Peer peer : view.snapshot.peers()) {
      peer.subnet(view.family).ifPresent(subnet -> paths.add(view.path(peer, subnet)));
    }
  }

  /** The snapshot, looked at for one address family. */
  private record View(Snapshot snapshot, Family family, LocalNode.Stack stack) {
    PeerPath path(Peer peer, Cidr subnet) {
      Choice choice = choose(peer, subnet);
      return new PeerPath(peer.name(), subnet, choice.path, choice.reason);
    }

    private Choice choose(Peer peer, Cidr subnet) {
      Optional<IpAddress> remote = peer.lease().publicAddress(family);
      if (subnet.overlaps(stack.subnet())) {
        return refuse("its subnet overlaps this node's own " + stack.subnet());
      }
      if (snapshot.config().network(family).stream().noneMatch(n -> n.network().contains(subnet))) {
        return refuse("its subnet is outside the configured network");
      }
      if (remote.isEmpty()) {
        return refuse("it publishes no " + family + " address");
      }
      if (remote.get().equals(stack.publicAddress())) {
        return refuse(
            "it publishes this node's own address "
                + remote.get()
                + "; give one of the two another --public-ip or --iface");
      }
      return switch (snapshot.config().backend()) {
        case Backend.Alloc() ->
            refuse("backend alloc only hands out subnets; routing is somebody else's");
        case Backend.HostGw() -> hostGw(remote.get());
        case Backend.Vxlan vxlan -> vxlan(vxlan, peer.lease(), remote.get());
      };
    }

    private Choice hostGw(IpAddress remote) {
      return direct(remote)
          .map(path -> new Choice(path, "host-gw: " + remote + " is on the link"))
          .orElseGet(() ->
              refuse(
                  remote
                      + " is in another subnet, and host-gw needs all nodes on one link; use vxlan with"
                      + " DirectRouting"));
    }

    private Choice vxlan(Backend.Vxlan vxlan, FlannelLease lease, IpAddress remote) {
      Optional<Path> direct = direct(remote);
      if (vxlan.directRouting() && direct.isPresent()) {
        return new Choice(direct.get(), "DirectRouting: " + remote + " is on the link");
      }
      Optional<BackendData.Vxlan> data =
          lease
              .data(family)
              .filter(BackendData.Vxlan.class::isInstance)
              .map(BackendData.Vxlan.class::cast);
      if (data.isEmpty()) {
        String what = "it receives no vxlan (its backend is \"" + lease.backendType() + "\")";
        return direct
            .map(path -> new Choice(path, what + ", but " + remote + " is on the link"))
            .orElseGet(() -> refuse(what + " and " + remote + " is in another subnet"));
      }
      int theirs = data.get().vni().orElse(vxlan.vni());
      if (theirs != vxlan.vni()) {
        return refuse("its VNI is " + theirs + ", this node's is " + vxlan.vni());
      }
      String why =
          !vxlan.directRouting()
              ? "vxlan to every node"
              : "DirectRouting: " + remote + " is in another subnet";
      return new Choice(
          new Path.Vxlan(Devices.vxlan(family, vxlan.vni()), remote, data.get().mac()), why);
    }

    private Optional<Path> direct(IpAddress remote) {
      return snapshot
          .underlay()
          .routeTo(remote)
          .filter(route -> route.gateway().isEmpty())
          .map(UnderlayRoute::device)
          .map(device -> new Path.Direct(remote, device));
    }

    private static Choice refuse(String reason) {
      return new Choice(new Path.Unreachable(reason), reason);
    }
  }

  private record Choice(Path path, String reason) {}
}
