package io.denim.network.kubernetes;

import io.denim.model.FlannelLease;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.network.Membership;
import io.denim.network.Unreadable;
import io.denim.network.Vanished;
import io.denim.state.Peer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of the other nodes, kept up to date change by change. A peer that has not changed
 * is the same object in every list. Not for use by several threads at once.
 *
 * <p>A node's podCIDRs are needed before it is a peer; while they are not known its object waits,
 * and what was known before stays.
 */
final class NodeBook {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** A node whose subnets are known. */
  private record Known(String uid, PodCidrs cidrs) {}

  private final NodeAnnotations annotations;
  private final Vanished vanished;
  private final Map<String, Known> known = new HashMap<>();
  private final TreeMap<String, Peer> peers = new TreeMap<>();
  private final Map<String, NodeObject> waiting = new HashMap<>();
  private final Set<String> without = new HashSet<>();
  private final Unreadable unreadable = new Unreadable();
  private long asks;

  NodeBook(NodeAnnotations annotations, InstantSource clock) {
    this.annotations = annotations;
    this.vanished = new Vanished(clock);
  }

  /** All nodes that there are, before each of them is {@link #put}. */
  void listed(Set<String> names) {
    vanished.listed(List.copyOf(peers.keySet()), names);
    known.keySet().removeIf(name -> !names.contains(name) && !peers.containsKey(name));
    waiting.keySet().retainAll(names);
    without.retainAll(names);
    unreadable.goneIf(shown -> !names.contains(nameOf(shown)));
  }

  /** A node that was created or changed; false when no peer is another for it. */
  boolean put(NodeObject node) {
    Known before = known.get(node.name());
    boolean managed = annotations.managed(node.annotations());
    if (before != null && !before.uid.equals(node.uid()) && peers.containsKey(node.name())) {
      return reborn(node, managed);
    }
    boolean was = vanished.contains(node.name());
    vanished.settled(node.name());
    PodCidrs cidrs =
        node.podCidrs()
            .orElseGet(() ->
                before != null && before.uid.equals(node.uid()) ? before.cidrs : PodCidrs.NONE);
    if (managed && cidrs.isEmpty()) {
      await(node);
      return was;
    }
    waiting.remove(node.name());
    if (!cidrs.isEmpty()) {
      known.put(node.name(), new Known(node.uid(), cidrs));
    }
    return arrange(node, managed ? cidrs : PodCidrs.NONE) || was;
  }

  /**
   * A node that was deleted and registered anew while nobody was watching. What was known of it
   * stays as what has vanished, until the new one publishes itself.
   */
  private boolean reborn(NodeObject node, boolean managed) {
    PodCidrs cidrs = node.podCidrs().orElse(PodCidrs.NONE);
    if (managed && !cidrs.isEmpty()) {
      waiting.remove(node.name());
      vanished.settled(node.name());
      known.put(node.name(), new Known(node.uid(), cidrs));
      arrange(node, cidrs);
      return true;
    }
    boolean first = !vanished.contains(node.name());
    vanished.listed(Set.of(node.name()), Set.of());
    if (managed) {
      await(node);
    } else {
      waiting.remove(node.name());
    }
    return first;
  }

  private void await(NodeObject node) {
    if (!node.equals(waiting.put(node.name(), node))) {
      without.remove(node.name());
      asks++;
    }
  }

  /** The subnets of a node that was waiting for them. */
  boolean cidrs(String name, String uid, PodCidrs cidrs) {
    NodeObject node = waiting.get(name);
    if (node == null || !node.uid().equals(uid)) {
      return false;
    }
    if (cidrs.isEmpty()) {
      without.add(name);
      return tell(node, List.of("it takes part but has no podCIDR"));
    }
    return put(
        new NodeObject(name, uid, node.resourceVersion(), node.annotations(), Optional.of(cidrs)));
  }

  /** A node that was deleted. */
  boolean gone(String name) {
    vanished.settled(name);
    known.remove(name);
    waiting.remove(name);
    without.remove(name);
    boolean told = unreadable.gone(shown(name));
    return peers.remove(name) != null || told;
  }

  /** Takes those out that vanished long ago; false when there were none. */
  boolean settleVanished() {
    Set<String> due = vanished.due();
    due.forEach(name -> {
      LOG.info("node={} has not come back and counts as deleted", name);
      known.remove(name);
      peers.remove(name);
    });
    return !due.isEmpty();
  }

  /** Makes the peer agree with what its node says; without subnets it is none. */
  private boolean arrange(NodeObject node, PodCidrs cidrs) {
    String name = node.name();
    Peer before = peers.get(name);
    if (cidrs.isEmpty()) {
      peers.remove(name);
      return unreadable.gone(shown(name)) || before != null;
    }
    NodeAnnotations.Reading reading = annotations.read(node.annotations());
    List<String> problems = new ArrayList<>(reading.problems());
    Peer now = peer(name, cidrs, reading.lease());
    if (now == null && problems.isEmpty()) {
      problems.add("it takes part but publishes no address of a family of its podCIDR");
    }
    boolean told = tell(node, problems);
    boolean way = makeWay(name, cidrs);
    if (now == null) {
      return peers.remove(name) != null || told || way;
    }
    if (now.equals(before)) {
      return told || way;
    }
    peers.put(name, now);
    return true;
  }

  /** The families that have both a subnet and an address; null when there is none. */
  private static @Nullable Peer peer(String name, PodCidrs cidrs, FlannelLease lease) {
    Optional<Cidr> v4 = cidrs.v4().filter(_ -> lease.publicAddress(Family.IPV4).isPresent());
    Optional<Cidr> v6 = cidrs.v6().filter(_ -> lease.publicAddress(Family.IPV6).isPresent());
    return v4.isEmpty() && v6.isEmpty() ? null : new Peer(name, v4, v6, lease);
  }

  /** Who vanished makes way for who has got the same subnet. */
  private boolean makeWay(String name, PodCidrs cidrs) {
    boolean any = false;
    for (String other : vanished.names()) {
      Known of = known.get(other);
      if (!other.equals(name) && of != null && of.cidrs.overlaps(cidrs)) {
        LOG.info("node={} has the podCIDR of node={}, which has vanished", name, other);
        any |= gone(other);
      }
    }
    return any;
  }

  private boolean tell(NodeObject node, List<String> problems) {
    String record = shown(node.name());
    return problems.isEmpty()
        ? unreadable.mended(record)
        : unreadable.skip(record, String.join("; ", problems), node.annotations().toString());
  }

  private static String shown(String name) {
    return "nodes/" + name;
  }

  private static String nameOf(String shown) {
    return shown.substring("nodes/".length());
  }

  /** In the order of their names. */
  List<Peer> peers() {
    return new ArrayList<>(peers.values());
  }

  /** Nodes that take part and whose subnets are not known, with their uids. */
  Map<String, String> waiting() {
    return waiting.values().stream()
        .collect(Collectors.toUnmodifiableMap(NodeObject::name, NodeObject::uid));
  }

  /** All of them are to be asked for once more. */
  void askAnew() {
    without.clear();
  }

  /** Those of them for which nobody has asked since they began to wait or changed. */
  Set<String> unasked() {
    Set<String> names = new HashSet<>(waiting.keySet());
    names.removeAll(without);
    return names;
  }

  /** Grows when a node begins to wait, or one that waits has changed. */
  long asks() {
    return asks;
  }

  Map<String, String> unreadable() {
    return unreadable.reasons();
  }

  Optional<String> problem() {
    return vanished.problem();
  }

  /** Whether there are any that wait to be gone. */
  boolean hasVanished() {
    return !vanished.isEmpty();
  }
}
