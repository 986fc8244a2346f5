package io.denim.ipam;

import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.LeaseRecord;
import io.denim.model.NodeFacts;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetKey;
import io.denim.net.IpAddress;
import io.denim.store.ConflictException;
import io.denim.store.Entry;
import io.denim.store.Lifetime;
import io.denim.store.NotFoundException;
import io.denim.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Gets a node its pod subnet by a lease in a store, as flannel does in etcd mode, and keeps it.
 *
 * <p>In this order: the lease that this node holds by Denim's record of it; the lease that stands
 * under its public address (a node that flannel ran before); the subnet that it had last, if that
 * is free; one of the first hundred free ones at random. What is held already is kept whatever the
 * node's address is now; what another node holds is never written over. A lease without a time to
 * live is a reservation, and stays one.
 *
 * <p>Where two nodes want the same subnet at the same time, compare-and-swap lets one win, and the
 * other starts again with a fresh list. In dual stack two keys can differ and share one subnet, so
 * who has created a key looks once more and withdraws if it sees another there: of two, the later
 * one always sees the earlier.
 */
public final class SubnetAllocator {
  /** How long a lease lasts unless it is renewed; flannel's 86,400 seconds. */
  public static final Duration LEASE_TIME = Duration.ofHours(24);

  /** flannel's default of {@code --subnet-lease-renew-margin}. */
  public static final Duration RENEW_MARGIN = Duration.ofMinutes(60);

  /** A node may be away so long and come back to the subnet it had, if that is still free. */
  private static final Duration MEMORY = Duration.ofDays(30);

  private static final int TRIES = 50;

  private final Store store;
  private final RandomGenerator random;
  private final Pause pause;

  /** How a try that met another waits before the next. */
  interface Pause {
    void before(int nextTry, RandomGenerator random);
  }

  /**
   * An allocator.
   *
   * @param store where the leases are
   * @param random picks among free subnets and spreads the tries of those who met
   */
  public SubnetAllocator(Store store, RandomGenerator random) {
    this(store, random, SubnetAllocator::sleep);
  }

  SubnetAllocator(Store store, RandomGenerator random, Pause pause) {
    this.store = store;
    this.random = random;
    this.pause = pause;
  }

  private static void sleep(int nextTry, RandomGenerator random) {
    try {
      Thread.sleep(1 + random.nextInt(5 << Math.min(nextTry, 6)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AllocationException(
          AllocationException.Reason.CONTENDED, "interrupted while waiting to try again");
    }
  }

  /**
   * Gets the node a subnet in each family that is on.
   *
   * @param node a name of the node that stays when its address changes; also the name of its record
   * @param config the network
   * @param lease what the node publishes, with its public addresses as they are now
   * @param previous what the node had at its last run, from its {@code subnet.env}
   * @throws AllocationException when there is none to be had
   */
  public Acquired acquire(
      String node, FlannelConfig config, FlannelLease lease, Optional<SubnetEnv> previous) {
    if (config.ipv4().isEmpty()) {
      throw new AllocationException(
          AllocationException.Reason.NOT_POSSIBLE,
          "a network with IPv6 only cannot have its subnets leased: flannel's names of leases begin"
              + " with an IPv4 subnet; switch on EnableIPv4 too, or let Kubernetes divide the"
              + " network (spec.podCIDR)");
    }
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      try {
        Leases leases = Leases.read(store);
        Choice choice = new Chooser(node, config, lease, previous, leases, random).choose();
        Optional<Acquired> acquired = take(node, lease, choice);
        if (acquired.isPresent()) {
          return acquired.get();
        }
      } catch (ConflictException | NotFoundException e) {
        // Somebody else was faster; the next list shows who.
      }
      pause.before(attempt, random);
    }
    throw new AllocationException(
        AllocationException.Reason.CONTENDED,
        "node %s got no subnet in %d tries, each time another node was faster; try again"
            .formatted(node, TRIES));
  }

  /** Empty when another node turned out to be in the way. */
  private Optional<Acquired> take(String node, FlannelLease lease, Choice choice) {
    return switch (choice) {
      case Choice.Keep keep -> Optional.of(keep(node, lease, keep));
      case Choice.New fresh -> create(node, lease, fresh);
    };
  }

  private Acquired keep(String node, FlannelLease lease, Choice.Keep keep) {
    Leases.Held held = keep.held();
    TreeSet<IpAddress> addresses = new TreeSet<>();
    held.address().ifPresent(addresses::add);
    Leases.address(lease).ifPresent(addresses::add);
    if (addresses.size() > 1) {
      // From now until the lease says so too, the node is known under both.
      record(node, held.subnet(), List.copyOf(addresses));
    }
    Entry entry =
        store.replace(
            held.entry().key(), lease.format(), held.entry().revision(), lifetime(held.entry()));
    record(node, held.subnet(), Leases.address(lease).stream().toList());
    return new Acquired(node, LeaseRecord.of(held.subnet(), lease), entry, false, keep.why());
  }

  private Optional<Acquired> create(String node, FlannelLease lease, Choice.New fresh) {
    boolean reserved = false;
    for (Leases.Held old : fresh.inTheWay()) {
      reserved |= old.entry().permanent();
      store.delete(old.entry().key(), old.entry().revision());
    }
    SubnetKey subnet = fresh.subnet();
    Entry entry =
        store.create(
            FlannelLayout.lease(subnet),
            lease.format(),
            reserved ? Lifetime.permanent() : Lifetime.ttl(LEASE_TIME));
    if (sharesASubnet(subnet)) {
      withdraw(entry, fresh.inTheWay());
      return Optional.empty();
    }
    record(node, subnet, Leases.address(lease).stream().toList());
    for (Leases.Held old : fresh.outlived()) {
      store.delete(old.entry().key(), old.entry().revision());
    }
    return Optional.of(new Acquired(node, LeaseRecord.of(subnet, lease), entry, true, fresh.why()));
  }

  /** Reservations that made room for nothing are put back: a person made them. */
  private void withdraw(Entry entry, List<Leases.Held> madeRoom) {
    store.delete(entry.key(), entry.revision());
    for (Leases.Held old : madeRoom) {
      if (old.entry().permanent()) {
        store.create(old.entry().key(), old.entry().value(), Lifetime.permanent());
      }
    }
  }

  private boolean sharesASubnet(SubnetKey subnet) {
    Leases now = Leases.read(store);
    return now.all().stream()
        .anyMatch(held -> !held.subnet().equals(subnet) && held.subnet().overlaps(subnet));
  }

  /** A reservation stays one; everything else runs for a day from now. */
  private static Lifetime lifetime(Entry entry) {
    return entry.permanent() ? Lifetime.permanent() : Lifetime.ttl(LEASE_TIME);
  }

  /** Writes Denim's own record of the node, which only this node writes. */
  private void record(String node, SubnetKey subnet, List<IpAddress> addresses) {
    String value = new NodeFacts(node, subnet, addresses).format();
    Optional<Entry> present = store.get(FlannelLayout.node(node));
    if (present.isPresent()) {
      store.replace(
          FlannelLayout.node(node), value, present.get().revision(), Lifetime.ttl(MEMORY));
    } else {
      store.create(FlannelLayout.node(node), value, Lifetime.ttl(MEMORY));
    }
  }

  /**
   * Makes a lease run anew from now, with what the node publishes now. A lease that was deleted or
   * ran out is put back if its subnet is still free.
   *
   * @throws AllocationException when another node holds the subnet by now; it names the node
   */
  public Acquired renew(Acquired held, FlannelLease lease) {
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      try {
        return renewOnce(held, lease);
      } catch (ConflictException | NotFoundException e) {
        pause.before(attempt, random);
      }
    }
    throw new AllocationException(
        AllocationException.Reason.CONTENDED,
        "the lease %s could not be renewed in %d tries, it changed each time; try again"
            .formatted(held.entry().key(), TRIES));
  }

  private Acquired renewOnce(Acquired held, FlannelLease lease) {
    Optional<Entry> present = store.get(held.entry().key());
    SubnetKey subnet = held.record().key().orElseThrow();
    if (present.filter(entry -> entry.revision().equals(held.entry().revision())).isPresent()) {
      Leases.Held mine = new Leases.Held(present.get(), subnet, Optional.of(held.record().lease()));
      return keep(held.node(), lease, new Choice.Keep(mine, "renewed"));
    }
    Leases leases = Leases.read(store);
    List<Leases.Held> there =
        leases.all().stream().filter(other -> other.subnet().overlaps(subnet)).toList();
    for (Leases.Held other : there) {
      if (!other.subnet().equals(subnet) || !isOurs(other, held, lease, leases)) {
        throw new AllocationException(
            AllocationException.Reason.HELD_BY_ANOTHER,
            ("the subnet %s of node %s is held by %s now (lease %s); its lease must have run out while"
                    + " the node was cut off. Restart this node's agent to get another subnet; its"
                    + " running pods have to be recreated")
                .formatted(
                    subnet, held.node(), leases.holder(other, held.node()), other.entry().key()),
            leases.holder(other, held.node()));
      }
    }
    return there.isEmpty()
        ? create(
                held.node(),
                lease,
                new Choice.New(subnet, List.of(), List.of(), "put back after it had vanished"))
            .orElseThrow(() -> new NotFoundException("put back", held.entry().key()))
        : keep(held.node(), lease, new Choice.Keep(there.getFirst(), "renewed after a change"));
  }

  private static boolean isOurs(
      Leases.Held found, Acquired held, FlannelLease lease, Leases leases) {
    Optional<IpAddress> at = found.address();
    boolean written =
        at.isPresent()
            && (at.equals(Leases.address(held.record().lease()))
                || at.equals(Leases.address(lease)));
    // A value that nobody can read is no other node's: it is mended.
    return (written || found.lease().isEmpty()) && leases.claimant(found, held.node()).isEmpty();
  }

  /**
   * Gives a subnet back: its lease and Denim's record of the node are deleted. A reservation is
   * left as it is. What another has changed meanwhile is left alone.
   */
  public void release(Acquired held) {
    try {
      if (!held.entry().permanent()) {
        store.delete(held.entry().key(), held.entry().revision());
      }
      Optional<Entry> facts = store.get(FlannelLayout.node(held.node()));
      if (facts.isPresent()) {
        store.delete(facts.get().key(), facts.get().revision());
      }
    } catch (ConflictException | NotFoundException e) {
      // It is not ours any more, so there is nothing to give back.
    }
  }
}
