package io.denim.bgp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.policy.Policy;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PeerConfigTest {
  private static final IpAddress ADDRESS = IpAddress.parse("10.0.0.2");

  private static PeerBuilder peer() {
    return PeerConfig.of("tor-1", ADDRESS, 65001);
  }

  @Test
  void whatIsNotSaidIsTheDefault() {
    PeerConfig peer = peer().build();

    assertThat(peer.port()).isEqualTo(179);
    assertThat(peer.timers()).isEqualTo(Timers.DEFAULT);
    assertThat(peer.families()).isEqualTo(Map.of(Family.IPV4, FamilyConfig.PLAIN));
    assertThat(peer.importPolicy()).isEqualTo(Policy.ACCEPT_ALL);
    assertThat(peer.exportPolicy()).isEqualTo(Policy.ACCEPT_ALL);
    assertThat(peer.gracefulRestart()).isEqualTo(GracefulRestart.DEFAULT);
    assertThat(peer.nextHop()).isEqualTo(NextHopMode.AUTOMATIC);
    assertThat(peer.ttl()).isEqualTo(Ttl.DEFAULT);
    assertThat(peer.enforceFirstAs()).isTrue();
    assertThat(peer.extendedMessages()).isTrue();
    assertThat(peer.localAs()).isEqualTo(OptionalLong.empty());
  }

  @Test
  void aBuilderThatBeginsWithAPeerBuildsItAgain() {
    PeerConfig peer =
        peer()
            .port(1179)
            .localAddress(IpAddress.parse("10.0.0.1"))
            .localAs(64999)
            .passive(true)
            .timers(Timers.DEFAULT.withHold(9))
            .password("secret")
            .ttl(new Ttl.Security(1))
            .clusterId(IpAddress.parse("1.1.1.1"))
            .nextHop(NextHopMode.KEEP)
            .bothFamilies()
            .importPolicy(Policy.REJECT_ALL)
            .exportPolicy(Policy.REJECT_ALL)
            .allowOwnAs(2)
            .enforceFirstAs(false)
            .gracefulRestart(GracefulRestart.OFF)
            .role(Role.CUSTOMER)
            .extendedMessages(false)
            .bfd(true)
            .shutdown(true)
            .description("top of the rack")
            .build();

    assertThat(peer.toBuilder().build()).isEqualTo(peer);
    assertThat(peer.toBuilder().name("tor-2").build()).isNotEqualTo(peer);
    assertThat(peer.families()).containsOnlyKeys(Family.IPV4, Family.IPV6);
  }

  @Test
  void aLinkLocalPeerIsKnownByItsInterface() {
    PeerConfig peer = peer().address(IpAddress.parse("fe80::1")).device("eth0").build();

    assertThat(peer).hasToString("tor-1 (fe80::1%eth0, AS 65001)");
    assertThat(peer.toBuilder().build()).isEqualTo(peer);
  }

  @Test
  void aPasswordIsNotShown() {
    assertThat(peer().password("secret").build()).hasToString("tor-1 (10.0.0.2, AS 65001)");
  }

  static Stream<Arguments> wrongPeers() {
    return Stream.of(
        wrong(p -> p.name(" "), "a peer's name is not empty"),
        wrong(
            p -> p.address(IpAddress.parse("224.0.0.5")),
            "a peer's address is one router's, got 224.0.0.5"),
        wrong(
            p -> p.address(IpAddress.parse("fe80::1")),
            "the link-local address fe80::1 needs the interface that it is at, such as eth0"),
        wrong(
            p -> p.device("eth0"),
            "an interface is for a link-local address of IPv6, got 10.0.0.2"),
        wrong(
            p -> p.address(IpAddress.parse("fe80::1")).device("eth0/1"),
            "an interface has a name of 1 to 15 characters, such as eth0, got \"eth0/1\""),
        wrong(p -> p.port(0), "a peer's port is 1 to 65535, got 0"),
        wrong(
            p -> p.localAddress(IpAddress.parse("fd00::1")),
            "the local address is of the family of 10.0.0.2, got fd00::1"),
        wrong(
            p -> p.address(IpAddress.parse("fd00::2")).localAddress(IpAddress.parse("fe80::1")),
            "a link-local local address is for a link-local peer, got fe80::1"),
        wrong(p -> p.localAs(0), "the local AS is 1 to 4294967295, got 0"),
        wrong(p -> p.password(""), "a password has 1 to 80 octets, got 0"),
        wrong(p -> p.password("ü".repeat(41)), "a password has 1 to 80 octets, got 82"),
        wrong(
            p -> p.clusterId(IpAddress.parse("fd00::1")),
            "a peer's cluster id is an IPv4 address other than 0.0.0.0, got fd00::1"),
        wrong(p -> p.families(Map.of()), "a peer has a family at least"),
        wrong(
            p -> p.family(Family.IPV6, FamilyConfig.PLAIN.withExtendedNextHop()),
            "next hops of the other family are for IPv4 (RFC 8950)"),
        wrong(p -> p.allowOwnAs(-1), "how often the own AS is allowed is 0 to 255, got -1"),
        wrong(
            p -> p.as(RemoteAs.external()).client(true),
            "a client of a reflector is internal (RFC 4456)"),
        wrong(
            p -> p.as(RemoteAs.internal()).role(Role.PEER),
            "an internal peer has no role (RFC 9234 4.1)"));
  }

  private static Arguments wrong(UnaryOperator<PeerBuilder> change, String message) {
    return Arguments.of(change, message);
  }

  @ParameterizedTest
  @MethodSource("wrongPeers")
  void whatCannotBeIsNamed(UnaryOperator<PeerBuilder> change, String message) {
    PeerBuilder builder = change.apply(peer());

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void theOwnAsDecidesWhetherAPeerIsInternal() {
    assertThat(RemoteAs.of(64512).isInternal(64512)).isTrue();
    assertThat(RemoteAs.of(65001).isInternal(64512)).isFalse();
    assertThat(RemoteAs.internal().isInternal(64512)).isTrue();
    assertThat(RemoteAs.external().isInternal(64512)).isFalse();
  }

  @Test
  void anOpenOfAnotherAsIsNotAccepted() {
    assertThat(RemoteAs.of(65001).accepts(65001, 64512)).isTrue();
    assertThat(RemoteAs.of(65001).accepts(65002, 64512)).isFalse();
    assertThat(RemoteAs.internal().accepts(64512, 64512)).isTrue();
    assertThat(RemoteAs.internal().accepts(65001, 64512)).isFalse();
    assertThat(RemoteAs.external().accepts(65001, 64512)).isTrue();
    assertThat(RemoteAs.external().accepts(64512, 64512)).isFalse();
  }

  @Test
  void aPeerOfARangeIsAsItsTemplateButForNameAndAddress() {
    PeerRange range =
        PeerRange.of(
            "nodes",
            Cidr.parse("10.0.0.0/16"),
            PeerConfig.of("any", ADDRESS, RemoteAs.internal()).client(true));

    PeerConfig peer = range.peer(IpAddress.parse("10.0.7.9"));

    assertThat(peer)
        .isEqualTo(
            PeerConfig.of("nodes/10.0.7.9", IpAddress.parse("10.0.7.9"), RemoteAs.internal())
                .client(true)
                .passive(true)
                .build());
    assertThat(range.limit()).isEqualTo(10_000);
    assertThatThrownBy(() -> range.peer(IpAddress.parse("10.1.0.1")))
        .hasMessage("10.1.0.1 is not in the range 10.0.0.0/16");
    assertThatThrownBy(() -> range.withLimit(0))
        .hasMessage("the limit of range nodes is 1 to 1000000, got 0");
  }
}
