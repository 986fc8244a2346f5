package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Notification;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a speaker remembers of a client that does what the test says. */
class PeerStatusIT {
  private static final int PORT = 179;
  private static final IpAddress SERVER = IpAddress.parse("10.88.10.1");
  private static final IpAddress CLIENT = IpAddress.parse("10.88.10.2");
  private static final Cidr THEIRS = Cidr.parse("10.1.0.0/24");

  private final Namespace namespace = Namespace.create();
  private Speaker speaker;
  private ScriptedClient client;

  @BeforeEach
  void aSessionIsUp() {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(Links.up(1));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(SERVER, 32)));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(CLIENT, 32)));
    }
    SpeakerConfig config =
        SpeakerConfig.of(SERVER, 64512)
            .withListeners(List.of(new Listener(SERVER, PORT)))
            .withPeers(List.of(PeerConfig.of("client", CLIENT, 64512).passive(true).build()))
            .withRoutes(
                List.of(
                    LocalRoute.of(Cidr.parse("10.244.1.0/26")),
                    LocalRoute.of(Cidr.parse("10.244.2.0/26"))));
    speaker = namespace.call(() -> Speaker.start(config, Speaker.World.plain(new Random(1))));
    client = namespace.call(() -> new ScriptedClient(CLIENT, SERVER, PORT));
    soon(() -> assertThat(status().state()).isEqualTo(PeerState.ESTABLISHED));
  }

  @AfterEach
  void gone() throws IOException {
    client.close();
    speaker.close();
    namespace.close();
  }

  private PeerStatus status() {
    client.pump();
    return speaker.peers().getFirst();
  }

  private static void soon(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(assertion);
  }

  @Test
  void messagesAndRoutesAreCountedBothWays() throws IOException {
    client.send(client.announcement(client.attributes(100), List.of(THEIRS)));

    soon(() -> {
      client.pump();
      assertThat(client.told()).hasSize(2);
    });
    soon(() ->
        assertThat(status().families().get(Family.IPV4))
            .isEqualTo(new PeerStatus.Routes(1, 1, 2, false, false, false, 0)));
    soon(() -> assertThat(status().sent()).containsEntry(Framer.UPDATE, 2L));
    assertThat(status().sent()).containsEntry(Framer.OPEN, 1L).containsEntry(Framer.KEEPALIVE, 1L);
    assertThat(status().received()).containsEntry(Framer.UPDATE, 1L);
    soon(() -> assertThat(status().secondsBehind()).isZero());
    assertThat(status().holdMargin()).isPresent();
    soon(() ->
        assertThat(speaker.tables().convergence().counts().stream().mapToLong(n -> n).sum())
            .isPositive());
    assertThat(speaker.tables().chosen()).containsEntry(Family.IPV4, 3);
  }

  @Test
  void aDamagedUpdateIsShownWithTheReasonAndItsOctets() throws IOException {
    byte[] message = client.announcement(client.attributes(100), List.of(THEIRS));
    // The value of ORIGIN, which is the first attribute.
    message[Framer.HEADER_LENGTH + 7] = 9;
    client.send(message);

    soon(() -> assertThat(status().treatedAsWithdrawn()).isEqualTo(1));
    PeerStatus.Damaged damaged = status().damaged().orElseThrow();
    assertThat(damaged.endedSession()).isFalse();
    assertThat(damaged.words()).contains("ORIGIN");
    assertThat(damaged.octets()).isEqualTo(HexFormat.of().formatHex(message));
    assertThat(status().state()).isEqualTo(PeerState.ESTABLISHED);
  }

  @Test
  void aDamagedHeaderEndsTheSessionWithANotificationThatIsRemembered() throws IOException {
    byte[] message = Framer.keepalive();
    message[0] = 0;
    client.send(message);

    soon(() -> assertThat(status().malformed()).isEqualTo(1));
    assertThat(status().damaged().orElseThrow().octets())
        .isEqualTo(HexFormat.of().formatHex(message));
    assertThat(status().lastSent().orElseThrow().notification().words())
        .isEqualTo("message header error: connection not synchronised");
    assertThat(status().notifications())
        .containsExactly(new PeerStatus.Notifications(true, 1, 1, 1));
    assertThat(status().sent()).containsEntry(Framer.NOTIFICATION, 1L);
  }

  @Test
  void whatThePeersPeopleWroteIsRemembered() throws IOException {
    client.send(Notification.cease(2, "back at noon").encode());

    soon(() -> assertThat(status().lastReceived()).isPresent());
    Notification said = status().lastReceived().orElseThrow().notification();
    assertThat(said.name()).isEqualTo("ceased: administrative shutdown");
    assertThat(said.communication()).isEqualTo(Optional.of("back at noon"));
    assertThat(status().notifications())
        .containsExactly(new PeerStatus.Notifications(false, 6, 2, 1));
  }
}
