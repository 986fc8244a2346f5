package io.denim.plan;

import io.denim.net.IpAddress;
import io.denim.plan.Desired.ForwardingEntry;
import io.denim.plan.Desired.NeighbourEntry;
import io.denim.plan.Desired.RouteEntry;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The kernel objects that some paths are made of, and no others.
 *
 * @param routes by destination
 * @param neighbours by device and address
 * @param forwarding by device and hardware address
 */
public record PeerObjects(
    List<RouteEntry> routes, List<NeighbourEntry> neighbours, List<ForwardingEntry> forwarding) {
  /** Copies the lists. */
  public PeerObjects {
    routes = List.copyOf(routes);
    neighbours = List.copyOf(neighbours);
    forwarding = List.copyOf(forwarding);
  }

  /** Expands paths. */
  public static PeerObjects of(List<PeerPath> paths) {
    List<RouteEntry> routes = new ArrayList<>(paths.size());
    List<NeighbourEntry> neighbours = new ArrayList<>(paths.size());
    // A node that holds two subnets has one VTEP.
    Set<ForwardingEntry> forwarding = new LinkedHashSet<>();
    for (PeerPath peer : paths) {
      switch (peer.path()) {
        case Path.Direct(IpAddress nextHop, String device) ->
            routes.add(new RouteEntry(peer.subnet(), nextHop, device, false));
        case Path.Vxlan vxlan -> {
          IpAddress vtep = peer.subnet().address();
          routes.add(new RouteEntry(peer.subnet(), vtep, vxlan.device(), true));
          neighbours.add(new NeighbourEntry(vxlan.device(), vtep, vxlan.mac()));
          forwarding.add(new ForwardingEntry(vxlan.device(), vxlan.mac(), vxlan.remote()));
        }
        case Path.Unreachable _ -> {
          // Nothing is installed: the destination falls through to the node's other routes.
        }
      }
    }
    return new PeerObjects(routes, neighbours, List.copyOf(forwarding));
  }
}
