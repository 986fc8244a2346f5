package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.speaker.PeerState;
import io.denim.fixture.BgpDaemon;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.router.RealSockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Passwords (RFC 2385) and TTL security (RFC 5082), with the sockets of {@code denim bgp run}.
 * These are found by their addresses among all of the process, so no other test's may have the same
 * at the same time: it runs alone.
 */
@Tag("G11")
class BgpSecurityInteropIT extends InteropCase {
  private static SpeakerConfig config(PeerBuilder peer) {
    return Denim.config(Net.DENIM, 64512, peer)
        .withListeners(List.of(new Listener(IpAddress.ANY_V4, Listener.BGP_PORT)))
        .withRoutes(ours());
  }

  private Denim real(PeerBuilder peer) {
    return denim(net.denim(), config(peer), RealSockets.of(64512));
  }

  private static Neighbour withPassword(Kind kind, String password) {
    Neighbour neighbour = new Neighbour(kind, 2).announcing(THEIRS);
    neighbour.password = password;
    return neighbour;
  }

  private static void assertStaysDown(Denim denim, Neighbour neighbour) {
    Awaitility.await("it stays down")
        .during(Duration.ofSeconds(3))
        .atMost(Denim.PATIENCE)
        .until(() -> denim.peer(neighbour.name()).state() != PeerState.ESTABLISHED);
  }

  @Tested("TCP MD5 password: right")
  void bothWhoDialHaveTheRightPassword(Kind kind) {
    Neighbour neighbour = withPassword(kind, "secret");
    BgpDaemon daemon = start(neighbour);

    Denim denim = real(neighbour.asPeer().password("secret"));

    denim.awaitRoute(THEIRS.prefix());
    awaitRoute(daemon, OURS);
  }

  @Tested("TCP MD5 password: right")
  void onlyTheyDialWithTheRightPassword(Kind kind) {
    Neighbour neighbour = withPassword(kind, "secret");
    start(neighbour);

    Denim denim = real(neighbour.asPeer().password("secret").passive(true));

    denim.awaitRoute(THEIRS.prefix());
  }

  @Tested(value = "TCP MD5 password: wrong, missing, changed, removed", against = Kind.BIRD)
  void aWrongPasswordIsSuspectedAndMended(Kind kind) {
    Neighbour neighbour = withPassword(kind, "secret");
    start(neighbour);
    Denim denim = real(neighbour.asPeer().password("other"));

    denim.awaitProblem(neighbour.name(), "is the password right on both sides?");
    assertThat(denim.peer(neighbour.name()).sessions()).isZero();
    denim.speaker().apply(config(neighbour.asPeer().password("secret")));

    denim.awaitRoute(THEIRS.prefix());
  }

  @Tested(value = "TCP MD5 password: wrong, missing, changed, removed", against = Kind.BIRD)
  void aMissingPasswordKeepsTheSessionDown(Kind kind) {
    Neighbour neighbour = withPassword(kind, "secret");
    start(neighbour);

    Denim denim = real(neighbour.asPeer());

    assertStaysDown(denim, neighbour);
  }

  @Tested(value = "TCP MD5 password: wrong, missing, changed, removed", against = Kind.BIRD)
  void afterANewPasswordOnBothSidesTheSessionIsUpAgain(Kind kind) {
    Neighbour neighbour = withPassword(kind, "secret");
    neighbour.hold = 9;
    BgpDaemon daemon = start(neighbour);
    Denim denim = real(neighbour.asPeer().password("secret"));
    denim.awaitRoute(THEIRS.prefix());

    denim.speaker().apply(config(neighbour.asPeer().password("new")));
    Neighbour changed = withPassword(kind, "new").announcing(Route.plain("10.2.0.0/24"));
    changed.hold = 9;
    changed.configure(daemon, folder);

    // BIRD begins a session anew for another password; Denim alone would not.
    denim.awaitRoute(changed.routes.getLast().prefix());
    denim.awaitUp(neighbour.name());
    awaitRoute(daemon, OURS);
  }

  @Tested(value = "TCP MD5 password: wrong, missing, changed, removed", against = Kind.BIRD)
  void afterThePasswordIsRemovedOnBothSidesTheSessionIsUpAgain(Kind kind) {
    Neighbour neighbour = withPassword(kind, "secret");
    neighbour.hold = 9;
    BgpDaemon daemon = start(neighbour);
    Denim denim = real(neighbour.asPeer().password("secret"));
    denim.awaitRoute(THEIRS.prefix());

    denim.speaker().apply(config(neighbour.asPeer()));
    Neighbour changed = withPassword(kind, "").announcing(Route.plain("10.2.0.0/24"));
    changed.hold = 9;
    changed.configure(daemon, folder);

    denim.awaitRoute(changed.routes.getLast().prefix());
    denim.awaitUp(neighbour.name());
  }

  @Tested(value = "TCP MD5 password: of a range, and by IPv4 at [::]", against = Kind.BIRD)
  void onesOfARangeHaveItsPassword(Kind kind) {
    Neighbour right = withPassword(kind, "secret");
    start(right);
    start(new Neighbour(kind, 3));
    PeerBuilder like = PeerConfig.of("like", Net.v4(2), 64512).password("secret");

    Denim denim =
        denim(
            net.denim(),
            SpeakerConfig.of(Net.v4(Net.DENIM), 64512)
                .withListeners(List.of(new Listener(IpAddress.ANY_V4, Listener.BGP_PORT)))
                .withRanges(List.of(PeerRange.of("all", Cidr.parse("192.0.2.0/24"), like))),
            RealSockets.of(64512));

    denim.awaitRoute(THEIRS.prefix());
    Awaitility.await("the other stays out")
        .during(Duration.ofSeconds(3))
        .atMost(Denim.PATIENCE)
        .until(() -> denim.speaker().peers().size() == 1);
  }

  @Tested(value = "TCP MD5 password: of a range, and by IPv4 at [::]", against = Kind.BIRD)
  void whoDialsAllAddressesOfIpv6ByIpv4IsAskedForThePassword(Kind kind) {
    Neighbour right = withPassword(kind, "secret");
    start(right);
    Neighbour unsigned = new Neighbour(kind, 3);
    start(unsigned);

    Denim denim =
        denim(
            net.denim(),
            Denim.config(
                    Net.DENIM,
                    64512,
                    right.asPeer().password("secret").passive(true),
                    unsigned.asPeer().password("secret").passive(true))
                .withListeners(List.of(new Listener(IpAddress.ANY_V6, Listener.BGP_PORT))),
            RealSockets.of(64512));

    denim.awaitRoute(THEIRS.prefix());
    assertStaysDown(denim, unsigned);
  }

  @Tested("TTL security (RFC 5082)")
  void bothSidesHoldThemselvesToTheTtl(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).external().announcing(THEIRS);
    neighbour.ttlSecurity = true;
    BgpDaemon daemon = start(neighbour);

    Denim denim = real(neighbour.asPeer().ttl(new Ttl.Security(1)));

    denim.awaitRoute(THEIRS.prefix());
    awaitRoute(daemon, OURS);
  }

  @Tested(value = "TTL security (RFC 5082)", against = Kind.BIRD)
  void aNeighbourWithoutTtlSecurityIsNotHeard(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).external().announcing(THEIRS);
    start(neighbour);

    Denim denim = real(neighbour.asPeer().ttl(new Ttl.Security(1)));

    assertStaysDown(denim, neighbour);
  }

  // What Denim says first may reach them before they have set the TTL, so that it believes to be
  // up.
  @Tested("TTL security (RFC 5082)")
  void aDenimWithoutTtlSecurityIsNotHeard(Kind kind) {
    Neighbour neighbour = new Neighbour(kind, 2).external().announcing(THEIRS);
    neighbour.ttlSecurity = true;
    BgpDaemon daemon = start(neighbour);

    Denim denim = real(neighbour.asPeer());

    Awaitility.await("it stays down there")
        .during(Duration.ofSeconds(3))
        .atMost(Denim.PATIENCE)
        .until(() -> !daemon.isEstablished(neighbour.denim()) && !denim.has(THEIRS.prefix()));
  }

  @Test
  @Tag("G22")
  void aListenerThatDoesNotGuardItselfByTheTtlIsSuspected() throws IOException {
    try (ServerSocketChannel other = net.neighbour(2).call(ServerSocketChannel::open)) {
      other.bind(new InetSocketAddress(Listener.BGP_PORT));

      Denim denim = real(new Neighbour(Kind.BIRD, 2).asPeer().ttl(new Ttl.Security(1)));

      denim.awaitProblem(
          "n2",
          "no answer from 192.0.2.2 port 179: has it TTL security, too, and is it no farther than"
              + " 1 hop?");
    }
  }
}
