package io.denim.network;

import io.denim.ipam.FlannelLayout;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.LeaseRecord;
import io.denim.model.NodeFacts;
import io.denim.model.SubnetKey;
import io.denim.net.IpAddress;
import io.denim.state.Peer;
import io.denim.store.Entry;
import io.denim.store.Listing;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leases and Denim's records of nodes say, kept up to date change by change. A peer that
 * has not changed is the same object in every list. Not for use by several threads at once.
 */
final class LeaseBook {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final Map<String, LeaseRecord> leases = new HashMap<>();
  private final Map<String, Peer> peers = new HashMap<>();
  private final TreeMap<String, Peer> sorted = new TreeMap<>();
  private final Map<String, String> nodeOfLease = new HashMap<>();
  private final Map<String, String> leaseOfNode = new HashMap<>();
  private final Map<String, String> unreadable = new TreeMap<>();
  private final Vanished vanished;
  private String own = "";

  LeaseBook(InstantSource clock) {
    vanished = new Vanished(clock);
  }

  /** The lease that is this node's and therefore no peer's. */
  void own(String lease) {
    String before = own;
    own = lease;
    arrange(before);
    arrange(lease);
  }

  /** All leases, read anew. */
  void leases(Listing listing) {
    Set<String> listed =
        listing.entries().stream().map(entry -> entry.key().name()).collect(Collectors.toSet());
    vanished.listed(leases.keySet(), listed);
    Set<String> mended = new HashSet<>(unreadable.keySet());
    mended.removeIf(name -> listed.contains(leaseName(name)) || !isLease(name));
    mended.forEach(unreadable::remove);
    listing.entries().forEach(this::lease);
  }

  /** All of Denim's records of nodes, read anew. */
  void nodes(Listing listing) {
    List<String> before = List.copyOf(nodeOfLease.keySet());
    nodeOfLease.clear();
    leaseOfNode.clear();
    unreadable.keySet().removeIf(name -> !isLease(name));
    listing.entries().forEach(this::node);
    before.forEach(this::arrange);
  }

  /** A lease that was written. */
  void lease(Entry entry) {
    String name = entry.key().name();
    vanished.settled(name);
    String shown = entry.key().toString();
    try {
      LeaseRecord record = FlannelLayout.read(entry);
      leases.put(name, record);
      if (unreadable.remove(shown) != null) {
        LOG.info("record={} can be read again", shown);
      }
      record.key().ifPresent(subnet -> makeWay(name, subnet));
    } catch (InvalidConfigException e) {
      leases.remove(name);
      tell(shown, entry.value(), e);
    }
    arrange(name);
  }

  /** Who vanished makes way for who claims the same subnet. */
  private void makeWay(String name, SubnetKey subnet) {
    for (String other : vanished.names()) {
      if (!other.equals(name) && SubnetKey.tryParse(other).filter(subnet::overlaps).isPresent()) {
        vanished.settled(other);
        remove(other);
      }
    }
  }

  /** A lease that was deleted or ran out. */
  void leaseGone(String name) {
    vanished.settled(name);
    unreadable.remove(FlannelLayout.SUBNETS + "/" + name);
    remove(name);
  }

  /** Takes those out that vanished long ago; false when there were none. */
  boolean settleVanished() {
    Set<String> gone = vanished.due();
    gone.forEach(name -> {
      LOG.info("lease={} has not come back and counts as deleted", name);
      remove(name);
    });
    return !gone.isEmpty();
  }

  private void remove(String name) {
    leases.remove(name);
    arrange(name);
  }

  /** One of Denim's records of nodes, written. */
  void node(Entry entry) {
    String node = entry.key().name();
    String shown = entry.key().toString();
    forget(node);
    try {
      NodeFacts facts = NodeFacts.parse(entry.value());
      nodeOfLease.put(facts.subnet().toString(), facts.node());
      leaseOfNode.put(node, facts.subnet().toString());
      unreadable.remove(shown);
      arrange(facts.subnet().toString());
    } catch (InvalidConfigException e) {
      // Only the name is lost; the lease itself is flannel's.
      tell(shown, entry.value(), e);
    }
  }

  /** One of Denim's records of nodes, deleted. */
  void nodeGone(String node) {
    unreadable.remove(FlannelLayout.NODES + "/" + node);
    forget(node);
  }

  private void forget(String node) {
    String lease = leaseOfNode.remove(node);
    if (lease != null) {
      nodeOfLease.remove(lease);
      arrange(lease);
    }
  }

  private void tell(String shown, String value, InvalidConfigException e) {
    String reason = String.valueOf(e.getMessage());
    if (!reason.equals(unreadable.put(shown, reason))) {
      LOG.warn("record={} is skipped: {} value={}", shown, reason, value);
    }
  }

  /** Makes the peer of a lease agree with what is known of it. */
  private void arrange(String name) {
    Peer before = peers.get(name);
    LeaseRecord record = name.equals(own) ? null : leases.get(name);
    Peer now =
        record == null
            ? null
            : new Peer(nameOf(name, record.lease()), record.v4(), record.v6(), record.lease());
    if (before != null && !before.equals(now)) {
      peers.remove(name);
      sorted.remove(order(before, name));
    }
    if (now != null && !now.equals(before)) {
      peers.put(name, now);
      sorted.put(order(now, name), now);
    }
  }

  private static String order(Peer peer, String lease) {
    return peer.name() + '\0' + lease;
  }

  private String nameOf(String lease, FlannelLease published) {
    String node = nodeOfLease.get(lease);
    if (node != null) {
      return node;
    }
    IpAddress address =
        published.publicIp().isAny()
            ? published.publicIpv6().orElse(published.publicIp())
            : published.publicIp();
    return address.toString();
  }

  private static boolean isLease(String shown) {
    return shown.startsWith(FlannelLayout.SUBNETS + "/");
  }

  private static String leaseName(String shown) {
    return shown.substring(FlannelLayout.SUBNETS.length() + 1);
  }

  /** What a lease says. */
  Optional<FlannelLease> published(String lease) {
    return vanished.names().contains(lease)
        ? Optional.empty()
        : Optional.ofNullable(leases.get(lease)).map(LeaseRecord::lease);
  }

  /** All but this node's, in the order of their names. */
  List<Peer> peers() {
    return new ArrayList<>(sorted.values());
  }

  Map<String, String> unreadable() {
    return unreadable;
  }

  List<String> problems() {
    return vanished.problem().stream().toList();
  }

  /** Whether there are any that wait to be gone. */
  boolean hasVanished() {
    return !vanished.names().isEmpty();
  }

  /** The lease that Denim's record of this node names. */
  Optional<FlannelLease> publishedBy(String node) {
    String lease = leaseOfNode.get(node);
    return lease == null ? Optional.empty() : published(lease);
  }
}
