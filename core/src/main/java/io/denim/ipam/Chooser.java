package io.denim.ipam;

import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.FlannelNetwork;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetKey;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Chooses the subnet of one node from one reading of the leases; does no I/O. */
final class Chooser {
  private final String node;
  private final FlannelConfig config;
  private final FlannelLease lease;
  private final Optional<SubnetEnv> previous;
  private final Leases leases;
  private final RandomGenerator random;
  private final List<Leases.Held> own = new ArrayList<>();

  Chooser(
      String node,
      FlannelConfig config,
      FlannelLease lease,
      Optional<SubnetEnv> previous,
      Leases leases,
      RandomGenerator random) {
    this.node = node;
    this.config = config;
    this.lease = lease;
    this.previous = previous;
    this.leases = leases;
    this.random = random;
  }

  Choice choose() {
    Optional<Leases.Held> known = leases.of(node);
    known.ifPresent(own::add);
    Optional<IpAddress> address = Leases.address(lease);
    List<Leases.Held> sameAddress = address.map(leases::at).orElse(List.of());
    for (Leases.Held held : sameAddress) {
      Optional<String> other = leases.claimant(held, node);
      if (other.isEmpty() && !own.contains(held)) {
        own.add(held);
      } else if (other.isPresent() && known.isEmpty()) {
        throw addressOfAnother(held, other.get());
      }
    }
    Optional<Leases.Held> usable = own.stream().filter(this::allowed).findFirst();
    if (usable.isPresent()) {
      return new Choice.Keep(usable.get(), whyKept(usable.get(), known));
    }
    return fresh();
  }

  private AllocationException addressOfAnother(Leases.Held held, String other) {
    return new AllocationException(
        AllocationException.Reason.ADDRESS_OF_ANOTHER,
        ("node %s has the public address %s, under which node %s holds the subnet %s; peers could not"
                + " tell them apart. Give this node an address of its own (--public-ip, --iface), or,"
                + " if node %s is this node under its old name, delete the entry %s")
            .formatted(
                node,
                held.address().map(IpAddress::toString).orElse(""),
                other,
                held.subnet(),
                other,
                FlannelLayout.node(other)),
        other);
  }

  private static String whyKept(Leases.Held held, Optional<Leases.Held> known) {
    String whose =
        known.filter(held::equals).isPresent()
            ? "it is this node's"
            : "it stands under this node's public address";
    return "kept " + held.subnet() + ": " + whose;
  }

  /**
   * flannel's test: both subnets fit the configuration, and IPv6 is there exactly when it is on.
   */
  private boolean allowed(Leases.Held held) {
    SubnetKey subnet = held.subnet();
    return config.ipv4().filter(network -> network.allows(subnet.v4())).isPresent()
        && subnet.v6().isPresent() == config.ipv6().isPresent()
        && (subnet.v6().isEmpty()
            || config.ipv6().filter(network -> network.allows(subnet.v6().get())).isPresent());
  }

  private Choice fresh() {
    List<String> why = new ArrayList<>();
    Cidr v4 = subnet(config.ipv4().orElseThrow(), why);
    Optional<Cidr> v6 = config.ipv6().map(network -> subnet(network, why));
    SubnetKey chosen = new SubnetKey(v4, v6);
    List<Leases.Held> inTheWay =
        own.stream().filter(held -> held.subnet().overlaps(chosen)).toList();
    List<Leases.Held> outlived =
        own.stream().filter(held -> !inTheWay.contains(held) && !held.entry().permanent()).toList();
    return new Choice.New(chosen, inTheWay, outlived, chosen + ": " + String.join(", ", why));
  }

  private Cidr subnet(FlannelNetwork network, List<String> why) {
    Family family = network.network().family();
    for (Cidr wish : wishes(family)) {
      if (network.allows(wish) && own.containsAll(leases.overlapping(wish))) {
        why.add(family + " as before");
        return wish;
      }
    }
    List<Cidr> taken =
        leases.all().stream().flatMap(held -> held.subnet().subnet(family).stream()).toList();
    Cidr picked =
        FreeSubnets.pick(network, taken, random)
            .orElseThrow(() -> exhausted(network, taken.size()));
    why.add(family + " was free");
    return picked;
  }

  /** What the node had: by a lease that does not fit any more, by its record, by its file. */
  private Set<Cidr> wishes(Family family) {
    Set<Cidr> wishes = new LinkedHashSet<>();
    own.forEach(held -> held.subnet().subnet(family).ifPresent(wishes::add));
    Leases.Known known = leases.facts().get(node);
    if (known != null) {
      known.facts().subnet().subnet(family).ifPresent(wishes::add);
    }
    previous.flatMap(env -> env.part(family)).map(SubnetEnv.Part::subnet).ifPresent(wishes::add);
    return wishes;
  }

  private AllocationException exhausted(FlannelNetwork network, int leased) {
    return new AllocationException(
        AllocationException.Reason.EXHAUSTED,
        ("node %s gets no subnet: all %s subnets of length %d from %s to %s in %s are taken (%d leases"
                + " in the store). Leases of nodes that are gone run out within a day or can be deleted;"
                + " otherwise widen SubnetMin to SubnetMax, take a longer SubnetLen or a larger Network")
            .formatted(
                node,
                FreeSubnets.count(network),
                network.subnetLength(),
                network.subnetMin(),
                network.subnetMax(),
                network.network(),
                leased));
  }
}
