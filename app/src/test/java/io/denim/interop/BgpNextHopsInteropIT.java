package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.fixture.BgpDaemon;
import io.denim.net.IpAddress;
import io.denim.router.RealSockets;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Next hops of IPv6 routes on a session over IPv4. */
@Tag("G13")
class BgpNextHopsInteropIT extends InteropCase {
  private static SpeakerConfig config(Neighbour neighbour) {
    return Denim.config(Net.DENIM, 64512, neighbour.asPeer())
        .withRoutes(List.of(LocalRoute.of(OURS_V6)));
  }

  @Tested(
      value = "IPv6 over a session of IPv4: next hop of the interface",
      against = {Kind.BIRD, Kind.GOBGP, Kind.FRR})
  void theNextHopIsTheIpv6AddressOfTheSessionsInterface(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    BgpDaemon daemon = start(neighbour);

    denim(net.denim(), config(neighbour), RealSockets.of(64512));

    assertThat(awaitRoute(daemon, OURS_V6).nextHop()).contains(Net.v6(Net.DENIM));
  }

  @Tested(value = "IPv6 over a session of IPv4: IPv4-mapped next hop, theirs", against = Kind.FRR)
  void anIpv4MappedNextHopIsTakenAsFrrSaysIt(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).external().announcing(THEIRS_V6);
    neighbour.mappedNextHop = true;
    start(neighbour);

    Denim denim = denim(net.denim(), config(neighbour), RealSockets.of(64512));

    assertThat(denim.awaitRoute(THEIRS_V6.prefix()).nextHop())
        .isEqualTo(IpAddress.parse("::ffff:192.0.2.2"));
  }
}
