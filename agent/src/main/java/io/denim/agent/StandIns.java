package io.denim.agent;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.state.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Remembered peers that stand in for those that a store does not know yet. Finding out which takes
 * a time that grows with their number, not with its square.
 */
final class StandIns {
  private final Set<String> names = new HashSet<>();
  private final Set<Cidr> subnets = new HashSet<>();
  private final Set<Length> lengths = new HashSet<>();

  /** The subnets, shortened to the lengths of those that are looked for. */
  private final Set<Cidr> around = new HashSet<>();

  private record Length(Family family, int bits) {
    static Length of(Cidr subnet) {
      return new Length(subnet.family(), subnet.length());
    }

    boolean isIn(Cidr subnet) {
      return family == subnet.family() && bits <= subnet.length();
    }

    Cidr shorten(Cidr subnet) {
      return Cidr.of(subnet.address(), bits);
    }
  }

  private StandIns(List<Peer> known, Set<Length> wanted) {
    for (Peer peer : known) {
      names.add(peer.name());
      subnets(peer)
          .forEach(subnet -> {
            subnets.add(subnet);
            lengths.add(Length.of(subnet));
            wanted.stream()
                .filter(length -> length.isIn(subnet))
                .forEach(length -> around.add(length.shorten(subnet)));
          });
    }
  }

  /**
   * The known peers, and of the remembered ones those in whose place nobody is: neither under their
   * name nor in a part of their subnets. In the order of their names.
   */
  static List<Peer> merge(List<Peer> known, List<Peer> remembered) {
    Set<Length> wanted = new HashSet<>();
    remembered.forEach(peer -> subnets(peer).map(Length::of).forEach(wanted::add));
    StandIns index = new StandIns(known, wanted);
    List<Peer> all = new ArrayList<>(known);
    remembered.stream().filter(peer -> !index.isReplaced(peer)).forEach(all::add);
    all.sort(Comparator.comparing(Peer::name));
    return List.copyOf(all);
  }

  private static Stream<Cidr> subnets(Peer peer) {
    return Stream.of(peer.subnetV4(), peer.subnetV6()).flatMap(Optional::stream);
  }

  private boolean isReplaced(Peer old) {
    return names.contains(old.name()) || subnets(old).anyMatch(this::overlapsKnown);
  }

  private boolean overlapsKnown(Cidr subnet) {
    return around.contains(subnet)
        || lengths.stream()
            .anyMatch(length -> length.isIn(subnet) && subnets.contains(length.shorten(subnet)));
  }
}
