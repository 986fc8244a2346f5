package io.denim.agent;

import io.denim.linux.netlink.NetlinkMonitor.Change;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Desired.ForwardingEntry;
import io.denim.plan.Desired.NeighbourEntry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Which neighbours and forwarding entries there should be in the node's tunnels, to tell the news
 * of what this agent has done itself from the news of what others have: of some of these the kernel
 * does not say who it was, and reading thousands of entries again for each own one would be dear.
 * The loop says what should be, before it makes it so; any thread asks.
 */
final class TunnelPlan {
  private final Map<Vtep, IpAddress> remotes = new ConcurrentHashMap<>();
  private final Map<IpAddress, MacAddress> neighbours = new ConcurrentHashMap<>();
  private volatile Set<Integer> tunnels = Set.of();

  /** A hardware address in the tunnel over an underlay of one family. */
  private record Vtep(Family underlay, MacAddress mac) {
    static Vtep of(ForwardingEntry entry) {
      return new Vtep(entry.remote().family(), entry.mac());
    }
  }

  /** The links that are tunnels, by their numbers. */
  void tunnels(Set<Integer> indexes) {
    tunnels = Set.copyOf(indexes);
  }

  /** These and no others. */
  void set(List<NeighbourEntry> beside, List<ForwardingEntry> forwarding) {
    neighbours
        .keySet()
        .retainAll(beside.stream().map(NeighbourEntry::address).collect(Collectors.toSet()));
    remotes.keySet().retainAll(forwarding.stream().map(Vtep::of).collect(Collectors.toSet()));
    add(beside, forwarding);
  }

  /** Takes some out. */
  void remove(List<NeighbourEntry> beside, List<ForwardingEntry> forwarding) {
    beside.forEach(entry -> neighbours.remove(entry.address()));
    forwarding.forEach(entry -> remotes.remove(Vtep.of(entry)));
  }

  /** Takes some in. */
  void add(List<NeighbourEntry> beside, List<ForwardingEntry> forwarding) {
    beside.forEach(entry -> neighbours.put(entry.address(), entry.mac()));
    forwarding.forEach(entry -> remotes.put(Vtep.of(entry), entry.remote()));
  }

  /** Whether a link is a tunnel of this node. */
  boolean isTunnel(int ifindex) {
    return tunnels.contains(ifindex);
  }

  /** Whether news of a tunnel's forwarding says something else than the plan. */
  boolean isBroken(Change.ForwardingChanged news) {
    boolean right =
        news.remote()
            .filter(remote -> {
              IpAddress wanted = remotes.get(new Vtep(remote.family(), news.mac()));
              return news.deleted() != remote.equals(wanted);
            })
            .isPresent();
    return isTunnel(news.ifindex()) && !right;
  }

  /** Whether news of a neighbour in a tunnel says something else than the plan. */
  boolean isBroken(Change.NeighbourChanged news) {
    Optional<MacAddress> wanted = Optional.ofNullable(neighbours.get(news.address()));
    boolean right =
        news.deleted() ? wanted.isEmpty() : wanted.isPresent() && wanted.equals(news.mac());
    return isTunnel(news.ifindex()) && !right;
  }
}
