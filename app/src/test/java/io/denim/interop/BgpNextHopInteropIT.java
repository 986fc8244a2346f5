package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.fixture.BgpDaemon;
import io.denim.router.RealSockets;
import org.junit.jupiter.api.Tag;

/** The next hop that neighbours on one subnet are told (RFC 4271 5.1.3). */
@Tag("G13")
class BgpNextHopInteropIT extends InteropCase {
  private static final Route V4 = Route.plain("10.2.0.0/24");
  private static final Route V6 = Route.plain("2001:db8:2::/64");

  private static Neighbour external(Kind kind, int node, boolean overV6) {
    Neighbour neighbour = new Neighbour(kind, node).external();
    neighbour.as += node;
    neighbour.overV6 = overV6;
    return neighbour;
  }

  private BgpDaemon throughDenim(Neighbour from, Neighbour to) {
    start(from.announcing(V4, V6));
    BgpDaemon daemon = start(to);
    denim(
        net.denim(),
        Denim.config(Net.DENIM, 64512, from.asPeer(), to.asPeer()),
        RealSockets.of(64512));
    return daemon;
  }

  @Tested(value = "next hop: a third party on one subnet (RFC 4271 5.1.3)", against = Kind.BIRD)
  void aThirdPartyOnTheSubnetStaysTheNextHop(Kind kind) {
    BgpDaemon daemon = throughDenim(external(kind, 2, false), external(kind, 3, false));

    assertThat(awaitRoute(daemon, V4.prefix()).nextHop()).contains(Net.v4(2));
  }

  @Tested(value = "next hop: a third party on one subnet (RFC 4271 5.1.3)", against = Kind.BIRD)
  void soItDoesOverIpv6(Kind kind) {
    BgpDaemon daemon = throughDenim(external(kind, 2, true), external(kind, 3, true));

    assertThat(awaitRoute(daemon, V6.prefix()).nextHop()).contains(Net.v6(2));
    assertThat(awaitRoute(daemon, V4.prefix()).nextHop()).contains(Net.v4(1));
  }
}
