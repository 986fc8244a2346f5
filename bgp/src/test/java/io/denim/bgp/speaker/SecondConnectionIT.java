package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.loop.SocketAddresses;
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
import java.nio.channels.ServerSocketChannel;
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

  private static final Open OPEN =
      new Open(
          64512,
          90,
          PEER.low32(),
          Capabilities.builder()
              .family(Family.IPV4)
              .fourOctetAs()
              .gracefulRestart(new GracefulRestart(false, true, 120, Map.of(Family.IPV4, true)))
              .build());

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

  private Speaker start(boolean passive) {
    SpeakerConfig config =
        SpeakerConfig.of(SELF, 64512)
            .withListeners(List.of(new Listener(SELF, PORT)))
            .withPeers(
                List.of(
                    PeerConfig.of("peer", PEER, 64512)
                        .localAddress(SELF)
                        .passive(passive)
                        .build()));
    return namespace.call(() -> Speaker.start(config, Speaker.World.plain(new Random(1))));
  }

  private SocketChannel dial() throws IOException {
    SocketChannel channel = namespace.call(SocketChannel::open);
    channel.bind(SocketAddresses.of(PEER, 0));
    channel.connect(SocketAddresses.of(SELF, PORT));
    return channel;
  }

  @Test
  void itIsACollisionAndNoRestartAndHearsNothingButThat() throws IOException {
    try (Speaker speaker = start(true);
        SocketChannel first = dial()) {
      RawMessages.write(first, OPEN.encode());
      RawMessages.write(first, Framer.keepalive());
      awaitUp(speaker);

      try (SocketChannel second = dial()) {
        RawMessages.write(second, OPEN.encode());
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

  private static void awaitUp(Speaker speaker) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> speaker.peers().getFirst().state() == PeerState.ESTABLISHED);
  }

  /** Both have dialled, and each end has said its OPEN on its own; the peer's wins. */
  private SocketChannel dialled(ServerSocketChannel listener) throws IOException {
    SocketChannel channel = listener.accept();
    byte[] open = RawMessages.read(channel);
    assertThat(Framer.type(open, 0)).isEqualTo(Framer.OPEN);
    return channel;
  }

  @Test
  void oneThatIsConfirmedWaitsForOneThatWins() throws IOException {
    try (ServerSocketChannel listener = listen();
        Speaker speaker = start(false);
        SocketChannel theirs = dialled(listener);
        SocketChannel ours = dial()) {
      var _ = RawMessages.read(ours);

      RawMessages.write(theirs, OPEN.encode());
      RawMessages.write(theirs, Framer.keepalive());
      byte[] keepalive = RawMessages.read(theirs);
      RawMessages.write(ours, OPEN.encode());
      RawMessages.write(ours, Framer.keepalive());
      byte[] last = RawMessages.read(theirs);
      awaitUp(speaker);

      assertThat(Framer.type(keepalive, 0)).isEqualTo(Framer.KEEPALIVE);
      assertThat(Notification.parse(last, 0, last.length).words())
          .isEqualTo("ceased: connection collision");
      assertThat(speaker.peers().getFirst().sessions()).isEqualTo(1);
    }
  }

  @Test
  void oneThatIsConfirmedIsTheSessionWhenTheOtherGoes() throws IOException {
    try (ServerSocketChannel listener = listen();
        Speaker speaker = start(false);
        SocketChannel theirs = dialled(listener);
        SocketChannel ours = dial()) {
      var _ = RawMessages.read(ours);

      RawMessages.write(theirs, OPEN.encode());
      RawMessages.write(theirs, Framer.keepalive());
      ours.shutdownOutput();
      awaitUp(speaker);

      assertThat(speaker.peers().getFirst().sessions()).isEqualTo(1);
      assertThat(speaker.peers().getFirst().problem()).isEmpty();
    }
  }

  private ServerSocketChannel listen() throws IOException {
    ServerSocketChannel listener = namespace.call(ServerSocketChannel::open);
    return listener.bind(SocketAddresses.of(PEER, PORT));
  }
}
