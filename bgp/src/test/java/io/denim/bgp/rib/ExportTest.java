package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.config.Role;
import io.denim.bgp.policy.Action;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Rule;
import io.denim.bgp.policy.Source;
import io.denim.bgp.policy.Verdict;
import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.bgp.wire.OpaqueAttribute;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What leaves of a path, and what does not (RFC 4271 5.1 and 9.2, RFC 4456, RFC 1997, RFC 9494).
 */
class ExportTest {
  private static final int SELF = 0x0a090909;
  private static final int CLUSTER = 99;
  private static final IpAddress OWN = IpAddress.parse("10.9.9.9");
  private static final IpAddress CAME = IpAddress.parse("192.0.2.1");
  private static final SourceInfo LOCAL =
      new SourceInfo(0, "", Source.LOCAL, SELF, OWN, 64512, false);

  private final Sources sources = new Sources(LOCAL);
  private final AttributeTable attributes = new AttributeTable(1);
  private final PrefixTable prefixes = new PrefixTable(Family.IPV4, 1);
  private final int prefix = prefixes.add(0, 0x14000000, 24);

  enum To {
    CLIENT,
    INTERNAL,
    EXTERNAL
  }

  private static GroupKey key(To to) {
    return key(to, NextHopMode.AUTOMATIC, Policy.ACCEPT_ALL, 4096, false);
  }

  private static GroupKey key(
      To to, NextHopMode mode, Policy policy, int mostOctets, boolean longLived) {
    return new GroupKey(
        Family.IPV4,
        to == To.EXTERNAL,
        64512,
        to == To.CLIENT,
        CLUSTER,
        mode,
        OWN,
        Optional.empty(),
        Optional.empty(),
        policy,
        false,
        true,
        mostOctets,
        longLived,
        Optional.empty(),
        true,
        false);
  }

  private static GroupKey onOneSubnet(NextHopMode mode) {
    return new GroupKey(
        Family.IPV4,
        true,
        64512,
        false,
        CLUSTER,
        mode,
        OWN,
        Optional.empty(),
        Optional.of(Cidr.parse("192.0.2.0/28")),
        Policy.ACCEPT_ALL,
        false,
        true,
        4096,
        false,
        Optional.empty(),
        true,
        false);
  }

  @ParameterizedTest
  @CsvSource({
    "AUTOMATIC, external, 192.0.2.1, 192.0.2.1",
    "AUTOMATIC, client, 192.0.2.15, 192.0.2.15",
    "AUTOMATIC, external, 192.0.2.16, 10.9.9.9",
    "SELF, external, 192.0.2.1, 10.9.9.9",
    "KEEP, external, 192.0.2.16, 192.0.2.16"
  })
  void aThirdPartyOfTheSubnetStaysTheNextHop(
      NextHopMode mode, String from, String came, String leaves) {
    AttributeSetBuilder set = set().nextHop(IpAddress.parse(came));

    assertThat(told(onOneSubnet(mode), from, set).orElseThrow().nextHop())
        .isEqualTo(IpAddress.parse(leaves));
  }

  @Test
  void whoTakesNoNextHopOfIpv6IsNotToldOfOne() {
    GroupKey takes = key(To.CLIENT);
    GroupKey key =
        new GroupKey(
            takes.family(),
            takes.external(),
            takes.localAs(),
            takes.client(),
            takes.clusterId(),
            takes.nextHop(),
            takes.ownAddress(),
            takes.ownLinkLocal(),
            takes.subnet(),
            takes.policy(),
            takes.addPath(),
            takes.fourOctetAs(),
            takes.mostOctets(),
            takes.longLived(),
            takes.role(),
            false,
            takes.draining());
    AttributeSetBuilder set = set().nextHop(IpAddress.parse("2001:db8::1"));

    assertThat(told(takes, "client", set)).isPresent();
    assertThat(told(key, "client", set)).isEmpty();
    assertThat(
            export(key)
                .explain(source("client"), attributes.intern(set.build()), prefixes, prefix, 0))
        .isEqualTo(
            "not announced: the peer takes no next hop such as 2001:db8::1 with routes of IPv4"
                + " (RFC 8950)");
  }

  @Test
  void theWordsSayThatAThirdPartyStaysTheNextHop() {
    int number = attributes.intern(set().build());

    assertThat(
            export(onOneSubnet(NextHopMode.AUTOMATIC))
                .explain(source("external"), number, prefixes, prefix, 0))
        .contains("the peer reaches the next hop itself, in 192.0.2.0/28");
  }

  private int source(String from) {
    int peer = sources.newPeer();
    boolean external = from.equals("external");
    sources.set(
        new SourceInfo(
            peer,
            "p",
            external ? Source.EXTERNAL : Source.INTERNAL,
            5,
            IpAddress.v4(5),
            external ? 65001 : 64512,
            from.equals("client")));
    return from.equals("local") ? sources.ownNumber("block") : sources.number(peer, 0);
  }

  private static AttributeSetBuilder set() {
    return AttributeSet.builder().nextHop(CAME).asPath(AsPath.of(65010)).localPref(200).med(7);
  }

  private Export export(GroupKey key) {
    return new Export(key, sources, attributes);
  }

  private Optional<AttributeSet> told(Export export, String from, AttributeSetBuilder set) {
    int out = export.of(source(from), attributes.intern(set.build()), prefixes, prefix);
    return out == Export.NOTHING ? Optional.empty() : Optional.of(export.get(out).attributes());
  }

  private Optional<AttributeSet> told(GroupKey key, String from, AttributeSetBuilder set) {
    return told(export(key), from, set);
  }

  @ParameterizedTest
  @CsvSource({
    "client, CLIENT, true",
    "client, INTERNAL, true",
    "client, EXTERNAL, true",
    "internal, CLIENT, true",
    "internal, INTERNAL, false",
    "internal, EXTERNAL, true",
    "external, CLIENT, true",
    "external, INTERNAL, true",
    "external, EXTERNAL, true",
    "local, CLIENT, true",
    "local, INTERNAL, true",
    "local, EXTERNAL, true"
  })
  @Tag("G6")
  void onlyFromNonClientToNonClientNothingIsReflected(String from, To to, boolean told) {
    assertThat(told(key(to), from, set()).isPresent()).isEqualTo(told);
  }

  @Tag("G6")
  @Test
  void aReflectedRouteIsWhatItWasWithItsOriginatorAndTheCluster() {
    assertThat(told(key(To.CLIENT), "client", set()))
        .contains(set().originatorId(5).clusters(CLUSTER).build());
  }

  @Test
  void aRouteThatWasReflectedBeforeKeepsItsOriginatorAndItsClusters() {
    assertThat(told(key(To.CLIENT), "client", set().originatorId(3).clusters(1, 2)))
        .contains(set().originatorId(3).clusters(CLUSTER, 1, 2).build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"external", "local"})
  void aRouteThatIsNotReflectedGetsNoOriginatorAndNoCluster(String from) {
    assertThat(told(key(To.CLIENT), from, set())).contains(set().build());
  }

  @Test
  void anInternalPeerAlwaysGetsALocalPreference() {
    assertThat(told(key(To.INTERNAL), "external", set().noLocalPref()).orElseThrow())
        .matches(AttributeSet::hasLocalPref)
        .returns(100L, AttributeSet::localPref);
  }

  @Tag("G6")
  @Test
  void loopsDieOnImport() {
    SourceInfo internal = new SourceInfo(1, "p", Source.INTERNAL, 5, OWN, 64512, true);
    SourceInfo external = new SourceInfo(2, "q", Source.EXTERNAL, 6, OWN, 65001, false);
    ImportRules rules =
        new ImportRules(
            Policy.ACCEPT_ALL, 64512, 0, true, SELF, Set.of(CLUSTER), Optional.empty(), false);

    assertThat(imported(rules, internal, set())).isTrue();
    assertThat(imported(rules, internal, set().originatorId(SELF))).isFalse();
    assertThat(imported(rules, internal, set().clusters(1, CLUSTER))).isFalse();
    assertThat(imported(rules, internal, set().asPath(AsPath.of(65010, 64512)))).isFalse();
    assertThat(imported(rules, external, set().asPath(AsPath.of(65001)))).isTrue();
    assertThat(imported(rules, external, set().asPath(AsPath.of(65002)))).isFalse();
    assertThat(imported(rules, external, set().asPath(AsPath.of(65001, 64512)))).isFalse();
  }

  @Test
  void ownAsIsLetInAsOftenAsIsAllowed() {
    SourceInfo external = new SourceInfo(2, "q", Source.EXTERNAL, 6, OWN, 65001, false);
    ImportRules once =
        new ImportRules(
            Policy.ACCEPT_ALL, 64512, 1, false, SELF, Set.of(), Optional.empty(), false);

    assertThat(imported(once, external, set().asPath(AsPath.of(65001, 64512)))).isTrue();
    assertThat(imported(once, external, set().asPath(AsPath.of(64512, 64512)))).isFalse();
  }

  private boolean imported(ImportRules rules, SourceInfo from, AttributeSetBuilder set) {
    int raw = attributes.intern(set.build());
    return new Import(rules, from, attributes).of(raw, Family.IPV4, 0, 0, 0) != PathTable.NONE;
  }

  @ParameterizedTest
  @CsvSource({
    "AUTOMATIC, external, CLIENT, 192.0.2.1",
    "AUTOMATIC, client, CLIENT, 192.0.2.1",
    "AUTOMATIC, client, EXTERNAL, 10.9.9.9",
    "AUTOMATIC, external, EXTERNAL, 10.9.9.9",
    "SELF, client, CLIENT, 10.9.9.9",
    "SELF, external, EXTERNAL, 10.9.9.9",
    "KEEP, external, EXTERNAL, 192.0.2.1",
    "SELF, local, CLIENT, 192.0.2.1",
    "AUTOMATIC, local, EXTERNAL, 192.0.2.1"
  })
  @Tag("G13")
  void theNextHopIsTheOneThatItHasOrOwn(NextHopMode mode, String from, To to, String nextHop) {
    GroupKey key = key(to, mode, Policy.ACCEPT_ALL, 4096, false);

    assertThat(told(key, from, set()).orElseThrow().nextHop()).isEqualTo(IpAddress.parse(nextHop));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLIENT", "EXTERNAL"})
  void whatIsOwnLeadsHere(To to) {
    assertThat(told(key(to), "local", set().nextHop(IpAddress.ANY_V4)).orElseThrow().nextHop())
        .isEqualTo(OWN);
  }

  @Test
  void aNextHopThatThePolicyHasChosenStays() {
    Policy policy = policy(new Action.SetNextHop(IpAddress.parse("192.0.2.77")));
    GroupKey key = key(To.EXTERNAL, NextHopMode.SELF, policy, 4096, false);

    assertThat(told(key, "client", set()).orElseThrow().nextHop())
        .isEqualTo(IpAddress.parse("192.0.2.77"));
  }

  /** The policy makes the same of both, and has chosen only of one. */
  @Test
  void whatThePolicyHasChosenOfOneRouteIsNotChosenOfAnotherThatHadItAlready() {
    Policy policy =
        policy(new Action.SetNextHop(IpAddress.parse("192.0.2.77")), new Action.SetMed(3));
    Export export = export(key(To.EXTERNAL, NextHopMode.AUTOMATIC, policy, 4096, false));
    int source = source("client");
    int other = attributes.intern(set().build());
    int same = attributes.intern(set().nextHop(IpAddress.parse("192.0.2.77")).med(3).build());

    AttributeSet chosen = export.get(export.of(source, other, prefixes, prefix)).attributes();
    AttributeSet left = export.get(export.of(source, same, prefixes, prefix)).attributes();

    assertThat(chosen.nextHop()).isEqualTo(IpAddress.parse("192.0.2.77"));
    assertThat(chosen.hasMed()).isTrue();
    assertThat(left.nextHop()).isEqualTo(OWN);
    assertThat(left.hasMed()).isFalse();
  }

  private static Policy policy(Action... actions) {
    return new Policy(
        "p", List.of(new Rule("r", List.of(), List.of(actions), Verdict.ACCEPT)), Verdict.ACCEPT);
  }

  @Tag("G13")
  @Test
  void aLinkLocalNextHopDoesNotLeaveItsLinkBesideAGlobalOne() {
    AttributeSetBuilder both =
        set().nextHop(IpAddress.parse("fd00::1")).linkLocal(IpAddress.parse("fe80::1"));

    AttributeSet told = told(key(To.CLIENT), "client", both).orElseThrow();
    assertThat(told.nextHop()).isEqualTo(IpAddress.parse("fd00::1"));
    assertThat(told.linkLocalNextHop()).isEmpty();
    assertThat(told(key(To.EXTERNAL), "client", both).orElseThrow().linkLocalNextHop()).isEmpty();
  }

  @Tag("G13")
  @Test
  void onASessionOfLinkLocalAddressesTheOwnOneGoesBesideTheGlobal() {
    IpAddress global = IpAddress.parse("fd00::9");
    GroupKey key =
        new GroupKey(
            Family.IPV4,
            true,
            64512,
            false,
            CLUSTER,
            NextHopMode.AUTOMATIC,
            global,
            Optional.of(IpAddress.parse("fe80::9")),
            Optional.empty(),
            Policy.ACCEPT_ALL,
            false,
            true,
            4096,
            false,
            Optional.empty(),
            true,
            false);

    AttributeSet told = told(key, "client", set()).orElseThrow();

    assertThat(told.nextHop()).isEqualTo(global);
    assertThat(told.linkLocalNextHop()).contains(IpAddress.parse("fe80::9"));
  }

  @Tag("G13")
  @Test
  void aLinkLocalNextHopAloneIsReplacedByThisRoutersOwnWhoeverIsTold() {
    AttributeSetBuilder alone = set().nextHop(IpAddress.parse("fe80::1"));

    assertThat(told(key(To.CLIENT), "client", alone).orElseThrow().nextHop()).isEqualTo(OWN);
    assertThat(told(key(To.EXTERNAL), "client", alone).orElseThrow().nextHop()).isEqualTo(OWN);
  }

  @ParameterizedTest
  @CsvSource({
    "NO_EXPORT, CLIENT, true",
    "NO_EXPORT, EXTERNAL, false",
    "NO_EXPORT_SUBCONFED, CLIENT, true",
    "NO_EXPORT_SUBCONFED, EXTERNAL, false",
    "NO_ADVERTISE, CLIENT, false",
    "NO_ADVERTISE, EXTERNAL, false",
    "LLGR_STALE, CLIENT, false",
    "LLGR_STALE, EXTERNAL, false",
    "BLACKHOLE, EXTERNAL, true"
  })
  @Tag("G15")
  void wellKnownCommunitiesSayWhoIsTold(String name, To to, boolean told) {
    int community =
        switch (name) {
          case "NO_EXPORT" -> Community.NO_EXPORT;
          case "NO_EXPORT_SUBCONFED" -> Community.NO_EXPORT_SUBCONFED;
          case "NO_ADVERTISE" -> Community.NO_ADVERTISE;
          case "LLGR_STALE" -> Community.LLGR_STALE;
          default -> Community.BLACKHOLE;
        };

    assertThat(told(key(to), "client", set().addCommunity(community)).isPresent()).isEqualTo(told);
  }

  private static GroupKey draining(To to, Policy policy) {
    return new GroupKey(
        Family.IPV4,
        to == To.EXTERNAL,
        64512,
        to == To.CLIENT,
        CLUSTER,
        NextHopMode.KEEP,
        OWN,
        Optional.empty(),
        Optional.empty(),
        policy,
        false,
        true,
        4096,
        false,
        Optional.empty(),
        true,
        true);
  }

  private static GroupKey as(Role ours) {
    return new GroupKey(
        Family.IPV4,
        true,
        64512,
        false,
        CLUSTER,
        NextHopMode.KEEP,
        OWN,
        Optional.empty(),
        Optional.empty(),
        Policy.ACCEPT_ALL,
        false,
        true,
        4096,
        false,
        Optional.of(ours),
        true,
        false);
  }

  @ParameterizedTest
  @CsvSource({
    "PROVIDER, 0, 64512",
    "RS, 0, 64512",
    "PEER, 0, 64512",
    "CUSTOMER, 0, 0",
    "RS_CLIENT, 0, 0",
    "PROVIDER, 65010, 65010",
    "RS, 65010, 65010"
  })
  void whoMayPassARouteOnOnlyToCustomersIsToldSo(Role ours, long otc, long told) {
    assertThat(told(as(ours), "client", set().otc(otc)).orElseThrow().otc()).isEqualTo(told);
  }

  @ParameterizedTest
  @CsvSource({
    "PEER, a peer",
    "CUSTOMER, a provider",
    "RS_CLIENT, a route server",
  })
  void whatIsOnlyForCustomersIsToldToNobodyElse(Role ours, String theirs) {
    AttributeSetBuilder set = set().otc(65010);

    assertThat(told(as(ours), "client", set)).isEmpty();
    assertThat(
            export(as(ours))
                .explain(source("client"), attributes.intern(set.build()), prefixes, prefix, 0))
        .isEqualTo(
            "not announced: it has ONLY_TO_CUSTOMER of AS 65010, and this is "
                + theirs
                + " (RFC 9234 5)");
  }

  @Test
  void withoutARoleOnlyToCustomerIsPassedOnAsItIs() {
    assertThat(told(key(To.EXTERNAL), "client", set().otc(65010)).orElseThrow().otc())
        .isEqualTo(65010);
    assertThat(told(key(To.EXTERNAL), "client", set()).orElseThrow().otc()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"client, CLIENT", "external, INTERNAL", "local, INTERNAL"})
  void whatAnInternalPeerIsToldBeforeTheEndIsItsLastChoice(String from, To to) {
    AttributeSet told =
        told(draining(to, policy(new Action.SetLocalPref(300))), from, set()).orElseThrow();

    assertThat(told.hasCommunity(Community.GRACEFUL_SHUTDOWN)).isTrue();
    assertThat(told.localPref()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"client", "external", "local"})
  void anExternalPeerIsToldOfTheEndByTheCommunityAlone(String from) {
    AttributeSet told = told(draining(To.EXTERNAL, Policy.ACCEPT_ALL), from, set()).orElseThrow();

    assertThat(told.hasCommunity(Community.GRACEFUL_SHUTDOWN)).isTrue();
    assertThat(told.hasLocalPref()).isFalse();
  }

  @Test
  void whoKnowsOfStaleRoutesIsToldThem() {
    GroupKey key = key(To.CLIENT, NextHopMode.AUTOMATIC, Policy.ACCEPT_ALL, 4096, true);

    assertThat(told(key, "client", set().addCommunity(Community.LLGR_STALE))).isPresent();
  }

  @Test
  void anExternalPeerGetsTheOwnAsInFrontAndNothingThatEndsHere() {
    AttributeSetBuilder set =
        set().originatorId(3).clusters(4).extendedCommunities(0x4002L << 48, 0x0002L << 48);

    assertThat(told(key(To.EXTERNAL), "client", set))
        .contains(
            AttributeSet.builder()
                .nextHop(OWN)
                .asPath(AsPath.of(64512, 65010))
                .extendedCommunities(0x0002L << 48)
                .build());
  }

  @Test
  void anExternalPeerGetsTheMedOfOwnRoutesAndOfThePolicy() {
    Policy policy = policy(new Action.SetMed(3));

    assertThat(told(key(To.EXTERNAL), "local", set()).orElseThrow().med()).isEqualTo(7);
    assertThat(
            told(key(To.EXTERNAL, NextHopMode.AUTOMATIC, policy, 4096, false), "client", set())
                .orElseThrow()
                .med())
        .isEqualTo(3);
  }

  @Tag("G15")
  @Test
  void communitiesAndWhatIsNotUnderstoodGoThroughUnchanged() {
    AttributeSetBuilder set =
        set()
            .communities(7, 3, 5)
            .largeCommunities(List.of(new LargeCommunity(1, 2, 3)))
            .extendedCommunities(0x4002L << 48)
            .opaque(List.of(new OpaqueAttribute(99, 0xe0, new byte[] {1, 2, 3})));

    assertThat(told(key(To.CLIENT), "client", set))
        .contains(set.originatorId(5).clusters(CLUSTER).build());
  }

  @Test
  void attributesThatFillAMessageAreNotToldByThisGroupAndCounted() {
    AttributeSetBuilder set = set().communities(IntStream.range(0, 1100).toArray());
    Export narrow = export(key(To.CLIENT));
    Export wide = export(key(To.CLIENT, NextHopMode.KEEP, Policy.ACCEPT_ALL, 65535, false));

    assertThat(told(narrow, "client", set)).isEmpty();
    assertThat(narrow.tooLong()).isEqualTo(1);
    assertThat(told(wide, "client", set)).isPresent();
    assertThat(wide.tooLong()).isZero();
  }
}
