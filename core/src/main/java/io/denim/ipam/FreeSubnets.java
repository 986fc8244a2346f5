package io.denim.ipam;

import io.denim.model.FlannelNetwork;
import io.denim.net.Cidr;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Finds subnets that nobody holds, as flannel does: one of the first hundred, at random. */
final class FreeSubnets {
  /**
   * Of how many one is picked. More makes collisions rarer and the used part of a network longer.
   */
  private static final int CHOICE = 100;

  private FreeSubnets() {}

  /** A free subnet of the network; empty when there is none. */
  static Optional<Cidr> pick(FlannelNetwork network, List<Cidr> taken, RandomGenerator random) {
    List<Cidr> free = first(network, taken);
    return free.isEmpty() ? Optional.empty() : Optional.of(free.get(random.nextInt(free.size())));
  }

  /** The first free subnets, at most {@value #CHOICE}. */
  private static List<Cidr> first(FlannelNetwork network, List<Cidr> taken) {
    // Nearly all have the usual length and are found by hash; the rest are compared one by one.
    Set<Cidr> usual = new HashSet<>();
    List<Cidr> odd = new ArrayList<>();
    for (Cidr subnet : taken) {
      if (subnet.length() == network.subnetLength()) {
        usual.add(subnet);
      } else if (subnet.overlaps(network.network())) {
        odd.add(subnet);
      }
    }
    List<Cidr> free = new ArrayList<>();
    Cidr candidate = network.first();
    while (free.size() < CHOICE) {
      if (!usual.contains(candidate) && odd.stream().noneMatch(candidate::overlaps)) {
        free.add(candidate);
      }
      if (candidate.address().compareTo(network.subnetMax()) >= 0) {
        break;
      }
      candidate = candidate.next();
    }
    return free;
  }

  /** How many subnets the network has, free or not. */
  static BigInteger count(FlannelNetwork network) {
    return number(network.last())
        .subtract(number(network.first()))
        .shiftRight(network.network().family().bits() - network.subnetLength())
        .add(BigInteger.ONE);
  }

  private static BigInteger number(Cidr subnet) {
    return new BigInteger(1, subnet.address().bytes());
  }
}
