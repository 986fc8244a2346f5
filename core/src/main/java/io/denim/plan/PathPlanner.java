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
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Chooses the path to each remote subnet. */
public final class PathPlanner {
  private PathPlanner() {}

  /**
   * One path for each subnet of each peer in the families that are on here, by subnet. What can
   * lead to one place only leads to the first that wants it: a destination, the address that stands
   * for a subnet in a tunnel, a hardware address in a tunnel. Of two that want it, that is who can
   * be reached at all, then who comes first by name.
   */
  public static List<PeerPath> paths(Snapshot snapshot) {
    List<PeerPath> paths = new ArrayList<>(snapshot.peers().size());
    for (Family family : Family.values()) {
      snapshot
          .local()
          .stack(family)
          .ifPresent(stack -> addPaths(View.of(snapshot, family, stack), paths));
    }
    paths.sort(
        Comparator.<PeerPath>naturalOrder()
            .thenComparing(PathPlanner::leadsNowhere)
            .thenComparing(PeerPath::peer));
    return withoutConflicts(snapshot, paths);
  }

  private static boolean leadsNowhere(PeerPath peer) {
    return peer.path() instanceof Path.Unreachable;
  }

  private static List<PeerPath> withoutConflicts(Snapshot snapshot, List<PeerPath> paths) {
    Conflicts conflicts = new Conflicts(snapshot.local());
    List<PeerPath> kept = new ArrayList<>(paths.size());
    for (PeerPath peer : paths) {
      kept.add(
          conflicts
              .reasonAgainst(peer)
              .map(reason ->
                  new PeerPath(peer.peer(), peer.subnet(), new Path.Unreachable(reason), reason))
              .orElse(peer));
    }
    return List.copyOf(kept);
  }

  /** Who has what only one can have. */
  private static final class Conflicts {
    private final Set<MacAddress> own = new HashSet<>();
    private final Map<Vtep, PeerPath> ofVtep = new HashMap<>();
    private final Map<Cidr, PeerPath> ofSubnet = new HashMap<>();
    private final Map<IpAddress, PeerPath> ofTunnelAddress = new HashMap<>();

    /** A hardware address in a tunnel; another tunnel may have it too. */
    private record Vtep(String device, MacAddress mac) {}

    Conflicts(LocalNode local) {
      local.stacks().values().forEach(stack -> own.add(stack.vtepMac()));
    }

    /** Empty when a path has all that it wants, and then has it from now on. */
    Optional<String> reasonAgainst(PeerPath peer) {
      if (leadsNowhere(peer)) {
        return Optional.empty();
      }
      PeerPath same = ofSubnet.get(peer.subnet());
      if (same != null) {
        return Optional.of("its subnet is " + same.peer() + "'s already");
      }
      Optional<String> reason =
          peer.path() instanceof Path.Vxlan vxlan ? inTheTunnel(peer, vxlan) : Optional.empty();
      if (reason.isEmpty()) {
        ofSubnet.put(peer.subnet(), peer);
      }
      return reason;
    }

    private Optional<String> inTheTunnel(PeerPath peer, Path.Vxlan vxlan) {
      if (own.contains(vxlan.mac())) {
        return Optional.of(publishes(vxlan, "this node"));
      }
      PeerPath shorter = ofTunnelAddress.get(peer.subnet().address());
      if (shorter != null) {
        return Optional.of("its subnet begins like " + shorter.peer() + "'s " + shorter.subnet());
      }
      PeerPath first = ofVtep.putIfAbsent(new Vtep(vxlan.device(), vxlan.mac()), peer);
      if (first != null
          && first.path() instanceof Path.Vxlan other
          && !other.remote().equals(vxlan.remote())) {
        return Optional.of(publishes(vxlan, first.peer()));
      }
      ofTunnelAddress.put(peer.subnet().address(), peer);
      return Optional.empty();
    }

    private static String publishes(Path.Vxlan vxlan, String whose) {
      return "it publishes the VTEP address " + vxlan.mac() + ", which " + whose + " has already";
    }
  }

  private static void addPaths(View view, List<PeerPath> paths) {
    for (Peer peer : view.snapshot.peers()) {
      peer.subnet(view.family).ifPresent(subnet -> paths.add(view.path(peer, subnet)));
    }
  }

  /** The snapshot, looked at for one address family. */
  private record View(Snapshot snapshot, Family family, LocalNode.Stack stack, String tunnel) {
    /** The tunnel's name is one text for all peers. */
    static View of(Snapshot snapshot, Family family, LocalNode.Stack stack) {
      String tunnel =
          snapshot.config().backend() instanceof Backend.Vxlan vxlan
              ? Devices.vxlan(family, vxlan.vni())
              : "";
      return new View(snapshot, family, stack, tunnel);
    }

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
      return new Choice(new Path.Vxlan(tunnel, remote, data.get().mac()), why);
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
