package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.GracefulRestart;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer with graceful restart whose second connection is late, when the first is the session. */
@Timeout(60)
class SecondConnectionIT {
  private static final int PORT = 179;
  private static final IpAddress SELF = IpAddress.parse("10.88.12.1");
  private static final IpAddress PEER = IpAddress.parse("10.88.12.2");

  private final Namespace namespace = Namespace.create();

  @BeforeEach
  void addresses() {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(Links.up(1));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(SELF, 32)));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(PEER, 32)));
    }
  }

  @AfterEach
  void gone() {
    namespace.close();
  }

  private Speaker start() {
    SpeakerConfig config =
        SpeakerConfig.of(SELF, 64512)
            .withListeners(List.of(new Listener(SELF, PORT)))
            .withPeers(List.of(PeerConfig.of("peer", PEER, 64512).passive(true).build()));
    return namespace.call(() -> Speaker.start(config, Speaker.World.plain(new Random(1))));
  }

  private SocketChannel dial() throws IOException {
    SocketChannel channel = namespace.call(SocketChannel::open);
    channel.bind(PlainSockets.address(PEER, 0));
    channel.connect(PlainSockets.address(SELF, PORT));
    Capabilities can =
        Capabilities.builder()
            .family(Family.IPV4)
            .fourOctetAs()
            .gracefulRestart(new GracefulRestart(false, true, 120, Map.of(Family.IPV4, true)))
            .build();
    RawMessages.write(channel, new Open(64512, 90, PEER.low32(), can).encode());
    return channel;
  }

  @Test
  void itIsACollisionAndNoRestartAndHearsNothingButThat() throws IOException {
    try (Speaker speaker = start();
        SocketChannel first = dial()) {
      RawMessages.write(first, Framer.keepalive());
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> speaker.peers().getFirst().state() == PeerState.ESTABLISHED);

      try (SocketChannel second = dial()) {
        byte[] answer = RawMessages.read(second);

        assertThat(Framer.type(answer, 0)).isEqualTo(Framer.NOTIFICATION);
        assertThat(Notification.parse(answer, 0, answer.length).words())
            .isEqualTo("ceased: connection collision");
      }
      assertThat(speaker.peers().getFirst().state()).isEqualTo(PeerState.ESTABLISHED);
      assertThat(speaker.peers().getFirst().sessions()).isEqualTo(1);
      assertThat(speaker.peers().getFirst().notifications())
          .containsExactly(new PeerStatus.Notifications(true, 6, 7, 1));
      assertThat(speaker.peers().getFirst().lastSent()).isEmpty();
    }
  }
}
