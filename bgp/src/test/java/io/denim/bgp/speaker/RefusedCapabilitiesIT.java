package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.loop.SocketAddresses;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Framer;
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
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer that is dialled, and refuses what is offered to it (RFC 5492 3). */
@Timeout(60)
class RefusedCapabilitiesIT {
  private static final int PORT = 179;
  private static final IpAddress SELF = IpAddress.parse("10.88.11.1");
  private static final IpAddress PEER = IpAddress.parse("10.88.11.2");

  private final Namespace namespace = Namespace.create();
  private ServerSocketChannel listener;
  private Speaker speaker;

  @BeforeEach
  void itIsDialled() throws IOException {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(Links.up(1));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(SELF, 32)));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(PEER, 32)));
    }
    listener = namespace.call(ServerSocketChannel::open);
    listener.bind(SocketAddresses.of(PEER, PORT));
    SpeakerConfig config =
        SpeakerConfig.of(SELF, 64512)
            .withListeners(List.of())
            .withPeers(
                List.of(
                    PeerConfig.of("old", PEER, 64512).localAddress(SELF).bothFamilies().build()));
    speaker = namespace.call(() -> Speaker.start(config, Speaker.World.plain(new Random(1))));
  }

  @AfterEach
  void gone() throws IOException {
    speaker.close();
    listener.close();
    namespace.close();
  }

  private static Open open(SocketChannel channel) throws IOException {
    byte[] message = RawMessages.read(channel);
    return Open.parse(message, 0, message.length);
  }

  /** The OPEN that is refused with this. */
  private Open refuse(Notification with) throws IOException {
    try (SocketChannel channel = listener.accept()) {
      Open open = open(channel);
      channel.write(ByteBuffer.wrap(with.encode()));
      return open;
    }
  }

  private PeerStatus status() {
    return speaker.peers().getFirst();
  }

  @Test
  void afterAnUnsupportedParameterTheNextOpenHasNoneAndAllIsOfferedAgainLater() throws IOException {
    Open first = refuse(Notification.of(2, 4, (byte) 2));

    try (SocketChannel channel = listener.accept()) {
      Open second = open(channel);
      channel.write(ByteBuffer.wrap(new Open(64512, 90, PEER.low32(), Capabilities.NONE).encode()));
      channel.write(ByteBuffer.wrap(Framer.keepalive()));
      await().atMost(Duration.ofSeconds(20)).until(() -> status().state() == PeerState.ESTABLISHED);

      assertThat(first.capabilities().families()).containsExactly(Family.IPV4, Family.IPV6);
      assertThat(second.capabilities()).isEqualTo(Capabilities.NONE);
      assertThat(status().problem())
          .isEqualTo(
              "goes without capabilities that it refused: OPEN error: unsupported optional"
                  + " parameter, data 02");
      assertThat(status().ours().orElseThrow()).isEqualTo(second);
    }

    try (SocketChannel channel = listener.accept()) {
      assertThat(open(channel).capabilities()).isEqualTo(first.capabilities());
    }
  }

  @Test
  void afterAnUnsupportedCapabilityTheNextOpenIsWithoutThat() throws IOException {
    byte[] ipv6 = {1, 4, 0, 2, 0, 1};
    Open first = refuse(Notification.of(2, 7, ipv6));

    try (SocketChannel channel = listener.accept()) {
      Open second = open(channel);

      assertThat(first.capabilities().families()).containsExactly(Family.IPV4, Family.IPV6);
      assertThat(second.capabilities().families()).containsExactly(Family.IPV4);
      assertThat(second.capabilities().fourOctetAs()).isTrue();
      assertThat(status().problem())
          .startsWith("it says: OPEN error: ")
          .endsWith("; the next OPEN goes without");
    }
  }
}
