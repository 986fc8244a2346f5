package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.PeerConfig;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.BgpRoute;
import io.denim.net.Cidr;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** Attributes that Denim passes on without knowing what they are for. */
@Tag("speakers")
@Tag("G15")
class BgpAttributesInteropIT extends InteropCase {
  private static final Cidr PREFIX = Cidr.parse("10.5.0.0/16");
  private static final String PREFIX_HEX = "100a05";

  /** ORIGIN, AS_PATH 65001, NEXT_HOP 192.0.2.9, LOCAL_PREF 100. */
  private static final String ORDINARY =
      "40010100" + "4002060201" + "0000fde9" + "400304c0000209" + "40050400000064";

  /** 64512:1:2 and 64512:3:4. */
  private static final String LARGE =
      "c02018" + "0000fc000000000100000002" + "0000fc000000000300000004";

  /** Nobody knows 200 and 201; the one is to be passed on, the other is not. */
  private static final String UNKNOWN = "c0c804deadbeef" + "80c902cafe";

  @Tested(
      value = "unknown attributes and large communities through Denim as reflector",
      against = {Kind.BIRD, Kind.BIRD1, Kind.GOBGP})
  void whatNobodyKnowsIsPassedOnIfItIsTransitive(Kind kind) throws IOException {
    Neighbour neighbour = new Neighbour(kind, 2);
    BgpDaemon daemon = start(neighbour);
    denim(
        64512,
        neighbour.asPeer().client(true),
        PeerConfig.of("written", Net.v4(9), 64512).client(true).passive(true));

    try (WrittenPeer peer = WrittenPeer.dial(net.neighbour(9), 64512, Net.v4(9))) {
      peer.update(ORDINARY + LARGE + UNKNOWN, PREFIX_HEX);

      BgpRoute route = awaitRoute(daemon, PREFIX);

      assertThat(route.largeCommunities()).containsExactly("64512:1:2", "64512:3:4");
      assertThat(route.nextHop()).contains(Net.v4(9));
      if (kind != Kind.GOBGP) {
        assertThat(daemon.command("show", "route", PREFIX.toString(), "all"))
            .containsPattern("BGP\\.\\w+ \\[t\\]: de ad be ef")
            .doesNotContain("ca fe");
      } else {
        // 224 are the flags: optional, transitive, partial.
        assertThat(daemon.command("global", "rib", PREFIX.toString(), "-j"))
            .contains("{\"flags\":224,\"type\":200,\"value\":\"3q2+7w==\"}")
            .doesNotContain("\"type\":201");
      }
    }
  }
}
