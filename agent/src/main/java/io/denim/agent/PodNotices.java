package io.denim.agent;

import io.denim.linux.netlink.NetlinkMonitor.Change;
import io.denim.state.PodPorts;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Tells what the kernel says of pods' own devices from what concerns the node, so that pods that
 * come and go do not make the agent read the whole kernel again. Used by one thread.
 */
final class PodNotices {
  /** The bridge of each of pods' devices, by their numbers. */
  private final Map<Integer, Integer> masters = new HashMap<>();

  /** Whether there is nothing in it for the node. */
  boolean isOfPods(Change change) {
    return switch (change) {
      case Change.LinkChanged link -> isOfPods(link);
      case Change.Changed changed ->
          switch (changed.topic()) {
            case ADDRESS, ROUTE -> masters.containsKey(changed.ifindex());
            case LINK, RULE, NEXTHOP, NEIGHBOUR, NFTABLES -> false;
          };
      case Change.ForwardingChanged _, Change.NeighbourChanged _ -> false;
      case Change.Overrun _ -> {
        // What was not heard may have been of any of them.
        masters.clear();
        yield false;
      }
    };
  }

  private boolean isOfPods(Change.LinkChanged link) {
    OptionalInt group = link.group();
    if (group.isEmpty()) {
      return masters.containsKey(link.ifindex());
    }
    if (!PodPorts.ALL.contains(group.getAsInt())) {
      masters.remove(link.ifindex());
      return false;
    }
    if (link.deleted()) {
      masters.remove(link.ifindex());
      return true;
    }
    Integer before = masters.put(link.ifindex(), link.master());
    // A port that somebody takes from the bridge is put back. One that is being made has had none.
    boolean lost =
        before != null
            && before != 0
            && link.master() != before
            && group.getAsInt() != PodPorts.DYING;
    return !lost;
  }
}
