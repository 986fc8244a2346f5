package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.config.Timers;
import io.denim.bgp.speaker.PeerState;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Sysctl;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.router.RealSockets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One listener with a password (RFC 2385) for each of a thousand peers. */
@Tag("G11")
class ManyPasswordsIT extends InteropCase {
  private static final int PEERS = 1000;
  private static final Timers TIMERS = Timers.DEFAULT.withConnectRetry(Duration.ofSeconds(1));

  /** A key takes 136 octets of it, and where it is 131072 there is no room for a thousand. */
  private static final String ROOM = "1048576";

  private static IpAddress address(int peer) {
    return IpAddress.v4(IpAddress.parse("10.77.0.0").low32() + peer);
  }

  private static String password(int peer) {
    return "secret of " + peer;
  }

  private static SpeakerConfig reflector(int besides, String other) {
    return SpeakerConfig.of(address(0), 64512)
        .withListeners(List.of(new Listener(address(0), Listener.BGP_PORT)))
        .withPeers(
            IntStream.rangeClosed(1, PEERS)
                .mapToObj(peer ->
                    PeerConfig.of("p" + peer, address(peer), 64512)
                        .passive(true)
                        .password(peer == besides ? other : password(peer))
                        .build())
                .toList());
  }

  /** A peer dials from its own address, with this password. */
  private Denim peer(int peer, String password) {
    PeerBuilder to =
        PeerConfig.of("reflector", address(0), 64512)
            .localAddress(address(peer))
            .timers(TIMERS)
            .password(password);
    return denim(
        net.denim(),
        SpeakerConfig.of(address(peer), 64512)
            .withListeners(List.of())
            .withPeers(List.of(to.build())),
        RealSockets.of(64512));
  }

  @Test
  void eachOfAThousandPeersHasAPasswordOfItsOwnAndAChangeOfOneIsNothingToTheOthers() {
    Sysctl.of(net.denim()).write("net/core/optmem_max", ROOM);
    try (Rtnetlink kernel = Rtnetlink.open(net.denim())) {
      // All of the prefix is this machine.
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(address(0), 16)));
    }
    Denim reflector = denim(net.denim(), reflector(0, ""), RealSockets.of(64512));

    Denim first = peer(1, password(1));
    Denim last = peer(PEERS, password(PEERS));
    Denim wrong = peer(500, password(501));

    first.awaitUp("reflector");
    last.awaitUp("reflector");
    wrong.awaitProblem("reflector", "is the password right on both sides?");
    assertThat(reflector.peer("p500").state()).isNotEqualTo(PeerState.ESTABLISHED);

    reflector.speaker().apply(reflector(500, password(501)));

    wrong.awaitUp("reflector");
    Awaitility.await("the others stay up")
        .during(Duration.ofSeconds(1))
        .atMost(Denim.PATIENCE)
        .until(() ->
            reflector.peer("p1").sessions() == 1
                && reflector.peer("p" + PEERS).sessions() == 1
                && reflector.peer("p" + PEERS).state() == PeerState.ESTABLISHED);
  }
}
