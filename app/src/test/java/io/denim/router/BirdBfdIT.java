package io.denim.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.bfd.Bfd;
import io.denim.bgp.bfd.BfdConfig;
import io.denim.bgp.bfd.BfdListener;
import io.denim.bgp.bfd.BfdSession;
import io.denim.bgp.bfd.BfdState;
import io.denim.bgp.bfd.Discard;
import io.denim.bgp.bfd.Endpoint;
import io.denim.fixture.BirdDaemon;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.linux.udp.UdpSocket;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** BFD with a real BIRD at the other end of a wire. */
class BirdBfdIT {
  private static final IpAddress NEAR = IpAddress.parse("192.0.2.1");
  private static final IpAddress FAR = IpAddress.parse("192.0.2.2");
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Namespace near = Namespace.create();
  private final Namespace far = Namespace.create();
  private final Queue<String> heard = new ConcurrentLinkedQueue<>();
  private final BfdListener listener =
      new BfdListener() {
        @Override
        public void up(BfdSession session) {
          heard.add("up");
        }

        @Override
        public void down(BfdSession session, Loss loss) {
          heard.add("down: " + loss.words());
        }
      };

  @TempDir private Path folder;
  private Bfd bfd;

  @BeforeEach
  void wire() {
    try (Rtnetlink here = Rtnetlink.open(near);
        Rtnetlink there = Rtnetlink.open(far)) {
      var pair = new LinkKind.VethPair("eth0", MacAddress.local(2), 1500, Optional.of(far));
      here.execute(Links.create(Links.Spec.of("eth0", pair).mac(MacAddress.local(1)).mtu(1500)));
      up(here, near, NEAR, "2001:db8::1", "fe80::1");
      up(there, far, FAR, "2001:db8::2", "fe80::2");
    }
    Random random = new Random(1);
    bfd = Bfd.start(new KernelBfdSockets(near, random), InstantSource.system(), random);
  }

  private static void up(
      Rtnetlink kernel, Namespace inside, IpAddress address, String v6, String linkLocal) {
    Sysctl.of(inside).write("net/ipv6/conf/eth0/accept_dad", "0");
    Link device = kernel.link("eth0").orElseThrow();
    kernel.execute(LinkAddress.replace(device.index(), new InterfaceAddress(address, 24)));
    kernel.execute(Links.up(device.index()));
    kernel.execute(LinkAddress.replace(device.index(), InterfaceAddress.parse(v6 + "/64")));
    kernel.execute(LinkAddress.replace(device.index(), InterfaceAddress.parse(linkLocal + "/64")));
    kernel.execute(Links.up(kernel.link("lo").orElseThrow().index()));
  }

  @AfterEach
  void cut() {
    bfd.close();
    far.close();
    near.close();
  }

  /** A BIRD with sessions at 100 ms, three times. */
  private BirdDaemon bird(String options, String neighbour) {
    String pace = "min rx interval 100 ms; min tx interval 100 ms; multiplier 3; " + options;
    return BirdDaemon.start(
        far,
        folder,
        """
        router id 192.0.2.2;
        protocol device { }
        protocol bfd watch {
          interface "*" { %1$s };
          multihop { %1$s };
          neighbor %2$s;
        }
        """
            .formatted(pace, neighbour));
  }

  private void awaitUp(BirdDaemon bird, BfdSession session) {
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(session.status().state()).isEqualTo(BfdState.UP);
          assertThat(bird.command("show", "bfd", "sessions"))
              .containsPattern(session.config().local() + " +\\S+ +Up ");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.2, '192.0.2.1 dev \"eth0\" local 192.0.2.2'",
    "2001:db8::1, 2001:db8::2, '2001:db8::1 dev \"eth0\" local 2001:db8::2'",
    "fe80::1, fe80::2, 'fe80::1 dev \"eth0\" local fe80::2'"
  })
  void aNeighbourIsUpAtThePaceThatBothWant(String local, String remote, String neighbour) {
    try (BirdDaemon bird = bird("", neighbour)) {
      BfdSession session =
          bfd.open(BfdConfig.of(IpAddress.parse(local), IpAddress.parse(remote), "eth0"), listener);
      awaitUp(bird, session);

      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(session.status().sendInterval()).isEqualTo(Duration.ofMillis(300));
            assertThat(session.status().detectionTime()).isEqualTo(Duration.ofMillis(900));
            assertThat(bird.command("show", "bfd", "sessions"))
                .containsPattern(" Up .* 0\\.300 +0\\.900");
          });
      assertThat(heard).containsExactly("up");
      assertThat(bfd.discarded()).isEmpty();
    }
  }

  @Test
  void aPeerSeveralHopsAwayIsUp() {
    try (BirdDaemon bird = bird("", "192.0.2.1 local 192.0.2.2 multihop on")) {
      BfdSession session = bfd.open(BfdConfig.of(NEAR, FAR).overSeveralHops(), listener);

      awaitUp(bird, session);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"passive off;", "passive on;"})
  void aBirdThatStandsStillIsFoundDeadAndUpAgainWhenItGoesOn(String role) {
    try (BirdDaemon bird = bird(role, "192.0.2.1 dev \"eth0\" local 192.0.2.2")) {
      BfdSession session = bfd.open(BfdConfig.of(NEAR, FAR), listener);
      awaitUp(bird, session);
      Awaitility.await()
          .atMost(SOON)
          .until(() -> session.status().detectionTime().equals(Duration.ofMillis(900)));

      bird.program().freeze();

      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(heard).contains("down: no packet of the peer's for 900 ms"));
      bird.program().thaw();
      awaitUp(bird, session);
    }
  }

  @Test
  void aBirdThatIsKilledIsFoundDead() {
    BirdDaemon bird = bird("", "192.0.2.1 dev \"eth0\" local 192.0.2.2");
    BfdSession session = bfd.open(BfdConfig.of(NEAR, FAR), listener);
    awaitUp(bird, session);

    bird.close();

    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(heard).anyMatch(each -> each.startsWith("down: no packet")));
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(session.status().problem().orElse("")).contains("nobody listens for BFD"));
  }

  @Test
  void aSessionThatIsClosedIsHeldDownForTheBird() {
    try (BirdDaemon bird = bird("", "192.0.2.1 dev \"eth0\" local 192.0.2.2")) {
      BfdSession session = bfd.open(BfdConfig.of(NEAR, FAR), listener);
      awaitUp(bird, session);

      session.close();

      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(bird.command("show", "bfd", "sessions"))
                  .containsPattern("192.0.2.1 +\\S+ +Down "));
      assertThat(heard).containsExactly("up");
    }
  }

  @Test
  void aBirdThatIsDisabledSaysSo() {
    try (BirdDaemon bird = bird("", "192.0.2.1 dev \"eth0\" local 192.0.2.2")) {
      BfdSession session = bfd.open(BfdConfig.of(NEAR, FAR), listener);
      awaitUp(bird, session);

      bird.command("disable", "watch");

      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(heard).anyMatch(each -> each.startsWith("down: ")));
    }
  }

  @Test
  void thePaceChangesLiveWithoutLoss() {
    try (BirdDaemon bird = bird("", "192.0.2.1 dev \"eth0\" local 192.0.2.2")) {
      BfdSession session = bfd.open(BfdConfig.of(NEAR, FAR), listener);
      awaitUp(bird, session);

      session.pace(Duration.ofMillis(100), 5);
      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(bird.command("show", "bfd", "sessions"))
                  .containsPattern(" Up .* 0\\.100 +0\\.500"));
      session.pace(Duration.ofSeconds(1), 3);
      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(bird.command("show", "bfd", "sessions"))
                  .containsPattern(" Up .* 1\\.000 +3\\.000"));

      assertThat(heard).containsExactly("up");
    }
  }

  @Test
  void aPacketFromFurtherAwayIsDiscarded() {
    BfdSession session = bfd.open(BfdConfig.of(NEAR, FAR), listener);
    try (UdpSocket forger = UdpSocket.open(far, FAR, 0, Optional.empty(), 64)) {
      forger.ttl(254);
      forger.connect(NEAR, Endpoint.SINGLE_HOP_PORT);

      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(() -> {
            forger.send(
                HexFormat.of().parseHex("204003180000000100000000000f4240000f424000000000"));
            assertThat(bfd.discarded()).containsOnlyKeys(Discard.TTL);
          });
      assertThat(session.status().remoteDiscriminator()).isZero();
    }
  }
}
