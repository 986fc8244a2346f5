package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.BgpRoute;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.router.RealSockets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** Sessions of link-local addresses, and the next hops of their routes (RFC 2545). */
@Tag("G1")
@Tag("G13")
class BgpLinkLocalInteropIT extends InteropCase {
  private static Neighbour neighbour(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2);
    neighbour.linkLocal = true;
    return neighbour;
  }

  private static SpeakerConfig config() {
    return SpeakerConfig.of(Net.v4(Net.DENIM), 64512)
        .withListeners(List.of(new Listener(IpAddress.ANY_V6, Listener.BGP_PORT)))
        .withRoutes(List.of(LocalRoute.of(OURS_V6)));
  }

  private Denim start(PeerBuilder... peers) {
    List<PeerConfig> built = Stream.of(peers).map(PeerBuilder::build).toList();
    return denim(net.denim(), config().withPeers(built), RealSockets.of(64512));
  }

  private Denim start(List<PeerRange> ranges) {
    return denim(net.denim(), config().withRanges(ranges), RealSockets.of(64512));
  }

  @Tested(
      value = "session: link-local addresses",
      against = {Kind.BIRD, Kind.GOBGP})
  void denimDials(Kind kind) {
    Neighbour neighbour = neighbour(kind);
    neighbour.passive = true;
    BgpDaemon daemon = start(neighbour);

    start(neighbour.asPeer());

    BgpRoute ours = awaitRoute(daemon, OURS_V6);
    assertThat(ours.nextHop()).contains(Net.v6(Net.DENIM));
  }

  @Tested(
      value = "session: link-local addresses",
      against = {Kind.BIRD, Kind.GOBGP})
  void theyDial(Kind kind) {
    Neighbour neighbour = neighbour(kind);
    Denim denim = start(neighbour.asPeer().passive(true));

    start(neighbour);

    denim.awaitUp(neighbour.name());
    assertThat(denim.peer(neighbour.name()).at()).hasToString("fe80::2%br0");
  }

  @Tested(
      value = "session: link-local addresses",
      against = {Kind.BIRD, Kind.GOBGP})
  void theyDialARangeOfTheInterface(Kind kind) {
    Neighbour neighbour = neighbour(kind);
    PeerRange range = PeerRange.of("near", Cidr.parse("fe80::/64"), neighbour.asPeer());
    Denim denim = start(List.of(range));

    start(neighbour);

    denim.awaitPeer("near/fe80::2");
    denim.awaitUp("near/fe80::2");
    assertThat(denim.peer("near/fe80::2").at()).hasToString("fe80::2%br0");
  }

  @Tested(value = "next hop: link-local alone, passed on", against = Kind.BIRD)
  void aLinkLocalNextHopIsPassedOnAsOurOwn(Kind kind) {
    Neighbour from = neighbour(kind).announcing(THEIRS_V6);
    Neighbour to = new Neighbour(kind, 3);
    start(from);
    BgpDaemon client = start(to);

    Denim denim =
        start(from.asPeer().client(true), to.asPeer().client(true).nextHop(NextHopMode.KEEP));

    assertThat(denim.awaitRoute(THEIRS_V6.prefix()).nextHop()).isEqualTo(Net.linkLocal(2));
    assertThat(awaitRoute(client, THEIRS_V6.prefix()).nextHop()).contains(Net.v6(Net.DENIM));
  }
}
