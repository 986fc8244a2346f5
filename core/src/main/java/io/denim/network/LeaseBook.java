package io.denim.network;

import io.denim.ipam.FlannelLayout;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.LeaseRecord;
import io.denim.model.NodeFacts;
import io.denim.model.SubnetKey;
import io.denim.net.Family;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leases and Denim's records of nodes say, kept up to date change by change. A peer that
 * has not changed is the same object in every list. Not for use by several threads at once.
 */
final class LeaseBook {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final String node;
  private final Map<String, LeaseRecord> leases = new HashMap<>();
  private final Map<String, Peer> peers = new HashMap<>();
  private final PeerList sorted = new PeerList();
  private final Map<String, Claim> claimants = new HashMap<>();
  private final Map<String, List<String>> claims = new HashMap<>();
  private final Unreadable unreadable = new Unreadable();
  private final Vanished vanished;
  private String own = "";
  private Optional<FlannelLease> asking = Optional.empty();

  /**
   * What a record of a node says, for those that are kept by the thousand.
   *
   * @param lease the name of the lease that the node holds
   * @param node its name
   * @param addresses under which the lease may stand
   */
  private record Claim(String lease, String node, List<IpAddress> addresses) {
    boolean isTo(FlannelLease published) {
      return address(published).filter(addresses::contains).isPresent();
    }
  }

  /** A book of a node of this name, which is no peer of itself. */
  LeaseBook(String node, InstantSource clock) {
    this.node = node;
    vanished = new Vanished(clock);
  }

  /**
   * This node asks for a lease that is to say this, and may hear of it before it has the answer. So
   * until {@link #own} whatever says just that is no peer's.
   */
  void asks(FlannelLease lease) {
    asking = Optional.of(lease);
  }

  /** The lease that this node has got, and that is no peer's whatever it says. */
  void own(String lease) {
    Optional<FlannelLease> asked = asking;
    String before = own;
    own = lease;
    asking = Optional.empty();
    arrange(before);
    arrange(lease);
    leases.forEach((name, record) -> {
      if (asked.filter(record.lease()::equals).isPresent()) {
        arrange(name);
      }
    });
  }

  /** All leases, read anew. */
  void leases(Listing listing) {
    Set<String> listed = new HashSet<>();
    Set<String> shown = new HashSet<>();
    for (Entry entry : listing.entries()) {
      listed.add(entry.key().name());
      shown.add(entry.key().toString());
    }
    vanished.listed(leases.keySet(), listed);
    unreadable.goneIf(name -> isLease(name) && !shown.contains(name));
    listing.entries().forEach(this::lease);
  }

  /** All of Denim's records of nodes, read anew. */
  void nodes(Listing listing) {
    Set<String> touched = new HashSet<>(claims.keySet());
    claimants.clear();
    claims.clear();
    Set<String> shown = new HashSet<>();
    for (Entry entry : listing.entries()) {
      shown.add(entry.key().toString());
      enter(entry, touched);
    }
    unreadable.goneIf(name -> !isLease(name) && !shown.contains(name));
    touched.forEach(this::arrange);
  }

  /** A lease that was written. One that nobody can read is skipped, as if it had not been. */
  void lease(Entry entry) {
    String name = entry.key().name();
    String shown = entry.key().toString();
    vanished.settled(name);
    try {
      LeaseRecord record = FlannelLayout.read(entry);
      var _ = unreadable.mended(shown);
      record.key().ifPresent(subnet -> makeWay(name, subnet));
      if (!record.equals(leases.get(name))) {
        leases.put(name, record);
      }
    } catch (InvalidConfigException e) {
      var _ = unreadable.skip(shown, String.valueOf(e.getMessage()), entry.value());
    }
    arrange(name);
  }

  /** Who vanished makes way for who claims the same subnet. */
  private void makeWay(String name, SubnetKey subnet) {
    vanished
        .settleIf(other -> !other.equals(name) && overlaps(other, subnet))
        .forEach(this::remove);
  }

  private boolean overlaps(String lease, SubnetKey subnet) {
    LeaseRecord record = leases.get(lease);
    return record != null && record.key().filter(subnet::overlaps).isPresent();
  }

  /** A lease that was deleted or ran out. */
  void leaseGone(String name) {
    vanished.settled(name);
    var _ = unreadable.gone(FlannelLayout.SUBNETS + "/" + name);
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

  /** One of Denim's records of nodes, written. One that nobody can read is skipped too. */
  void node(Entry entry) {
    Set<String> touched = new HashSet<>();
    enter(entry, touched);
    touched.forEach(this::arrange);
  }

  private void enter(Entry entry, Set<String> touched) {
    String name = entry.key().name();
    String shown = entry.key().toString();
    try {
      NodeFacts read = NodeFacts.parse(entry.value());
      forget(name, touched);
      String lease = read.subnet().toString();
      String node = read.node().equals(name) ? name : read.node();
      claimants.put(name, new Claim(lease, node, read.addresses()));
      claims.merge(lease, List.of(name), LeaseBook::both);
      touched.add(lease);
      var _ = unreadable.mended(shown);
    } catch (InvalidConfigException e) {
      var _ = unreadable.skip(shown, String.valueOf(e.getMessage()), entry.value());
    }
  }

  private static List<String> both(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  /** One of Denim's records of nodes, deleted. */
  void nodeGone(String name) {
    var _ = unreadable.gone(FlannelLayout.NODES + "/" + name);
    Set<String> touched = new HashSet<>();
    forget(name, touched);
    touched.forEach(this::arrange);
  }

  private void forget(String name, Set<String> touched) {
    Claim known = claimants.remove(name);
    if (known != null) {
      String lease = known.lease();
      touched.add(lease);
      List<String> others = new ArrayList<>(claims.getOrDefault(lease, List.of()));
      others.remove(name);
      if (others.isEmpty()) {
        claims.remove(lease);
      } else {
        claims.put(lease, List.copyOf(others));
      }
    }
  }

  /** Makes the peer of a lease agree with what is known of it. */
  private void arrange(String name) {
    Peer before = peers.get(name);
    Peer now = peer(name).orElse(null);
    if (Objects.equals(before, now)) {
      return;
    }
    if (before != null && (now == null || !now.name().equals(before.name()))) {
      sorted.remove(before, name);
    }
    if (now == null) {
      peers.remove(name);
    } else {
      peers.put(name, now);
      sorted.put(now, name);
    }
  }

  private Optional<Peer> peer(String lease) {
    LeaseRecord record = leases.get(lease);
    if (record == null || lease.equals(own) || asking.filter(record.lease()::equals).isPresent()) {
      return Optional.empty();
    }
    String name = holder(lease, record.lease()).orElseGet(() -> addressOf(record.lease()));
    return name.equals(node)
        ? Optional.empty()
        : Optional.of(new Peer(name, record.v4(), record.v6(), record.lease()));
  }

  /** The node that holds a lease: a record of it from before the lease ran out names none. */
  private Optional<String> holder(String lease, FlannelLease published) {
    return claims.getOrDefault(lease, List.of()).stream()
        .map(claimants::get)
        .filter(Objects::nonNull)
        .filter(claim -> claim.isTo(published))
        .map(Claim::node)
        .min(String::compareTo);
  }

  private static Optional<IpAddress> address(FlannelLease published) {
    return published.publicAddress(Family.IPV4).or(() -> published.publicAddress(Family.IPV6));
  }

  private static String addressOf(FlannelLease published) {
    return address(published).orElse(published.publicIp()).toString();
  }

  private static boolean isLease(String shown) {
    return shown.startsWith(FlannelLayout.SUBNETS + "/");
  }

  /** All but this node's, in the order of their names. */
  List<Peer> peers() {
    return sorted.all();
  }

  Map<String, String> unreadable() {
    return unreadable.reasons();
  }

  List<String> problems() {
    return vanished.problem().stream().toList();
  }

  /** Whether there are any that wait to be gone. */
  boolean hasVanished() {
    return !vanished.isEmpty();
  }

  /** Those that wait to be gone wait all of their time from now on. */
  void countVanishedAnew() {
    vanished.countAnew();
  }

  /** What the lease says that is this node's by Denim's record of it. */
  Optional<FlannelLease> published() {
    Claim known = claimants.get(node);
    if (known == null || vanished.contains(known.lease())) {
      return Optional.empty();
    }
    return Optional.ofNullable(leases.get(known.lease()))
        .map(LeaseRecord::lease)
        .filter(known::isTo);
  }
}
