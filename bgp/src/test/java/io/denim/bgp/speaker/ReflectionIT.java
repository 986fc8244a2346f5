package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.wire.AttributeSet;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several reflectors and what goes round between them (RFC 4456). Node 1 has the route. */
@Tag("G6")
class ReflectionIT extends SpeakerCase {
  private static final Cidr PREFIX = Cidr.parse("10.244.1.0/26");
  private static final Cidr SECOND = Cidr.parse("10.244.2.0/26");
  private static final IpAddress CLUSTER = IpAddress.parse("9.9.9.9");

  private final Installed first = new Installed();
  private final Installed second = new Installed();

  private static SpeakerConfig node(int node, PeerBuilder... peers) {
    return config(address(node), peers);
  }

  /** Node 1 is a client of 11, node 2 of 12. */
  private void halves(IpAddress cluster11, IpAddress cluster12) {
    start(node(11, dialled(11, 1).client(true), dialled(11, 12)).withClusterId(cluster11));
    start(node(12, dialled(12, 2).client(true), dialled(12, 11)).withClusterId(cluster12));
  }

  private static List<IpAddress> clusters(AttributeSet set) {
    return IntStream.range(0, set.clusterCount())
        .mapToObj(i -> IpAddress.v4(set.cluster(i)))
        .toList();
  }

  @Test
  void reflectorsOfTwoClustersPassOnWhatTheirClientsHave() {
    halves(address(11), address(12));
    start(node(1, dialled(1, 11)).withRoutes(List.of(LocalRoute.of(PREFIX))), first);
    start(node(2, dialled(2, 12)).withRoutes(List.of(LocalRoute.of(SECOND))), second);

    second.awaitRoute(PREFIX);
    first.awaitRoute(SECOND);

    AttributeSet told = second.first(PREFIX).attributes();
    assertThat(clusters(told)).containsExactly(address(12), address(11));
    assertThat(IpAddress.v4(told.originatorId())).isEqualTo(address(1));
    assertThat(told.nextHop()).isEqualTo(address(1));
  }

  @Test
  void reflectorsOfOneClusterDoNotTakeEachOthersClientsRoutes() {
    halves(CLUSTER, CLUSTER);
    Installed reflector = new Installed();
    start(node(13, dialled(13, 11)), reflector);
    Speaker one =
        start(
            node(1, dialled(1, 11), dialled(1, 12)).withRoutes(List.of(LocalRoute.of(PREFIX))),
            first);
    Speaker two = start(node(2, dialled(2, 12)).withRoutes(List.of(LocalRoute.of(SECOND))), second);
    awaitUp(one, "n11");
    awaitUp(two, "n12");

    await()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> !second.has(PREFIX) && !first.has(SECOND));
  }

  @Test
  void aClientOfBothReflectorsOfAClusterHasEverything() {
    start(
        node(11, dialled(11, 1).client(true), dialled(11, 2).client(true), dialled(11, 12))
            .withClusterId(CLUSTER));
    start(
        node(12, dialled(12, 1).client(true), dialled(12, 2).client(true), dialled(12, 11))
            .withClusterId(CLUSTER));
    Speaker one =
        start(
            node(1, dialled(1, 11), dialled(1, 12)).withRoutes(List.of(LocalRoute.of(PREFIX))),
            first);
    Speaker two = start(node(2, dialled(2, 11), dialled(2, 12)), second);
    awaitUp(one, "n11");
    awaitUp(one, "n12");

    await("a path by each reflector").atMost(PATIENCE).until(() -> paths(two, PREFIX) == 2);
    assertThat(clusters(second.first(PREFIX).attributes())).containsExactly(CLUSTER);
  }

  private static long paths(Speaker speaker, Cidr prefix) {
    return speaker.routes(prefix::equals, Optional.empty()).stream()
        .map(RouteView::paths)
        .mapToLong(List::size)
        .sum();
  }

  @Test
  void whoHasARouteDoesNotTakeItBackFromAReflector() {
    start(node(11, dialled(11, 1).client(true), dialled(11, 12)));
    start(node(12, dialled(12, 1).client(true), dialled(12, 11)), second);
    Speaker one =
        start(
            node(1, dialled(1, 11), dialled(1, 12).exportPolicy(Policy.REJECT_ALL))
                .withRoutes(List.of(LocalRoute.of(PREFIX))),
            first);
    second.awaitRoute(PREFIX);
    awaitUp(one, "n12");
    await("the reflector has told it")
        .atMost(PATIENCE)
        .until(() ->
            status(one, "n12").families().values().stream().allMatch(PeerStatus.Routes::ended));

    assertThat(first.first(PREFIX).attributes().hasOriginatorId()).isFalse();
    one.withdraw(PREFIX, LocalRoute.STATIC);
    first.awaitNone(PREFIX);
    second.awaitNone(PREFIX);
  }

  @Test
  void aRouteThatGoesRoundInARingOfReflectorsDiesWithItsOrigin() {
    for (int node = 11; node <= 13; node++) {
      int left = 11 + (node - 11 + 2) % 3;
      int right = 11 + (node - 11 + 1) % 3;
      PeerBuilder client = node == 11 ? dialled(11, 1) : dialled(node, 2);
      start(
          node(
              node,
              dialled(node, left).client(true),
              dialled(node, right).client(true),
              client.client(true)),
          node == 13 ? second : new Installed());
    }
    Speaker one = start(node(1, dialled(1, 11)).withRoutes(List.of(LocalRoute.of(PREFIX))), first);
    Installed both = new Installed();
    start(node(2, dialled(2, 12), dialled(2, 13)), both);
    second.awaitRoute(PREFIX);
    both.awaitRoute(PREFIX);

    one.withdraw(PREFIX, LocalRoute.STATIC);

    second.awaitNone(PREFIX);
    both.awaitNone(PREFIX);
    await()
        .during(Duration.ofSeconds(1))
        .atMost(PATIENCE)
        .until(() -> !second.has(PREFIX) && !both.has(PREFIX));
  }
}
