package io.denim.network.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.network.Vanished;
import io.denim.state.Peer;
import io.denim.store.TestClock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class NodeBookTest {
  private static final String PREFIX = "flannel.alpha.coreos.com/";

  private final TestClock clock = new TestClock();
  private final NodeBook book =
      new NodeBook(new NodeAnnotations("flannel.alpha.coreos.com"), clock);

  private static Map<String, String> published(String publicIp) {
    return Map.of(
        PREFIX + "kube-subnet-manager", "true",
        PREFIX + "backend-type", "host-gw",
        PREFIX + "backend-data", "null",
        PREFIX + "public-ip", publicIp);
  }

  private static NodeObject metadata(String name, String uid, Map<String, String> annotations) {
    return new NodeObject(name, uid, "1", annotations, Optional.empty());
  }

  private static NodeObject whole(
      String name, String uid, Map<String, String> annotations, String... cidrs) {
    return new NodeObject(name, uid, "1", annotations, Optional.of(PodCidrs.of(List.of(cidrs))));
  }

  private List<String> subnets() {
    return book.peers().stream()
        .map(peer -> peer.name() + peer.subnetV4().map(cidr -> " " + cidr).orElse(""))
        .toList();
  }

  @Test
  void aPeerIsWhoTakesPartAndHasASubnet() {
    assertThat(book.put(whole("n2", "u2", published("1.1.1.2"), "10.0.2.0/24"))).isTrue();
    assertThat(book.put(whole("idle", "u9", Map.of(), "10.0.9.0/24"))).isFalse();

    assertThat(subnets()).containsExactly("n2 10.0.2.0/24");
  }

  @Test
  void aChangeOfWhatDoesNotMatterIsNoNews() {
    book.put(whole("n2", "u2", published("1.1.1.2"), "10.0.2.0/24"));
    Peer before = book.peers().getFirst();

    assertThat(book.put(metadata("n2", "u2", published("1.1.1.2")))).isFalse();

    assertThat(book.peers().getFirst()).isSameAs(before);
  }

  @Test
  void aNodeWaitsUntilItsSubnetIsKnown() {
    assertThat(book.put(metadata("n2", "u2", published("1.1.1.2")))).isFalse();
    assertThat(book.waiting()).isEqualTo(Map.of("n2", "u2"));
    assertThat(subnets()).isEmpty();

    assertThat(book.cidrs("n2", "u2", PodCidrs.of(List.of("10.0.2.0/24")))).isTrue();

    assertThat(book.waiting()).isEmpty();
    assertThat(subnets()).containsExactly("n2 10.0.2.0/24");
  }

  @Test
  void theSubnetOfAnotherLifeIsNotTaken() {
    book.put(metadata("n2", "u2", published("1.1.1.2")));

    assertThat(book.cidrs("n2", "u1", PodCidrs.of(List.of("10.0.1.0/24")))).isFalse();

    assertThat(book.waiting()).containsOnlyKeys("n2");
  }

  @Test
  void whoHasNoSubnetIsAskedForAnewWhenItHasChanged() {
    book.put(metadata("n2", "u2", published("1.1.1.2")));
    book.put(metadata("n3", "u3", published("1.1.1.3")));
    book.cidrs("n2", "u2", PodCidrs.NONE);
    assertThat(book.unasked()).containsExactly("n3");
    assertThat(book.waiting()).containsOnlyKeys("n2", "n3");

    book.put(metadata("n2", "u2", published("1.1.1.22")));

    assertThat(book.unasked()).containsExactlyInAnyOrder("n2", "n3");
  }

  @Test
  void whoTakesPartWithoutASubnetIsTold() {
    book.put(metadata("n2", "u2", published("1.1.1.2")));

    assertThat(book.cidrs("n2", "u2", PodCidrs.NONE)).isTrue();

    assertThat(book.unreadable()).containsKey("nodes/n2");
    assertThat(book.cidrs("n2", "u2", PodCidrs.of(List.of("10.0.2.0/24")))).isTrue();
    assertThat(book.unreadable()).isEmpty();
  }

  @Test
  void whoTakesPartWithoutAnAddressIsTold() {
    Map<String, String> silent = new TreeMap<>(published("1.1.1.2"));
    silent.remove(PREFIX + "public-ip");

    assertThat(book.put(whole("n2", "u2", silent, "10.0.2.0/24"))).isTrue();

    assertThat(subnets()).isEmpty();
    assertThat(book.unreadable()).containsKey("nodes/n2");
  }

  @Test
  void aDeletedNodeIsGoneAtOnce() {
    book.put(whole("n2", "u2", published("1.1.1.2"), "10.0.2.0/24"));

    assertThat(book.gone("n2")).isTrue();
    assertThat(book.gone("n2")).isFalse();

    assertThat(subnets()).isEmpty();
  }

  @Test
  void aNodeThatIsNotListedAnyMoreIsKeptForAWhile() {
    book.put(whole("n2", "u2", published("1.1.1.2"), "10.0.2.0/24"));

    book.listed(Set.of());

    assertThat(subnets()).containsExactly("n2 10.0.2.0/24");
    assertThat(book.problem()).isPresent();
    clock.pass(Vanished.KEPT.minusSeconds(1));
    assertThat(book.settleVanished()).isFalse();
    clock.pass(java.time.Duration.ofSeconds(2));
    assertThat(book.settleVanished()).isTrue();
    assertThat(subnets()).isEmpty();
  }

  @Test
  void whoVanishedMakesWayForWhoHasItsSubnet() {
    book.put(whole("n2", "u2", published("1.1.1.2"), "10.0.2.0/24"));
    book.put(whole("n3", "u3", published("1.1.1.3"), "10.0.3.0/24"));
    book.listed(Set.of("n4"));

    book.put(whole("n4", "u4", published("1.1.1.4"), "10.0.2.0/24"));

    assertThat(subnets()).containsExactly("n3 10.0.3.0/24", "n4 10.0.2.0/24");
  }

  @Test
  void whoComesBackAsItWasIsThere() {
    book.put(whole("n2", "u2", published("1.1.1.2"), "10.0.2.0/24"));
    book.listed(Set.of());
    book.listed(Set.of("n2"));

    book.put(metadata("n2", "u2", published("1.1.1.2")));

    assertThat(book.hasVanished()).isFalse();
    assertThat(subnets()).containsExactly("n2 10.0.2.0/24");
    assertThat(book.waiting()).isEmpty();
  }

  @Test
  void whoWasRegisteredAnewUnseenStaysAsItWasUntilItPublishesItself() {
    book.put(whole("n2", "u2", published("1.1.1.2"), "10.0.2.0/24"));
    book.listed(Set.of("n2"));

    assertThat(book.put(metadata("n2", "u22", Map.of()))).isTrue();
    assertThat(subnets()).containsExactly("n2 10.0.2.0/24");
    assertThat(book.hasVanished()).isTrue();

    book.put(metadata("n2", "u22", published("1.1.1.22")));
    assertThat(subnets()).containsExactly("n2 10.0.2.0/24");
    assertThat(book.waiting()).isEqualTo(Map.of("n2", "u22"));

    assertThat(book.cidrs("n2", "u22", PodCidrs.of(List.of("10.0.22.0/24")))).isTrue();
    assertThat(subnets()).containsExactly("n2 10.0.22.0/24");
    assertThat(book.hasVanished()).isFalse();
  }

  @Test
  void whoWasRegisteredAnewUnseenAndNeverPublishesItselfGoesInTheEnd() {
    book.put(whole("n2", "u2", published("1.1.1.2"), "10.0.2.0/24"));
    book.listed(Set.of("n2"));
    book.put(metadata("n2", "u22", Map.of()));

    clock.pass(Vanished.KEPT.plusSeconds(1));

    assertThat(book.settleVanished()).isTrue();
    assertThat(subnets()).isEmpty();
  }

  @Test
  void whoWaitsAndIsDeletedIsNotAskedFor() {
    book.put(metadata("n2", "u2", published("1.1.1.2")));
    book.gone("n2");

    assertThat(book.waiting()).isEmpty();
  }

  @Test
  void theFirstSubnetOfEachFamilyCounts() {
    assertThat(PodCidrs.of(List.of("10.0.1.0/24", "nonsense", "fd00::/64", "10.0.2.0/24")))
        .isEqualTo(
            new PodCidrs(
                io.denim.net.Cidr.tryParse("10.0.1.0/24"),
                io.denim.net.Cidr.tryParse("fd00::/64")));
  }
}
