package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Role;
import io.denim.bgp.rib.PathView;
import io.denim.bgp.wire.AttributeSet;
import io.denim.fixture.BgpDaemon;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;

/** Roles and routes that do not leak (RFC 9234). */
@Tag("speakers")
class BgpLeaksInteropIT extends InteropCase {
  private static final Route OF_PEER = Route.plain("10.3.0.0/24");

  private static Neighbour external(Kind kind, int node, String role) {
    Neighbour neighbour = new Neighbour(kind, node).external();
    neighbour.as += node;
    neighbour.role = Optional.of(role);
    return neighbour;
  }

  /** What a daemon says of our route, with ONLY_TO_CUSTOMER in its words. */
  private static String ours(Kind kind, BgpDaemon daemon) {
    return kind == Kind.BIRD
        ? daemon.command("show", "route", OURS.toString(), "all")
        : daemon.command("show bgp ipv4 unicast " + OURS);
  }

  private static String onlyToCustomerOf(Kind kind, long as) {
    return kind == Kind.BIRD ? "BGP.otc: " + as : "otc " + as;
  }

  @Tested(
      value = "roles: routes of a provider and of a peer go to customers only (RFC 9234)",
      against = {Kind.BIRD, Kind.FRR})
  void aProvidersRoutesGoToTheCustomerAndNotToThePeer(Kind kind) {
    Neighbour provider = external(kind, 2, "provider").announcing(THEIRS);
    Neighbour peer = external(kind, 3, "peer").announcing(OF_PEER);
    Neighbour customer = external(kind, 4, "customer");
    BgpDaemon atProvider = start(provider);
    BgpDaemon atPeer = start(peer);
    BgpDaemon atCustomer = start(customer);

    Denim denim =
        denim(
            64512,
            provider.asPeer().role(Role.CUSTOMER),
            peer.asPeer().role(Role.PEER),
            customer.asPeer().role(Role.PROVIDER));

    assertThat(denim.awaitRoute(THEIRS.prefix()).otc()).isEqualTo(provider.as);
    assertThat(denim.awaitRoute(OF_PEER.prefix()).otc()).isEqualTo(peer.as);
    awaitRoute(atCustomer, THEIRS.prefix());
    awaitRoute(atCustomer, OF_PEER.prefix());
    awaitRoute(atCustomer, OURS);
    awaitRoute(atPeer, OURS);
    awaitRoute(atProvider, OURS);
    assertThat(routes(atPeer, THEIRS.prefix())).isEmpty();
    assertThat(routes(atProvider, OF_PEER.prefix())).isEmpty();
    assertThat(ours(kind, atCustomer)).contains(onlyToCustomerOf(kind, 64512));
    assertThat(ours(kind, atPeer)).contains(onlyToCustomerOf(kind, 64512));
    assertThat(ours(kind, atProvider)).doesNotContainIgnoringCase("otc");
    assertThat(denim.speaker().explain(THEIRS.prefix(), peer.name()).orElseThrow())
        .isEqualTo(
            "not announced: it has ONLY_TO_CUSTOMER of AS "
                + provider.as
                + ", and this is a peer (RFC 9234 5)");
  }

  @Tested(value = "roles: a leaked route is left out (RFC 9234)", against = Kind.BIRD)
  void whatACustomerLeaksIsLeftOut(Kind kind) {
    Neighbour customer = new Neighbour(kind, 2).external().announcing(THEIRS);
    // With a role it would not say it.
    customer.birdChannel = "export filter { bgp_otc = 65010; accept; };";
    start(customer);
    Denim denim = denim(64512, customer.asPeer().role(Role.PROVIDER));
    denim.awaitUp(customer.name());

    Awaitility.await("the route that leaks")
        .atMost(Denim.PATIENCE)
        .until(() -> !paths(denim).isEmpty());

    PathView path = paths(denim).getFirst();
    assertThat(path.state()).isEqualTo(PathView.State.LEFT_OUT);
    assertThat(path.received()).returns(65010L, AttributeSet::otc);
    assertThat(path.reason())
        .isEqualTo(
            "left out: it leaks: it has ONLY_TO_CUSTOMER of AS 65010, and comes from a customer"
                + " (RFC 9234 5)");
    assertThat(denim.has(THEIRS.prefix())).isFalse();
  }

  private static List<PathView> paths(Denim denim) {
    return denim.speaker().routes(THEIRS.prefix()::equals, Optional.empty()).stream()
        .flatMap(route -> route.paths().stream())
        .toList();
  }
}
