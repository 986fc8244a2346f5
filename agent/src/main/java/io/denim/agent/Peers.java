package io.denim.agent;

import io.denim.ipam.FlannelLayout;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.LeaseRecord;
import io.denim.model.NodeFacts;
import io.denim.net.IpAddress;
import io.denim.state.Peer;
import io.denim.store.Entry;
import io.denim.store.Event;
import io.denim.store.Listing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The other nodes, gathered from the store's leases and from Denim's records of nodes. Used by one
 * thread.
 */
final class Peers {
  private final Map<String, LeaseRecord> leases = new HashMap<>();
  private final Map<String, String> nodeOfLease = new HashMap<>();
  private final Map<String, String> leaseOfNode = new HashMap<>();
  private final Map<String, String> unreadable = new HashMap<>();

  void leases(Listing listing) {
    leases.clear();
    unreadable.clear();
    listing.entries().forEach(this::lease);
  }

  void nodes(Listing listing) {
    nodeOfLease.clear();
    leaseOfNode.clear();
    listing.entries().forEach(this::node);
  }

  /** Takes a change of either collection in. */
  void take(Event event) {
    switch (event) {
      case Event.Put(Entry entry) -> {
        if (entry.key().collection().equals(FlannelLayout.SUBNETS)) {
          lease(entry);
        } else {
          node(entry);
        }
      }
      case Event.Deleted(var key, _) -> {
        if (key.collection().equals(FlannelLayout.SUBNETS)) {
          leases.remove(key.name());
          unreadable.remove(key.name());
        } else {
          forget(key.name());
        }
      }
      case Event.Lost _ -> {
        // The agent lists again.
      }
    }
  }

  private void lease(Entry entry) {
    String name = entry.key().name();
    try {
      leases.put(name, FlannelLayout.read(entry));
      unreadable.remove(name);
    } catch (InvalidConfigException e) {
      leases.remove(name);
      unreadable.put(name, "lease " + name + " cannot be read: " + e.getMessage());
    }
  }

  private void node(Entry entry) {
    forget(entry.key().name());
    try {
      NodeFacts facts = NodeFacts.parse(entry.value());
      nodeOfLease.put(facts.subnet().toString(), facts.node());
      leaseOfNode.put(entry.key().name(), facts.subnet().toString());
    } catch (InvalidConfigException e) {
      // Only the name is lost; the lease itself is flannel's.
    }
  }

  private void forget(String node) {
    String lease = leaseOfNode.remove(node);
    if (lease != null) {
      nodeOfLease.remove(lease);
    }
  }

  /** All but the one whose lease has this name, in the order of their names. */
  List<Peer> allBut(String own) {
    List<Peer> peers = new ArrayList<>(leases.size());
    leases.forEach((name, record) -> {
      if (!name.equals(own)) {
        peers.add(new Peer(nameOf(name, record.lease()), record.v4(), record.v6(), record.lease()));
      }
    });
    peers.sort(Comparator.comparing(Peer::name).thenComparing(p -> p.subnetV4().toString()));
    return peers;
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

  /** Records that nobody can read, in words. */
  List<String> problems() {
    return unreadable.values().stream().sorted().toList();
  }
}
