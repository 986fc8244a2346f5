package io.denim.ipam;

import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.NodeFacts;
import io.denim.model.SubnetKey;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.store.Entry;
import io.denim.store.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All leases and Denim's records of nodes, read at one time.
 *
 * @param all the leases whose names can be read; also those whose values cannot, because their
 *     subnets are taken all the same
 * @param facts the records of nodes, by node
 */
record Leases(List<Held> all, Map<String, Known> facts) {
  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

  /** A lease in the store. */
  record Held(Entry entry, SubnetKey subnet, Optional<FlannelLease> lease) {
    /** The address by which flannel knows the holder. */
    Optional<IpAddress> address() {
      return lease.flatMap(Leases::address);
    }

    private boolean overlaps(Cidr other) {
      return subnet.subnet(other.family()).filter(other::overlaps).isPresent();
    }
  }

  /** A node's record in the store. */
  record Known(Entry entry, NodeFacts facts) {}

  /** Copies. */
  Leases {
    all = List.copyOf(all);
    facts = Map.copyOf(facts);
  }

  static Leases read(Store store) {
    List<Held> held = new ArrayList<>();
    for (Entry entry : store.list(FlannelLayout.SUBNETS).entries()) {
      Optional<SubnetKey> key = SubnetKey.tryParse(entry.key().name());
      if (key.isEmpty()) {
        LOG.warn("lease {} is ignored: its name is no subnet", entry.key());
      } else {
        held.add(new Held(entry, key.get(), lease(entry)));
      }
    }
    Map<String, Known> facts = new HashMap<>();
    for (Entry entry : store.list(FlannelLayout.NODES).entries()) {
      try {
        NodeFacts read = NodeFacts.parse(entry.value());
        facts.put(read.node(), new Known(entry, read));
      } catch (InvalidConfigException e) {
        LOG.warn("record {} is ignored: {}", entry.key(), e.getMessage());
      }
    }
    return new Leases(held, facts);
  }

  private static Optional<FlannelLease> lease(Entry entry) {
    try {
      return Optional.of(FlannelLease.parse(entry.value()));
    } catch (InvalidConfigException e) {
      LOG.warn(
          "lease {} cannot be read, its subnet counts as taken: {}", entry.key(), e.getMessage());
      return Optional.empty();
    }
  }

  /** The address by which the holder of a lease is known: IPv4, or IPv6 where there is none. */
  static Optional<IpAddress> address(FlannelLease lease) {
    return lease.publicAddress(Family.IPV4).or(() -> lease.publicAddress(Family.IPV6));
  }

  /** The lease that a node holds by its record, whatever its address is now. */
  Optional<Held> of(String node) {
    Known known = facts.get(node);
    if (known == null) {
      return Optional.empty();
    }
    return all.stream()
        .filter(held -> held.subnet().equals(known.facts().subnet()))
        .filter(held -> stillHolds(known.facts(), held))
        .findFirst();
  }

  /** The leases that stand under an address. */
  List<Held> at(IpAddress address) {
    return all.stream().filter(held -> held.address().filter(address::equals).isPresent()).toList();
  }

  /** The other node whose record says that it holds this lease. */
  Optional<String> claimant(Held held, String exceptNode) {
    return facts.values().stream()
        .map(Known::facts)
        .filter(node -> !node.node().equals(exceptNode))
        .filter(node -> node.subnet().equals(held.subnet()) && stillHolds(node, held))
        .map(NodeFacts::node)
        .sorted()
        .findFirst();
  }

  /**
   * A record is out of date when its lease ran out and another node took the subnet. What nobody
   * can read was written by somebody who takes no subnets, and the record alone counts.
   */
  private static boolean stillHolds(NodeFacts facts, Held held) {
    return held.lease().isEmpty() || held.address().filter(facts.addresses()::contains).isPresent();
  }

  /** The leases of which a part lies in a subnet. */
  List<Held> overlapping(Cidr subnet) {
    return all.stream().filter(held -> held.overlaps(subnet)).toList();
  }

  /** Who holds a lease, for a message: the node's name where it is known, and its address. */
  String holder(Held held, String exceptNode) {
    String address = held.address().map(IpAddress::toString).orElse("an unknown address");
    return claimant(held, exceptNode)
        .map(node -> "node " + node + " (" + address + ")")
        .orElse(address);
  }
}
