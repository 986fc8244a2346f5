package io.denim.bgp.mrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.speaker.PeerState;
import io.denim.bgp.speaker.Speaker;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What sessions say is in a file afterwards, and another speaker learns the same from it. */
class CaptureIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PORT = 179;
  private static final long PLENTY = 1 << 20;
  private static final IpAddress SELF = IpAddress.parse("10.88.9.1");
  private static final IpAddress PEER = IpAddress.parse("10.88.9.2");
  private static final Cidr FIRST = Cidr.parse("10.244.1.0/26");
  private static final Cidr SECOND = Cidr.parse("10.244.2.0/26");

  private final Namespace namespace = Namespace.create();
  private final Monitors monitors = new Monitors();
  private final List<Speaker> speakers = new ArrayList<>();
  @TempDir private Path folder;

  @BeforeEach
  void addresses() {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(Links.up(1));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(SELF, 32)));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(PEER, 32)));
    }
  }

  @AfterEach
  void close() {
    speakers.forEach(Speaker::close);
    namespace.close();
  }

  private Speaker start(IpAddress address, IpAddress other, boolean passive, Speaker.World world) {
    SpeakerConfig config =
        new SpeakerConfig(
            address,
            64512,
            address,
            List.of(new Listener(address, PORT)),
            List.of(
                PeerConfig.of("peer", other, 64512)
                    .port(PORT)
                    .localAddress(address)
                    .passive(passive)
                    .build()),
            List.of(),
            List.of(),
            List.of(),
            SpeakerConfig.DEFAULT_DEFERRAL,
            false);
    Speaker speaker = namespace.call(() -> Speaker.start(config, world));
    speakers.add(speaker);
    return speaker;
  }

  private Speaker watched() {
    return start(SELF, PEER, true, Speaker.World.plain(new Random(1)).seenBy(monitors));
  }

  private Speaker peer() {
    return start(PEER, SELF, false, Speaker.World.plain(new Random(2)));
  }

  private static void awaitRoutes(Speaker speaker, Cidr... prefixes) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(speaker.routes(_ -> true, Optional.of("peer")))
                .extracting(RouteView::prefix)
                .containsExactlyInAnyOrder(prefixes));
  }

  private static List<String> read(Path file) throws IOException {
    List<String> all = new ArrayList<>();
    try (MrtReader reader = new MrtReader(new BufferedInputStream(Files.newInputStream(file)))) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        switch (next.get()) {
          case MrtRecord.Message message ->
              all.add((message.form().sent() ? "sent " : "got ") + message.type());
          case MrtRecord.StateChange change -> all.add("state " + change.after());
          case MrtRecord.Peers _, MrtRecord.Routes _ -> all.add("table");
        }
      }
      assertThat(reader.truncatedAt()).isEmpty();
    }
    return all;
  }

  @Test
  void aWholeSessionIsInTheFile() throws IOException {
    Path file = folder.resolve("all.mrt");
    Speaker speaker = watched();
    try (Capture capture = Capture.start(monitors, file, PLENTY)) {
      Speaker peer = peer();
      peer.announce(LocalRoute.of(FIRST));
      awaitRoutes(speaker, FIRST);
      peer.shutDown("");
      await()
          .atMost(PATIENCE)
          .until(() -> !capture.status().failure().isEmpty() || isDown(speaker));
    }

    assertThat(read(file))
        .containsSubsequence(
            "state 4", "sent 1", "got 1", "sent 4", "state 5", "got 4", "state 6", "got 2", "got 3",
            "state 3");
  }

  private static boolean isDown(Speaker speaker) {
    return speaker.peers().getFirst().state() != PeerState.ESTABLISHED;
  }

  @Test
  void aCaptureThatBeginsLateBeginsWithTheOpensOfSessions() throws IOException {
    Path file = folder.resolve("late.mrt");
    Speaker speaker = watched();
    Speaker peer = peer();
    peer.announce(LocalRoute.of(FIRST));
    awaitRoutes(speaker, FIRST);
    try (Capture capture = Capture.start(monitors, file, PLENTY)) {
      peer.announce(LocalRoute.of(SECOND));
      awaitRoutes(speaker, FIRST, SECOND);
      await().atMost(PATIENCE).until(() -> capture.status().octets() > 0);
    }
    peer.announce(LocalRoute.of(Cidr.parse("10.244.3.0/26")));

    assertThat(read(file)).startsWith("sent 1", "got 1", "state 6").contains("got 2");
    assertThat(monitors.isWatching()).isFalse();
  }

  @Test
  void aCaptureEndsWhenItsFileIsFull() throws IOException {
    Path file = folder.resolve("full.mrt");
    watched();
    peer();
    try (Capture capture = Capture.start(monitors, file, 200)) {
      await().atMost(PATIENCE).until(() -> capture.status().full());
      await().atMost(PATIENCE).until(() -> !monitors.isWatching());
    }

    assertThat(Files.size(file)).isLessThanOrEqualTo(200);
    assertThat(read(file)).isNotEmpty();
  }

  @Test
  void anotherSpeakerLearnsTheSameRoutesFromTheFile() throws IOException {
    Path file = folder.resolve("routes.mrt");
    Speaker speaker = watched();
    Speaker peer = peer();
    try (Capture capture = Capture.start(monitors, file, PLENTY)) {
      assertThat(capture.status().full()).isFalse();
      peer.announce(LocalRoute.of(FIRST));
      peer.announce(LocalRoute.of(SECOND));
      awaitRoutes(speaker, FIRST, SECOND);
    }
    List<RouteView> before = speaker.routes(_ -> true, Optional.of("peer"));
    peer.close();
    speaker.close();
    Speaker other = start(SELF, PEER, true, Speaker.World.plain(new Random(3)));

    try (Replay replay = replay(file)) {
      Replay.Outcome outcome = replay.run();
      awaitRoutes(other, FIRST, SECOND);

      assertThat(outcome.updates()).isGreaterThanOrEqualTo(1);
      assertThat(outcome.leftOut()).isZero();
      assertThat(replay.ended()).isEmpty();
    }

    assertThat(before).hasSize(2);
  }

  private Replay replay(Path file) {
    return namespace.call(() -> {
      var speaker = new InetSocketAddress(InetAddress.getByAddress(SELF.bytes()), PORT);
      return Replay.dial(file, Replay::isReceived, new Replay.Client(PEER, 64512, PEER, speaker));
    });
  }

  @Test
  void aFileWithoutAnUpdateIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("empty.mrt"));

    assertThatThrownBy(() -> replay(file))
        .isInstanceOf(MrtException.class)
        .hasMessageContaining("no UPDATE");
  }
}
