package io.denim.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routers that run from files in a network namespace of their own. */
class RouterIT {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String PEER =
      "port: 1790, as: 64512, password: secret, ttl-security: 1, connect-retry: 1";
  private static final String TWO =
      """
      as: 64512
      router-id: 10.0.0.2
      listen: [{address: 127.0.0.2, port: 1790}]
      peers:
        - {name: one, address: 127.0.0.1, local-address: 127.0.0.2, %s}
      """
          .formatted(PEER);

  @TempDir private Path directory;
  private final Namespace network = Namespace.create();
  private final Deque<Router> routers = new ArrayDeque<>();

  @BeforeEach
  void loopbackIsUp() {
    try (Rtnetlink kernel = Rtnetlink.open(network)) {
      kernel.execute(Links.up(kernel.link("lo").orElseThrow().index()));
    }
  }

  @AfterEach
  void gone() {
    routers.forEach(Router::close);
    network.close();
  }

  private Path control(String name) {
    return directory.resolve(name + ".sock");
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(
          directory.resolve(name + ".yaml"), text + "control: " + control(name) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RouterClient start(String name, String text) {
    Path file = write(name, text);
    routers.push(
        network.call(() -> Router.start(file, false, InstantSource.system(), new Random(1))));
    return new RouterClient(control(name));
  }

  private static String one(String verdict) {
    return """
    as: 64512
    router-id: 10.0.0.1
    listen: [{address: 127.0.0.1, port: 1790}]
    policies:
      out:
        - if: {prefix: [10.1.1.0/24]}
          verdict: %s
        - verdict: accept
    routes:
      - {prefix: 10.1.1.0/24, next-hop: 10.9.9.9}
      - {prefix: 10.1.2.0/24, next-hop: 10.9.9.9}
    peers:
      - {name: two, address: 127.0.0.2, local-address: 127.0.0.1, export: out, %s}
    """
        .formatted(verdict, PEER);
  }

  private static void soon(ThrowingRunnable assertion) {
    await().atMost(LONG).pollInterval(Duration.ofMillis(100)).untilAsserted(assertion);
  }

  private static List<String> states(RouterClient router) {
    return router.peers().stream().map(PeerSummary::state).toList();
  }

  private static List<String> prefixes(RouterClient router, String in) {
    return router.routes("", in, "", 100).stream().map(RouteRow::prefix).toList();
  }

  @Test
  void peersWithAPasswordAndTtlSecurityComeUpAndSayWhatEachCan() {
    RouterClient one = start("one", one("accept"));
    RouterClient two = start("two", TWO);

    soon(() -> assertThat(states(one)).containsExactly("Established"));

    assertThat(one.peer("two").session())
        .contains(new PeerReport.Said("identifier", "10.0.0.1", "10.0.0.2"));
    assertThat(one.peer("127.0.0.2").peer()).isEqualTo("two");
    soon(() -> assertThat(prefixes(two, "one")).containsExactly("10.1.1.0/24", "10.1.2.0/24"));
    assertThat(two.peers().getFirst().in()).isEqualTo(2);
    assertThat(one.peers().getFirst().out()).isEqualTo(2);
    soon(() ->
        assertThat(one.peer("two").families())
            .containsExactly(new PeerReport.Routes("ipv4", 0, 0, 2, true, false, "")));
    soon(() ->
        assertThat(one.peer("two").messages())
            .filteredOn(messages -> messages.type().equals("update"))
            .extracting(PeerReport.Messages::sent)
            .as("both routes in one UPDATE, and the End-of-RIB")
            .containsExactly(2L));
    assertThat(one.peer("two").messages())
        .filteredOn(messages -> messages.type().equals("open"))
        .extracting(PeerReport.Messages::sent)
        .as("an OPEN for each connection: both sides may dial")
        .hasSize(1)
        .isSubsetOf(1L, 2L);
  }

  @Test
  void aChangedFileAddsAPeerAndChangesAPolicyWhileTheSessionStaysUp() {
    RouterClient one = start("one", one("accept"));
    RouterClient two = start("two", TWO);
    soon(() -> assertThat(prefixes(two, "one")).hasSize(2));

    write(
        "one",
        one("reject")
            + "  - {name: three, address: 127.0.0.3, port: 1790, local-address: 127.0.0.1, as: 64512}\n");

    soon(() -> assertThat(prefixes(two, "one")).containsExactly("10.1.2.0/24"));
    soon(() ->
        assertThat(one.peers()).extracting(PeerSummary::peer).containsExactly("three", "two"));
    assertThat(one.peer("two").sessions()).isEqualTo(1);
    assertThat(two.peer("one").sessions()).isEqualTo(1);
    assertThat(one.explain("10.1.1.0/24", "two").told())
        .isEqualTo("not announced: rejected by the export policy \"out\", rule \"rule-1\"");
    assertThat(one.routes("", "", "two", 100))
        .extracting(RouteRow::prefix)
        .containsExactly("10.1.2.0/24");
  }

  private static String ofARange(String password) {
    return """
    as: 64512
    router-id: 10.0.0.1
    listen: [{address: 127.0.0.1, port: 1790}]
    routes: [{prefix: 10.1.1.0/24, next-hop: 10.9.9.9}]
    ranges:
      - {name: nodes, range: 127.0.0.0/24, as: 64512, ttl-security: 1, password: %s}
    """
        .formatted(password);
  }

  @Test
  void thePeersOfARangeHaveItsPasswordAndOneThatHasAnotherStaysOut() {
    RouterClient one = start("one", ofARange("secret"));
    RouterClient two = start("two", TWO);
    start("three", TWO.replace("127.0.0.2", "127.0.0.3").replace("secret", "another"));
    start("four", TWO.replace("127.0.0.2", "127.0.0.4").replace("password: secret, ", ""));

    soon(() -> assertThat(prefixes(two, "one")).containsExactly("10.1.1.0/24"));
    assertThat(one.peers()).extracting(PeerSummary::peer).containsExactly("nodes/127.0.0.2");

    write("one", ofARange("another"));

    soon(() -> assertThat(one.peers()).extracting(PeerSummary::peer).contains("nodes/127.0.0.3"));
  }

  @Tag("G22")
  @Test
  void aWrongPasswordAWrongAsAndAClosedPortAreNamed() {
    start("two", TWO);
    start("three", TWO.replace("127.0.0.2", "127.0.0.3").replace("password: secret, ", ""));
    String peers =
        """
          - {name: three, address: 127.0.0.3, port: 1790, local-address: 127.0.0.1, as: 64999, multihop: 1}
          - {name: four, address: 127.0.0.4, port: 1790, local-address: 127.0.0.1, as: 64512}
        """;
    RouterClient one = start("one", one("accept").replace("secret", "another") + peers);

    soon(() -> assertThat(problem(one, "two")).contains("is the password right on both sides?"));
    soon(() -> assertThat(problem(one, "three")).contains("64512", "64999"));
    soon(() -> assertThat(problem(one, "four")).isEqualTo("nobody listens at 127.0.0.4 port 1790"));
  }

  private static String problem(RouterClient router, String peer) {
    return router.peer(peer).lastProblem();
  }

  @Test
  void aFileWithErrorsLeavesWhatIsInForceAndEveryProblemIsSaid() {
    RouterClient one = start("one", one("accept"));
    RouterClient two = start("two", TWO);
    soon(() -> assertThat(prefixes(two, "one")).hasSize(2));

    write("one", one("maybe").replace("ttl-security: 1", "ttl-security: 0"));

    assertThatThrownBy(one::reload)
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("2 problems")
        .hasMessageContaining("line 7: policies.out[0].verdict: ")
        .hasMessageContaining(".ttl-security: ")
        .hasMessageEndingWith("what was in force stays");
    assertThat(states(one)).containsExactly("Established");
    assertThat(prefixes(two, "one")).hasSize(2);

    write("one", one("reject"));
    soon(() -> assertThat(prefixes(two, "one")).hasSize(1));
    assertThat(one.reload().result()).isEqualTo("nothing has changed");
  }

  @Test
  void theAsOfARouterThatRunsStays() {
    RouterClient one = start("one", one("accept"));

    write("one", one("accept").replace("as: 64512\nrouter-id", "as: 64513\nrouter-id"));

    assertThatThrownBy(one::reload)
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("start it anew to change them");
  }

  @Test
  void aSessionCanBeResetAndItsRoutesAskedForAgain() {
    RouterClient one = start("one", one("accept"));
    RouterClient two = start("two", TWO);
    soon(() -> assertThat(states(two)).containsExactly("Established"));

    assertThat(two.reset("one", "in", "").done()).isEqualTo("is asked for its routes");
    assertThat(one.reset("two", "", "a new cable").done()).isEqualTo("the session begins anew");

    soon(() -> assertThat(two.peer("one").sessions()).isEqualTo(2));
    assertThat(two.peer("one").notifications())
        .extracting(PeerReport.LastNotification::direction)
        .containsExactly("received");
    assertThat(two.peer("one").notifications().getFirst().meaning())
        .isEqualTo("hard reset: ceased: administrative reset");
    assertThat(two.peer("one").notifications().getFirst().communication()).isEqualTo("a new cable");
    assertThat(one.peer("two").notifications())
        .extracting(PeerReport.LastNotification::direction)
        .containsExactly("sent");
    assertThatThrownBy(() -> one.reset("nobody", "", ""))
        .hasMessage("no peer is called \"nobody\"; there are two");
  }

  @Test
  void aDrainedPeerIsToldOfTheLastChoiceOverAllSessionsUntilItIsDrainedNoMore() {
    RouterClient one = start("one", one("accept"));
    RouterClient two = start("two", TWO);
    soon(() -> assertThat(prefixes(two, "one")).hasSize(2));

    assertThat(one.drain("two", false).peer()).isEqualTo("two");

    soon(() ->
        assertThat(two.routes("", "", "", 100))
            .hasSize(2)
            .allSatisfy(route -> assertThat(route.localPref()).isEqualTo("0"))
            .allSatisfy(route -> assertThat(route.communities()).isEqualTo("65535:0")));
    assertThat(one.peers().getFirst().draining()).isTrue();
    assertThat(one.drain("", false).peer()).isEqualTo("all");
    assertThatThrownBy(() -> one.drain("two", true))
        .hasMessage("all peers are drained; \"denim bgp drain --off\" ends that");

    assertThat(two.peer("one").sessions()).isEqualTo(1);

    write("one", one("reject"));
    assertThat(one.reload().result()).isNotEmpty();
    assertThat(one.reset("two", "", "").peer()).isEqualTo("two");
    soon(() -> assertThat(two.peer("one").sessions()).isEqualTo(2));
    soon(() ->
        assertThat(two.routes("", "", "", 100))
            .hasSize(1)
            .allSatisfy(route -> assertThat(route.communities()).isEqualTo("65535:0")));

    assertThat(one.drain("", true).done()).isEqualTo("drained no more");

    soon(() ->
        assertThat(two.routes("", "", "", 100))
            .hasSize(1)
            .allSatisfy(route -> assertThat(route.communities()).isEmpty()));
    assertThat(one.peer("two").draining()).isFalse();
    assertThat(two.peer("one").sessions()).isEqualTo(2);
  }

  @Test
  void metricsAreServedToPrometheus() throws IOException {
    RouterClient one = start("one", one("accept") + "metrics: 127.0.0.1:9179\n");
    RouterClient two = start("two", TWO);
    soon(() -> assertThat(prefixes(two, "one")).hasSize(2));
    soon(() -> assertThat(states(one)).containsExactly("Established"));

    assertThat(get("/metrics"))
        .contains(" 200 ")
        .contains("denim_bgp_peer_state{peer=\"two\",why=\"peer\"} 5.0")
        .contains("denim_bgp_messages_total{direction=\"received\",peer=\"two\",type=\"open\"} ")
        .contains("denim_bgp_messages_total{direction=\"sent\",peer=\"two\",type=\"open\"} ")
        .contains("denim_bgp_prefixes{direction=\"announced\",family=\"ipv4\",peer=\"two\"} 2.0")
        .contains("denim_bgp_hold_remaining_ratio_min{peer=\"two\"} ")
        .contains("denim_bgp_detached{peer=\"two\"} 0.0")
        .contains("denim_bgp_rib_prefixes{family=\"ipv4\"} 2.0")
        .contains("denim_bgp_log_bytes ")
        .contains("denim_bgp_convergence_seconds_count ")
        .contains("denim_bgp_config_good 1.0");
    assertThat(get("/")).contains(" 404 ");
    String described = Files.readString(Path.of("../docs/bgp.md"));
    assertThat(get("/metrics").lines().filter(line -> line.startsWith("# TYPE ")))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(described).contains("`" + line.split(" ")[2] + "`"));
  }

  private String get(String path) throws IOException {
    try (SocketChannel channel = network.call(SocketChannel::open)) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9179));
      channel.write(octets("GET " + path + " HTTP/1.0\r\n\r\n"));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ByteBuffer octets(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private String ask(String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(control("one")))) {
      channel.write(octets(request));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aBmpStationIsToldWhoTheRouterIs() throws IOException {
    try (ServerSocketChannel station = network.call(ServerSocketChannel::open)) {
      station.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 11019));
      start("one", one("accept") + "bmp: [127.0.0.1:11019]\n");

      try (SocketChannel told = station.accept()) {
        ByteBuffer header = ByteBuffer.allocate(6);
        while (header.hasRemaining() && told.read(header) >= 0) {
          // The common header of RFC 7854 4.1: version, length, type.
        }
        assertThat(header.get(0)).isEqualTo((byte) 3);
        assertThat(header.get(5)).as("the initiation message").isEqualTo((byte) 4);
      }
    }
  }

  @Test
  void theControlSocketAnswersALineOfJsonWithJson() throws IOException {
    start("one", one("accept"));

    assertThat(ask("{\"command\":\"peers\"}\n"))
        .startsWith("{\"answer\":[{\"peer\":\"two\",\"address\":\"127.0.0.2\",\"as\":\"64512\",");
    assertThat(ask("{\"command\":\"dance\"}\n"))
        .startsWith("{\"error\":\"unknown command \\\"dance\\\"; allowed: peers, ");
    assertThat(ask("dance\n")).startsWith("{\"error\":\"a request is a JSON object: ");
    assertThat(control("one"))
        .satisfies(socket -> assertThat(Files.getPosixFilePermissions(socket)).hasSize(2));
  }

  @Tag("G22")
  @Test
  void aRouterWithoutWordsOnWhereListensEverywhereAndTheNextOneSaysWhoIsThere() {
    String anywhere = "as: 64512\nrouter-id: 10.0.0.1\n";
    start("one", anywhere);

    assertThatThrownBy(() -> start("two", anywhere))
        .hasMessageStartingWith("cannot listen at 0.0.0.0:179, [::]:179")
        .hasMessageContaining("Address already in use by ")
        .hasMessageContaining("(process " + ProcessHandle.current().pid() + ")");
    assertThatThrownBy(() -> start("one", "as: 64512\nrouter-id: 10.0.0.1\nlisten: []\n"))
        .hasMessageStartingWith("another router answers at ");
  }
}
