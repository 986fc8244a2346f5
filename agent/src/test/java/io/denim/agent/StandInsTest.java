package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.model.FlannelLease;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.state.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class StandInsTest {
  private static final FlannelLease SOMEWHERE = FlannelLease.of(IpAddress.parse("192.168.1.2"));

  @Provide
  Arbitrary<List<Peer>> peers() {
    Arbitrary<Optional<Cidr>> v4 =
        Combinators.combine(Arbitraries.integers().between(0, 63), Arbitraries.of(22, 24, 25, 26))
            .as((number, length) -> Cidr.of(IpAddress.v4(0x0af40000 | number << 6), length))
            .optional(0.8);
    Arbitrary<Optional<Cidr>> v6 =
        Combinators.combine(Arbitraries.longs().between(0, 15), Arbitraries.of(60, 62, 64))
            .as((number, length) ->
                Cidr.of(IpAddress.v6(0xfd00_0010_0244_0000L | number, 0), length))
            .optional(0.5);
    Arbitrary<String> names = Arbitraries.integers().between(1, 12).map(number -> "n" + number);
    return Combinators.combine(names, v4, v6)
        .as((name, four, six) -> new Peer(name, four, six, SOMEWHERE))
        .list()
        .ofMaxSize(8);
  }

  private static boolean overlap(Peer a, Peer b) {
    return a.subnetV4().flatMap(own -> b.subnetV4().filter(own::overlaps)).isPresent()
        || a.subnetV6().flatMap(own -> b.subnetV6().filter(own::overlaps)).isPresent();
  }

  @Property(tries = 500)
  void thoseStandInInWhosePlaceNobodyIs(
      @ForAll("peers") List<Peer> known, @ForAll("peers") List<Peer> remembered) {
    List<Peer> expected = new ArrayList<>(known);
    for (Peer old : remembered) {
      if (known.stream().noneMatch(peer -> peer.name().equals(old.name()) || overlap(peer, old))) {
        expected.add(old);
      }
    }
    List<Peer> merged = StandIns.merge(known, remembered);
    assertThat(merged).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(merged).isSortedAccordingTo(Comparator.comparing(Peer::name));
  }

  @Test
  void thousandsAreMergedInNoTime() {
    List<Peer> many = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      Cidr subnet = Cidr.of(IpAddress.v4(0x0a000000 + (i << 8)), 24);
      many.add(new Peer("n" + i, Optional.of(subnet), Optional.empty(), SOMEWHERE));
    }
    // Each against each would be 200 million comparisons.
    assertThat(StandIns.merge(many.subList(0, 10_000), many.subList(5_000, 20_000)))
        .hasSize(20_000);
  }
}
