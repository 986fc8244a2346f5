package io.denim.bgp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.wire.Community;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpeakerConfigTest {
  private static final IpAddress ID = IpAddress.parse("10.0.0.1");
  private static final SpeakerConfig SPEAKER = SpeakerConfig.of(ID, 64512);

  private static PeerBuilder peer(String name, String address, long as) {
    return PeerConfig.of(name, IpAddress.parse(address), as);
  }

  private static PeerRange range(String name, String cidr) {
    return PeerRange.of(name, Cidr.parse(cidr), PeerConfig.of("x", ID, RemoteAs.internal()));
  }

  @Test
  void aSpeakerIsItsOwnCluster() {
    assertThat(SPEAKER.clusterId()).isEqualTo(ID);
    assertThat(SPEAKER.selectionDeferral()).isEqualTo(Duration.ofSeconds(30));
    assertThat(SPEAKER.restarting()).isFalse();
    assertThat(SPEAKER.afterRestart(Duration.ofSeconds(5)).restarting()).isTrue();
  }

  @Test
  void aPeersOwnSettingGoesBeforeTheSpeakers() {
    PeerConfig plain = peer("a", "10.0.0.2", 64512).build();
    PeerConfig special =
        peer("b", "10.0.0.3", 65001).localAs(65100).clusterId(IpAddress.parse("9.9.9.9")).build();

    assertThat(plain.localAs(SPEAKER)).isEqualTo(64512);
    assertThat(plain.clusterId(SPEAKER)).isEqualTo(ID);
    assertThat(special.localAs(SPEAKER)).isEqualTo(65100);
    assertThat(special.clusterId(SPEAKER)).hasToString("9.9.9.9");
  }

  private static PeerAddress at(String address) {
    return PeerAddress.of(IpAddress.parse(address));
  }

  private static PeerBuilder near(String name, String device) {
    return peer(name, "fe80::1", 65001).device(device);
  }

  @Test
  void anAddressWithItsInterfaceIsReadAsItIsWritten() {
    for (String text : List.of("10.0.0.1", "fd00::1", "fe80::1%eth0")) {
      assertThat(PeerAddress.tryParse(text).orElseThrow()).hasToString(text);
    }
    assertThat(PeerAddress.tryParse("eth0%fe80::1")).isEmpty();
  }

  @Test
  void aRangeOfLinkLocalAddressesIsOfOneInterface() {
    PeerRange near = PeerRange.of("near", Cidr.parse("fe80::/64"), near("x", "eth0"));
    SpeakerConfig speaker = SPEAKER.withRanges(List.of(range("all", "::/0"), near));
    IpAddress address = IpAddress.parse("fe80::2");

    assertThat(speaker.range(new PeerAddress(address, Optional.of("eth0")))).contains(near);
    assertThat(speaker.range(new PeerAddress(address, Optional.of("eth1")))).isEmpty();
    assertThat(speaker.range(PeerAddress.of(address))).isEmpty();
    assertThat(near.peer(address).at()).hasToString("fe80::2%eth0");
  }

  @Test
  void oneLinkLocalAddressMayBeAtTwoInterfaces() {
    PeerConfig a = near("a", "eth0").password("secret").build();
    PeerConfig b = near("b", "eth1").password("secret").build();

    assertThat(SPEAKER.withPeers(a, b).peers()).containsExactly(a, b);
    assertThatThrownBy(() -> SPEAKER.withPeers(a, near("b", "eth0").build()))
        .hasMessage("there are two peers at fe80::1%eth0");
    assertThatThrownBy(() -> SPEAKER.withPeers(a, near("b", "eth1").build()))
        .hasMessage(
            "peers a (fe80::1%eth0, AS 65001) and b (fe80::1%eth1, AS 65001) have one address,"
                + " and so one password");
    PeerRange signed = PeerRange.of("r", Cidr.parse("fe80::/64"), a.toBuilder());
    PeerRange open = PeerRange.of("s", Cidr.parse("fe80::/64"), near("x", "eth1"));
    assertThatThrownBy(() -> SPEAKER.withRanges(List.of(signed, open)))
        .hasMessageEndingWith("have one address, and so one password");
  }

  @Test
  void theLongestRangeIsTaken() {
    SpeakerConfig speaker =
        SPEAKER.withRanges(List.of(range("wide", "10.0.0.0/8"), range("narrow", "10.1.0.0/16")));

    assertThat(speaker.range(at("10.1.2.3"))).map(PeerRange::name).contains("narrow");
    assertThat(speaker.range(at("10.2.2.3"))).map(PeerRange::name).contains("wide");
    assertThat(speaker.range(at("11.2.2.3"))).isEmpty();
  }

  @Test
  void whatMustBeThereOnceIsRefusedTwice() {
    PeerConfig a = peer("a", "10.0.0.2", 65001).build();

    assertThatThrownBy(() -> SPEAKER.withPeers(a, peer("a", "10.0.0.3", 65001).build()))
        .hasMessage("there are two peers named a");
    assertThatThrownBy(() -> SPEAKER.withPeers(a, peer("b", "10.0.0.2", 65001).build()))
        .hasMessage("there are two peers at 10.0.0.2");
    assertThatThrownBy(
            () -> SPEAKER.withRanges(List.of(range("x", "10.0.0.0/8"), range("x", "11.0.0.0/8"))))
        .hasMessage("there are two ranges named x");
    assertThatThrownBy(
            () -> SPEAKER.withRanges(List.of(range("x", "10.0.0.0/8"), range("y", "10.0.0.0/8"))))
        .hasMessage("there are two ranges of 10.0.0.0/8");
    LocalRoute route = LocalRoute.of(Cidr.parse("10.244.0.0/26"));
    assertThatThrownBy(() -> SPEAKER.withRoutes(List.of(route, route.withKind("block"))))
        .hasMessage("there are two routes to 10.244.0.0/26");
    Aggregate aggregate = new Aggregate(Cidr.parse("10.244.0.0/16"), true);
    assertThatThrownBy(() -> SPEAKER.withAggregates(List.of(aggregate, aggregate)))
        .hasMessage("there are two aggregates of 10.244.0.0/16");
    Listener listener = new Listener(IpAddress.ANY_V4, 179);
    assertThatThrownBy(() -> SPEAKER.withListeners(List.of(listener, listener)))
        .hasMessage("there are two listeners at 0.0.0.0:179");
  }

  @Test
  void onlyARangeBeginsWithTheAnyAddress() {
    PeerConfig nowhere = peer("a", "0.0.0.0", 65001).build();

    assertThat(SPEAKER.withRanges(List.of(range("all", "0.0.0.0/0"))).ranges()).hasSize(1);
    assertThatThrownBy(() -> SPEAKER.withPeers(nowhere))
        .hasMessage("the address of peer a is one router's, got 0.0.0.0");
  }

  @Test
  void whoIsInternalDependsOnTheSpeakersAs() {
    PeerConfig client = peer("a", "10.0.0.2", 65001).client(true).build();
    PeerConfig own = peer("b", "10.0.0.3", 64512).role(Role.CUSTOMER).build();

    assertThatThrownBy(() -> SPEAKER.withPeers(client))
        .hasMessage(
            "a client of a reflector is internal (RFC 4456), but peer a (10.0.0.2, AS 65001) is"
                + " external");
    assertThatThrownBy(() -> SPEAKER.withPeers(own))
        .hasMessage(
            "an internal peer has no role (RFC 9234 4.1), but peer b (10.0.0.3, AS 64512) has"
                + " one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "fd00::1"})
  void anIdentifierIsAnIpv4Address(String text) {
    IpAddress address = IpAddress.parse(text);
    assertThatThrownBy(() -> SpeakerConfig.of(address, 64512))
        .hasMessage("the router id is an IPv4 address other than 0.0.0.0, got " + text);
    assertThatThrownBy(() -> SPEAKER.withClusterId(address))
        .hasMessage("the cluster id is an IPv4 address other than 0.0.0.0, got " + text);
  }

  @Test
  void someNumbersAreNobodysAs() {
    assertThatThrownBy(() -> SpeakerConfig.of(ID, 0))
        .hasMessage("the AS is 1 to 4294967295, got 0");
    assertThatThrownBy(() -> SpeakerConfig.of(ID, 1L << 32))
        .hasMessage("the AS is 1 to 4294967295, got 4294967296");
    assertThatThrownBy(() -> SpeakerConfig.of(ID, 23456))
        .hasMessage("the AS is not 23456, which stands for numbers of four octets (RFC 6793)");
  }

  @Test
  void aLocalRouteIsCheckedAgainstItsPrefix() {
    LocalRoute v6 = LocalRoute.of(Cidr.parse("fd00::/64"));
    LocalRoute v4 = LocalRoute.of(Cidr.parse("10.0.0.0/8"));

    assertThatThrownBy(() -> v6.withNextHop(ID))
        .hasMessage("the next hop of fd00::/64 is an IPv6 address, got 10.0.0.1");
    assertThatThrownBy(() -> v6.withNextHop(IpAddress.parse("fe80::1")))
        .hasMessage(
            "the link-local next hop of fd00::/64 says nothing off its link; allowed: a global one, got"
                + " fe80::1");
    assertThatThrownBy(() -> v4.withNextHop(IpAddress.ANY_V4))
        .hasMessage("the next hop of 10.0.0.0/8 is one router's address, got 0.0.0.0");
    assertThat(v4.withNextHop(IpAddress.parse("fd00::1")).nextHop()).isPresent();
    assertThat(v4.withCommunities(List.of(Community.NO_EXPORT)).communities()).hasSize(1);
    assertThatThrownBy(() ->
            new LocalRoute(
                v4.prefix(),
                v4.nextHop(),
                3,
                OptionalLong.empty(),
                OptionalLong.empty(),
                List.of(),
                List.of(),
                "static"))
        .hasMessage("the origin of 10.0.0.0/8 is 0 to 2, got 3");
    assertThatThrownBy(() -> new Aggregate(Cidr.parse("10.0.0.1/32"), false))
        .hasMessage("an aggregate is shorter than a single address, got 10.0.0.1/32");
  }

  @Test
  void aRoleHasACounterpartAndACode() {
    for (Role role : Role.values()) {
      assertThat(role.counterpart().counterpart()).isEqualTo(role);
      assertThat(Role.of(role.code())).contains(role);
    }
    assertThat(Role.of(5)).isEmpty();
    assertThat(Role.RS_CLIENT).hasToString("rs-client");
  }

  @Test
  void theSmallValuesAreCheckedToo() {
    assertThatThrownBy(() -> new Ttl.Multihop(256))
        .hasMessage("the hops of multihop is 1 to 255, got 256");
    assertThatThrownBy(() -> new Ttl.Security(0))
        .hasMessage("the hops of TTL security is 1 to 254, got 0");
    assertThat(new Ttl.Security(1).least()).isEqualTo(255);
    assertThatThrownBy(() -> FamilyConfig.PLAIN.withMaxPrefixes(0, MaxPrefixes.Action.WARN))
        .hasMessage("the most prefixes is 1 to 2147483647, got 0");
    assertThatThrownBy(() -> new MaxPrefixes.Action.Restart(Duration.ZERO))
        .hasMessage("the pause before a restart is more than no time, got PT0S");
    assertThatThrownBy(() -> new GracefulRestart(true, 4096, 0))
        .hasMessage("the restart time is 0 to 4095, got 4096");
    assertThatThrownBy(() -> new GracefulRestart(false, 0, 1))
        .hasMessage("long-lived graceful restart needs graceful restart (RFC 9494 4.1)");
    assertThatThrownBy(() -> new Listener(IpAddress.ANY_V4, 65536))
        .hasMessage("a listener's port is 0 to 65535, got 65536");
    assertThat(new Listener(IpAddress.ANY_V6, 179)).hasToString("[::]:179");
  }
}
