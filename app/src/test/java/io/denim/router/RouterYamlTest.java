package io.denim.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.bgp.config.Aggregate;
import io.denim.bgp.config.FamilyConfig;
import io.denim.bgp.config.GracefulRestart;
import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.MaxPrefixes;
import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.Role;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.config.Timers;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterYamlTest {
  /** Two lines, so that what a test adds begins in line 3. */
  private static final String BASE = "as: 64512\nrouter-id: 10.0.0.1\n";

  private static final IpAddress ID = IpAddress.parse("10.0.0.1");

  private static RouterConfig parse(String yaml) {
    return RouterYaml.parse("router.yaml", BASE + yaml, RouterYamlTest::passwordFile);
  }

  /** The files that the tests name, without a disk. */
  private static String passwordFile(Path file) {
    return switch (file.toString()) {
      case "/etc/secret" -> "from the file\n";
      case "/etc/empty" -> "\n";
      default -> throw new IllegalArgumentException(file + " cannot be read as UTF-8 text: gone");
    };
  }

  /** Reads a file that may be anything; fails unless it is right or its problems are said. */
  static void readOrFail(String file) {
    try {
      RouterYaml.parse("fuzz", file, RouterYamlTest::passwordFile);
    } catch (RouterConfigException e) {
      assertThat(e.problems())
          .isNotEmpty()
          .allSatisfy(problem -> {
            assertThat(problem.line()).isPositive();
            assertThat(problem.message()).isNotBlank().isNotEqualTo("null");
          });
    }
  }

  private static PeerConfig peer(String yaml) {
    return parse("peers: [{address: 10.0.0.2, as: 65001, " + yaml + "}]")
        .speaker()
        .peers()
        .getFirst();
  }

  @Test
  void twoKeysAreEnough() {
    RouterConfig config = parse("");

    assertThat(config.speaker())
        .isEqualTo(
            SpeakerConfig.of(ID, 64512)
                .withListeners(
                    List.of(
                        new Listener(IpAddress.ANY_V4, 179), new Listener(IpAddress.ANY_V6, 179))));
    assertThat(config)
        .isEqualTo(
            new RouterConfig(config.speaker(), Optional.empty(), Optional.empty(), List.of()));
  }

  @Test
  void everyKeyOfTheRouterIsRead() {
    RouterConfig config =
        parse(
            """
            cluster-id: 10.0.0.9
            listen: [{address: 10.0.0.1, port: 1179}, {address: "::"}]
            graceful-restart: {restart-time: 60, long-lived: 3600, selection-deferral: 5}
            control: /run/denim/bgp.sock
            metrics: 127.0.0.1:9179
            bmp: ["[::1]:11019", 10.0.0.9:11019]
            peers: [{address: 10.0.0.2, as: 65001}]
            """);

    assertThat(config.speaker().clusterId()).hasToString("10.0.0.9");
    assertThat(config.speaker().listeners())
        .containsExactly(new Listener(ID, 1179), new Listener(IpAddress.ANY_V6, 179));
    assertThat(config.speaker().selectionDeferral()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.speaker().peers().getFirst().gracefulRestart())
        .isEqualTo(new GracefulRestart(true, 60, 3600));
    assertThat(config.control()).contains(Path.of("/run/denim/bgp.sock"));
    assertThat(config.metrics()).map(HostPort::toString).contains("127.0.0.1:9179");
    assertThat(config.bmp())
        .extracting(HostPort::toString)
        .containsExactly("[::1]:11019", "10.0.0.9:11019");
    assertThat(parse("listen: []").speaker().listeners()).isEmpty();
  }

  @Test
  void everyKeyOfAPeerIsRead() {
    PeerConfig peer =
        parse(
                """
                peers:
                  - name: tor-1
                    address: 10.0.0.2
                    port: 1179
                    local-address: 10.0.0.1
                    as: 65001
                    local-as: 64999
                    passive: true
                    hold-time: 9
                    keepalive-time: 2
                    connect-retry: 0.5
                    connect-timeout: 1
                    send-hold-time: 480
                    password: secret
                    ttl-security: 1
                    cluster-id: 10.0.0.9
                    next-hop: keep
                    families:
                      ipv4: {add-path: both, extended-next-hop: true, max-prefixes: 1000}
                      ipv6: {add-path: receive, max-prefixes: {limit: 5, action: restart}}
                    import: reject
                    export: reject
                    allow-own-as: 2
                    enforce-first-as: false
                    graceful-restart: false
                    role: rs-client
                    extended-messages: false
                    bfd: true
                    shutdown: true
                    description: top of the rack
                """)
            .speaker()
            .peers()
            .getFirst();

    assertThat(peer)
        .isEqualTo(
            PeerConfig.of("tor-1", IpAddress.parse("10.0.0.2"), 65001)
                .port(1179)
                .localAddress(ID)
                .localAs(64999)
                .passive(true)
                .timers(
                    new Timers(
                        9, 2, Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMinutes(8)))
                .password("secret")
                .ttl(new Ttl.Security(1))
                .clusterId(IpAddress.parse("10.0.0.9"))
                .nextHop(NextHopMode.KEEP)
                .family(
                    Family.IPV4,
                    FamilyConfig.PLAIN
                        .withAddPath()
                        .withExtendedNextHop()
                        .withMaxPrefixes(1000, MaxPrefixes.Action.DOWN))
                .family(
                    Family.IPV6,
                    new FamilyConfig(
                        true,
                        false,
                        false,
                        Optional.of(
                            new MaxPrefixes(
                                5, new MaxPrefixes.Action.Restart(Duration.ofMinutes(1))))))
                .importPolicy(Policy.REJECT_ALL)
                .exportPolicy(Policy.REJECT_ALL)
                .allowOwnAs(2)
                .enforceFirstAs(false)
                .gracefulRestart(GracefulRestart.OFF)
                .role(Role.RS_CLIENT)
                .extendedMessages(false)
                .bfd(true)
                .shutdown(true)
                .description("top of the rack")
                .build());
  }

  @Test
  void aPeerThatSaysLittleHasTheDefaultsOfTheModule() {
    assertThat(peer("passive: false"))
        .isEqualTo(PeerConfig.of("10.0.0.2", IpAddress.parse("10.0.0.2"), 65001).build());
    assertThat(peer("multihop: 3").ttl()).isEqualTo(new Ttl.Multihop(3));
    assertThat(peer("password-file: /etc/secret").password()).contains("from the file");
    assertThat(peer("families: ipv6").families())
        .isEqualTo(Map.of(Family.IPV6, FamilyConfig.PLAIN));
    assertThat(peer("graceful-restart: {long-lived: 7}").gracefulRestart())
        .isEqualTo(new GracefulRestart(true, 120, 7));
    assertThat(peer("graceful-restart: {enabled: false}").gracefulRestart())
        .isEqualTo(GracefulRestart.OFF);
    assertThat(peer("name: 7").name()).isEqualTo("7");
  }

  @Test
  void aPeerGoesBeforeTheDefaults() {
    SpeakerConfig speaker =
        parse(
                """
                peer-defaults: {as: internal, hold-time: 30, password: shared, multihop: 3, client: true}
                graceful-restart: false
                peers:
                  - {address: 10.0.0.2}
                  - {address: 10.0.0.3, as: 65001, hold-time: 9, password-file: /etc/secret, client: false}
                  - {address: 10.0.0.4, ttl-security: 2, graceful-restart: true}
                ranges:
                  - {name: nodes, range: 10.1.0.0/16, limit: 7}
                """)
            .speaker();
    PeerConfig first = speaker.peers().getFirst();
    PeerConfig second = speaker.peers().get(1);
    PeerConfig third = speaker.peers().get(2);

    assertThat(first.as()).isEqualTo(RemoteAs.internal());
    assertThat(first.timers().holdSeconds()).isEqualTo(30);
    assertThat(first.password()).contains("shared");
    assertThat(first.ttl()).isEqualTo(new Ttl.Multihop(3));
    assertThat(first.client()).isTrue();
    assertThat(first.gracefulRestart()).isEqualTo(GracefulRestart.OFF);
    assertThat(second.timers().holdSeconds()).isEqualTo(9);
    assertThat(second.password()).contains("from the file");
    assertThat(second.client()).isFalse();
    assertThat(third.ttl()).isEqualTo(new Ttl.Security(2));
    assertThat(third.gracefulRestart()).isEqualTo(GracefulRestart.DEFAULT);
    assertThat(speaker.ranges())
        .containsExactly(
            PeerRange.of(
                    "nodes",
                    Cidr.parse("10.1.0.0/16"),
                    PeerConfig.of("nodes", ID, RemoteAs.internal())
                        .timers(Timers.DEFAULT.withHold(30))
                        .password("shared")
                        .ttl(new Ttl.Multihop(3))
                        .client(true)
                        .gracefulRestart(GracefulRestart.OFF))
                .withLimit(7));
  }

  @Test
  void routesAndAggregatesAreRead() {
    SpeakerConfig speaker =
        parse(
                """
                routes:
                  - {prefix: 10.244.1.0/26}
                  - prefix: fd00:10:244::/64
                    next-hop: fd00::1
                    origin: incomplete
                    med: 10
                    local-pref: 200
                    communities: ["64512:1", no-export]
                    large-communities: 64512:1:2
                    kind: service
                aggregates: [{prefix: 10.244.0.0/16, summary-only: true}, {prefix: fd00::/16}]
                """)
            .speaker();

    assertThat(speaker.routes())
        .containsExactly(
            LocalRoute.of(Cidr.parse("10.244.1.0/26")),
            new LocalRoute(
                Cidr.parse("fd00:10:244::/64"),
                Optional.of(IpAddress.parse("fd00::1")),
                2,
                OptionalLong.of(10),
                OptionalLong.of(200),
                List.of(Community.parse("64512:1"), Community.NO_EXPORT),
                List.of(LargeCommunity.parse("64512:1:2")),
                "service"));
    assertThat(speaker.aggregates())
        .containsExactly(
            new Aggregate(Cidr.parse("10.244.0.0/16"), true),
            new Aggregate(Cidr.parse("fd00::/16"), false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          listn: []                             | line 3: listn: is no key; did you mean listen?; allowed: as, router-id, cluster-id, listen, policies, peer-defaults, peers, ranges, routes, aggregates, graceful-restart, control, metrics, bmp
          as: 1                                 | line 3: as: is there twice; allowed: once; the first is in line 1
          cluster-id: fd00::1                   | line 3: cluster-id: "fd00::1" is no identifier; allowed: an IPv4 address other than 0.0.0.0
          listen: 179                           | line 3: listen: "179" does not fit; allowed: a list of mappings
          listen: [{port: 179}]                 | line 3: listen[0]: has no address; allowed: such as 0.0.0.0 or ::
          listen: [{address: x}]                | line 3: listen[0].address: "x" is not an IP address; allowed: such as 10.244.0.1 or fd00::1
          listen: [{address: "fe80::1"}]        | line 3: listen[0]: a listener is not at one link alone; allowed: such as ::, where link-local peers dial, too; got fe80::1
          listen: [{address: "::1", port: 0}]   | line 3: listen[0].port: 0 is out of range; allowed: 1 to 65535
          listen: [{address: "::1"}, {address: "::1"}] | line 3: listen[1]: has the address [::1]:179 of listen[0] in line 3; allowed: each once
          control: bgp.sock                     | line 3: control: "bgp.sock" is no socket's name; allowed: an absolute path of at most 107 octets, such as /run/denim/bgp.sock
          metrics: 9179                         | line 3: metrics: "9179" is no address with a port; allowed: such as 127.0.0.1:9179 or [::1]:9179
          metrics: 127.0.0.1:0                  | line 3: metrics: a port is 1 to 65535, got 0
          bmp: []                               | line 3: bmp: the list is empty; allowed: such as 127.0.0.1:9179 or [::1]:9179
          graceful-restart: {restart-time: 4096} | line 3: graceful-restart.restart-time: 4096 is out of range; allowed: 0 to 4095
          graceful-restart: {enabled: no}       | line 3: graceful-restart.enabled: "no" does not fit; allowed: true or false
          graceful-restart: {enabled: false, long-lived: 5} | line 3: graceful-restart: long-lived graceful restart needs graceful restart (RFC 9494 4.1)
          graceful-restart: {selection-deferal: 5} | line 3: graceful-restart.selection-deferal: is no key; did you mean selection-deferral?; allowed: enabled, restart-time, long-lived, selection-deferral
          routes: [{med: 1}]                    | line 3: routes[0]: has no prefix; allowed: such as 10.244.0.0/16 or fd00:10::/48
          routes: [{prefix: 10.0.0.1/8}]        | line 3: routes[0].prefix: "10.0.0.1/8" has host bits set; allowed: 10.0.0.0/8
          routes: [{prefix: fd00::/8, next-hop: 10.0.0.1}] | line 3: routes[0]: the next hop of fd00::/8 is an IPv6 address, got 10.0.0.1
          routes: [{prefix: 10.0.0.0/8, origin: bgp}] | line 3: routes[0].origin: "bgp" is not known; did you mean egp?; allowed: igp, egp or incomplete
          routes: [{prefix: 10.0.0.0/8, med: -1}] | line 3: routes[0].med: -1 is out of range; allowed: 0 to 4294967295
          routes: [{prefix: 10.0.0.0/8, communities: [1]}] | line 3: routes[0].communities[0]: "1" is no community; allowed: two numbers of 0 to 65535, such as 64512:100, or blackhole, graceful-shutdown, llgr-stale, no-advertise, no-export, no-export-subconfed, no-llgr
          routes: [{prefix: 10.0.0.0/8, large-communities: [1:2]}] | line 3: routes[0].large-communities[0]: "1:2" is not a large community; allowed: three numbers of 0 to 4294967295, such as 4200000000:1:2
          routes: [{prefix: 10.0.0.0/8}, {prefix: 10.0.0.0/8}] | line 3: routes[1]: has the prefix 10.0.0.0/8 of routes[0] in line 3; allowed: each once
          aggregates: [{prefix: 10.0.0.1/32}]   | line 3: aggregates[0]: an aggregate is shorter than a single address, got 10.0.0.1/32
          aggregates: [10.0.0.0/8]              | line 3: aggregates[0]: "10.0.0.0/8" does not fit; allowed: a mapping of keys to values
          ranges: [{as: internal}]              | line 3: ranges[0]: has no range; allowed: such as 10.0.0.0/16
          ranges: [{range: 10.0.0.0/8, as: external, client: true}] | line 3: ranges[0]: a client of a reflector is internal (RFC 4456)
          ranges: [{range: 10.0.0.0/8, as: internal, limit: 0}] | line 3: ranges[0].limit: 0 is out of range; allowed: 1 to 1000000
          ? [a, b]                              | line 3: a list is no key; allowed: a word
          """)
  void anErrorOfTheRouterNamesLineFieldValueAndWhatIsAllowed(String yaml, String error) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(RouterConfigException.class)
        .hasMessage("router.yaml: " + error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          as: x                     | .as: "x" does not fit; allowed: an AS number, internal or external
          as: externl               | .as: "externl" does not fit; did you mean external?; allowed: an AS number, internal or external
          as: 0                     | .as: a peer's AS is 1 to 4294967295, got 0
          name: [a]                 | .name: a list does not fit; allowed: a text
          port: 70000               | .port: 70000 is out of range; allowed: 1 to 65535
          interface: eth0           | : an interface is for a link-local address of IPv6, got 10.0.0.2
          local-address: fd00::1    | : the local address is of the family of 10.0.0.2, got fd00::1
          local-as: 23456           | : the local AS is not 23456, which stands for numbers of four octets (RFC 6793)
          passive: yes              | .passive: "yes" does not fit; allowed: true or false
          hold-time: 2              | .hold-time: 2 is out of range; allowed: 0 (no hold timer) or 3 to 65535
          hold-time: 1.5            | .hold-time: "1.5" does not fit; allowed: a whole number of 0 to 65535
          keepalive-time: 91        | .keepalive-time: 91 is out of range; allowed: 0 to 90
          connect-retry: 0.0        | .connect-retry: "0.0" is no time; allowed: seconds, such as 5 or 0.5, up to 99999
          password: ""              | .password: a password of 0 octets; allowed: 1 to 80 octets
          password-file: /etc/empty | .password-file: a password of 0 octets; allowed: 1 to 80 octets
          password-file: /etc/gone  | .password-file: /etc/gone cannot be read as UTF-8 text: gone
          password: a, password-file: /etc/secret | .password-file: is not wanted beside password; allowed: one or the other
          multihop: 2, ttl-security: 1 | .ttl-security: is not wanted beside multihop; allowed: one or the other
          multihop: 0               | .multihop: 0 is out of range; allowed: 1 to 255
          ttl-security: 255         | .ttl-security: 255 is out of range; allowed: 1 to 254
          client: true              | : a client of a reflector is internal (RFC 4456), but peer a (10.0.0.2, AS 65001) is external
          cluster-id: 0.0.0.0       | .cluster-id: "0.0.0.0" is no identifier; allowed: an IPv4 address other than 0.0.0.0
          next-hop: me              | .next-hop: "me" is not known; allowed: automatic, self or keep
          families: [ipv5]          | .families[0]: "ipv5" is not known; did you mean ipv4?; allowed: ipv4 or ipv6
          families: []              | .families: the list is empty; allowed: ipv4 or ipv6
          families: {}              | .families: the mapping is empty; allowed: ipv4 or ipv6
          families: {ipv6: {extended-next-hop: true}} | .families.ipv6.extended-next-hop: is for IPv4 (RFC 8950); allowed: false
          families: {ipv4: {add-path: x}} | .families.ipv4.add-path: "x" is not known; allowed: off, receive, send or both
          families: {ipv4: {max-prefixes: 0}} | .families.ipv4.max-prefixes: 0 is out of range; allowed: 1 to 2147483647
          families: {ipv4: {max-prefixes: {}}} | .families.ipv4.max-prefixes: has no limit; allowed: a number of prefixes
          import: nowhere           | .import: "nowhere" is not known; allowed: accept or reject
          export: acept             | .export: "acept" is not known; did you mean accept?; allowed: accept or reject
          allow-own-as: 256         | .allow-own-as: 256 is out of range; allowed: 0 to 255
          graceful-restart: 5       | .graceful-restart: "5" does not fit; allowed: true or false
          graceful-restart: {selection-deferral: 5} | .graceful-restart.selection-deferral: is no key; allowed: enabled, restart-time, long-lived
          role: boss                | .role: "boss" is not known; allowed: provider, rs, rs-client, customer or peer
          role: peer, as: internal  | : an internal peer has no role (RFC 9234 4.1)
          """)
  void anErrorOfAPeerNamesLineFieldValueAndWhatIsAllowed(String keys, String error) {
    String as = keys.contains("as: ") && !keys.contains("-as: ") ? "" : ", as: 65001";
    String name = keys.startsWith("name") ? "" : ", name: a";
    String yaml = "peers:\n  - {address: 10.0.0.2" + as + name + ", " + keys + "}";

    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(RouterConfigException.class)
        .hasMessage("router.yaml: line 4: peers[0]" + error);
  }

  @Test
  void whatAPeerMustHaveIsMissed() {
    assertThatThrownBy(() -> parse("peers: [{name: a}]"))
        .hasMessage(
            """
            router.yaml: 2 problems
              line 3: peers[0]: has no address; allowed: such as 10.0.0.2 or fd00::2
              line 3: peers[0]: has no as; allowed: an AS number, internal or external\
            """);
    assertThatThrownBy(() -> parse("peers: [{address: 0.0.0.0, as: 1}]"))
        .hasMessage(
            "router.yaml: line 3: peers[0]: the address of peer 0.0.0.0 is one router's, got"
                + " 0.0.0.0");
  }

  @Test
  void aNameOrAddressIsThereOnce() {
    assertThatThrownBy(() ->
            parse(
                """
                peers:
                  - {name: a, address: 10.0.0.2, as: 1}
                  - {name: a, address: 10.0.0.3, as: 1}
                  - {name: b, address: 10.0.0.2, as: 1}
                """))
        .hasMessage(
            """
            router.yaml: 2 problems
              line 5: peers[1]: has the name a of peers[0] in line 4; allowed: each once
              line 6: peers[2]: has the address 10.0.0.2 of peers[0] in line 4; allowed: each once\
            """);
  }

  @Test
  void aProblemInTheDefaultsIsToldOnceAndWhereItStands() {
    assertThatThrownBy(() ->
            parse(
                """
                peer-defaults: {hold-time: 1, import: nowhere, address: 10.0.0.1}
                peers:
                  - {address: 10.0.0.2, as: 1}
                  - {address: 10.0.0.3, as: 1, hold-time: 9}
                """))
        .hasMessageStartingWith(
            "router.yaml: 3 problems\n"
                + "  line 3: peer-defaults.address: is no key; allowed: as, port, local-address, ")
        .hasMessageEndingWith(
            "\n  line 3: peer-defaults.hold-time: 1 is out of range; allowed: 0 (no hold timer) or 3"
                + " to 65535\n"
                + "  line 3: peer-defaults.import: \"nowhere\" is not known; allowed: accept or"
                + " reject");
  }

  @Test
  void allProblemsComeAtOnceInTheOrderOfTheFile() {
    String yaml =
        """
        as: 0
        listen: [{address: 0.0.0.0, prot: 179}]
        peers:
          - address: 10.0.0.2
            as: internal
            hold-time: soon
        metrics: here
        """;

    var thrown =
        catchThrowableOfType(
            RouterConfigException.class, () -> RouterYaml.parse("router.yaml", yaml));

    assertThat(thrown)
        .hasMessage(
            """
            router.yaml: 5 problems
              line 1: has no router-id; allowed: an IPv4 address, such as 10.0.0.1
              line 1: as: 0 is out of range; allowed: 1 to 4294967295
              line 2: listen[0].prot: is no key; did you mean port?; allowed: address, port
              line 6: peers[0].hold-time: "soon" does not fit; allowed: a whole number of 0 to 65535
              line 7: metrics: "here" is no address with a port; allowed: such as 127.0.0.1:9179 or [::1]:9179\
            """);
    assertThat(thrown.problems()).extracting(RouterProblem::line).containsExactly(1, 1, 2, 6, 7);
  }

  @Test
  void anEmptyFileIsNotEnough() {
    assertThatThrownBy(() -> RouterYaml.parse("router.yaml", ""))
        .hasMessage(
            """
            router.yaml: 2 problems
              line 1: has no as; allowed: the AS number of this router
              line 1: has no router-id; allowed: an IPv4 address, such as 10.0.0.1\
            """);
  }

  @Test
  void whatIsNoYamlIsSaidWithItsLine() {
    assertThatThrownBy(() -> parse("peers: [{"))
        .hasMessageStartingWith("router.yaml: line 3: is no YAML: ");
    assertThatThrownBy(() -> parse("---\nas: 1"))
        .hasMessageStartingWith("router.yaml: line 3: is no YAML: ");
    assertThatThrownBy(() -> parse("peers: \u0000"))
        .hasMessageStartingWith("router.yaml: line 1: is no YAML: ");
    assertThatThrownBy(() -> parse("peers: " + "[".repeat(100_000)))
        .hasMessage("router.yaml: line 3: is nested too deep; allowed: at most 50 levels");
    assertThatThrownBy(() -> parse("peers: &a [*a]"))
        .hasMessage(
            "router.yaml: line 3: peers[0]: a list does not fit; allowed: a mapping of keys to"
                + " values");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> RouterYaml.read(Path.of("/nowhere/router.yaml")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("/nowhere/router.yaml: there is no such file");
    assertThatThrownBy(() ->
            RouterYaml.parse(
                "router.yaml",
                BASE + "peers: [{address: 10.0.0.2, as: 1, password-file: /nowhere/key}]"))
        .hasMessageStartingWith(
            "router.yaml: line 3: peers[0].password-file: /nowhere/key cannot be read");
  }
}
