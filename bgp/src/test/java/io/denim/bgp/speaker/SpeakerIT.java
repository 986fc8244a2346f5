package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.bfd.BfdSockets;
import io.denim.bgp.config.Aggregate;
import io.denim.bgp.config.Listener;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.rib.BestRoute;
import io.denim.bgp.rib.NextHops;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.wire.Framer;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Speakers that talk to each other in a namespace of the test's own, each at its own address. */
class SpeakerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int PORT = 179;
  private static final Cidr PREFIX = Cidr.parse("10.244.1.0/26");

  private final List<Speaker> speakers = new ArrayList<>();
  private final Namespace namespace = Namespace.create();

  /** What a speaker would install. */
  private static final class Routes implements Rib.Listener {
    private final Map<Cidr, List<BestRoute>> routes = new ConcurrentHashMap<>();

    @Override
    public void changed(Cidr prefix, List<BestRoute> now) {
      if (now.isEmpty()) {
        routes.remove(prefix);
      } else {
        routes.put(prefix, now);
      }
    }

    private void awaitRoute(Cidr prefix) {
      await().atMost(PATIENCE).until(() -> routes.containsKey(prefix));
    }

    private BestRoute only(Cidr prefix) {
      List<BestRoute> found = routes.getOrDefault(prefix, List.of());
      assertThat(found).hasSize(1);
      return found.getFirst();
    }

    private void awaitNone(Cidr prefix) {
      await().atMost(PATIENCE).until(() -> !routes.containsKey(prefix));
    }
  }

  @BeforeEach
  void addresses() {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(Links.up(1));
      for (int node = 1; node <= 9; node++) {
        kernel.execute(LinkAddress.replace(1, new InterfaceAddress(address(node), 32)));
      }
    }
  }

  @AfterEach
  void close() {
    speakers.forEach(Speaker::close);
    namespace.close();
  }

  private static IpAddress address(int node) {
    return IpAddress.parse("10.88.7." + node);
  }

  private static SpeakerConfig node(int node, long as, PeerBuilder... peers) {
    IpAddress id = address(node);
    return new SpeakerConfig(
        id,
        as,
        id,
        List.of(new Listener(id, PORT)),
        List.of(peers).stream().map(PeerBuilder::build).toList(),
        List.of(),
        List.of(),
        List.of(),
        SpeakerConfig.DEFAULT_DEFERRAL,
        false);
  }

  private static PeerBuilder peer(int from, int to, long as) {
    return PeerConfig.of("n" + to, address(to), as).port(PORT).localAddress(address(from));
  }

  private static SpeakerConfig withRoutes(SpeakerConfig config, LocalRoute... routes) {
    return new SpeakerConfig(
        config.routerId(),
        config.as(),
        config.clusterId(),
        config.listeners(),
        config.peers(),
        config.ranges(),
        List.of(routes),
        config.aggregates(),
        config.selectionDeferral(),
        config.restarting());
  }

  private Speaker start(SpeakerConfig config) {
    return start(config, new Routes());
  }

  private Speaker start(SpeakerConfig config, Routes routes) {
    var world =
        new Speaker.World(
            new PlainSockets(), NextHops.ALL_EQUAL, routes, RandomGenerator.of("L64X128MixRandom"));
    // The speaker's thread is born in the namespace, and so are its sockets.
    Speaker speaker = namespace.call(() -> Speaker.start(config, world));
    speakers.add(speaker);
    return speaker;
  }

  /** Sockets on which a peer dials as soon as there is somebody who listens. */
  private record DialledAtOnce(Sockets sockets, List<SocketChannel> dialled) implements Sockets {
    @Override
    public ServerSocketChannel listen(Listener listener) throws IOException {
      ServerSocketChannel channel = sockets.listen(listener);
      dialled.add(SocketChannel.open(channel.getLocalAddress()));
      return channel;
    }

    @Override
    public SocketChannel dial(PeerConfig peer) throws IOException {
      return sockets.dial(peer);
    }

    @Override
    public void accepted(SocketChannel channel, PeerConfig peer) throws IOException {
      sockets.accepted(channel, peer);
    }

    @Override
    public void sign(ServerSocketChannel listener, Cidr peers, Optional<String> password)
        throws IOException {
      sockets.sign(listener, peers, password);
    }

    @Override
    public BfdSockets bfd(RandomGenerator random) throws IOException {
      return sockets.bfd(random);
    }

    @Override
    public void sign(SocketChannel channel, IpAddress peer, Optional<String> password)
        throws IOException {
      sockets.sign(channel, peer, password);
    }
  }

  /** The type of the first message that a speaker sends to its first peer, who dials. */
  private int firstMessage(PeerBuilder whoDials) throws IOException {
    List<SocketChannel> dialled = new ArrayList<>();
    var world =
        new Speaker.World(
            new DialledAtOnce(new PlainSockets(), dialled),
            NextHops.ALL_EQUAL,
            new Routes(),
            RandomGenerator.of("L64X128MixRandom"));
    SpeakerConfig config = node(1, 64512, whoDials.passive(true));
    speakers.add(namespace.call(() -> Speaker.start(config, world)));

    ByteBuffer first = ByteBuffer.allocate(Framer.HEADER_LENGTH);
    try (SocketChannel peer = dialled.getFirst()) {
      while (first.hasRemaining()) {
        assertThat(peer.read(first)).isPositive();
      }
    }
    return first.get(Framer.HEADER_LENGTH - 1);
  }

  @Test
  void whoDialsWhileItStartsIsNotRefused() throws IOException {
    // Its first peer is the one who dials, at the address that it is dialled at.
    assertThat(firstMessage(peer(1, 1, 64512))).isEqualTo(Framer.OPEN);
  }

  @Test
  void whoCannotBeAskedToSignIsRefused() throws IOException {
    assertThat(firstMessage(peer(1, 1, 64512).password("secret"))).isEqualTo(Framer.NOTIFICATION);
  }

  private static void awaitUp(Speaker speaker, String peer) {
    await().atMost(PATIENCE).until(() -> status(speaker, peer).state() == PeerState.ESTABLISHED);
  }

  private static PeerStatus status(Speaker speaker, String peer) {
    return speaker.peers().stream()
        .filter(each -> each.name().equals(peer))
        .findFirst()
        .orElseThrow();
  }

  private static boolean hasWholeTable(Speaker speaker, String peer) {
    return status(speaker, peer).families().values().stream().allMatch(PeerStatus.Routes::ended);
  }

  private static long updates(Speaker speaker, String peer) {
    return status(speaker, peer).received().getOrDefault(2, 0L);
  }

  @Test
  void twoThatDialEachOtherHaveOneSession() {
    Speaker one = start(node(1, 64512, peer(1, 2, 64512)));
    Speaker two = start(node(2, 64512, peer(2, 1, 64512)));

    awaitUp(one, "n2");
    awaitUp(two, "n1");

    await()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() ->
            status(one, "n2").state() == PeerState.ESTABLISHED
                && status(one, "n2").sessions() == status(two, "n1").sessions());
  }

  @Test
  void anExternalPeersRouteHasItsAsInThePathAndItsAddressAsNextHop() {
    Routes routes = new Routes();
    start(node(1, 64513, peer(1, 2, 64512).passive(true)), routes);
    start(withRoutes(node(2, 64512, peer(2, 1, 64513)), LocalRoute.of(PREFIX)));

    routes.awaitRoute(PREFIX);

    BestRoute route = routes.only(PREFIX);
    assertThat(route.attributes().asPath()).hasToString("64512");
    assertThat(route.attributes().nextHop()).isEqualTo(address(2));
  }

  @Test
  void aReflectorPassesAClientsRouteToItsOtherClients() {
    Routes routes = new Routes();
    SpeakerConfig reflector =
        node(9, 64512, peer(9, 1, 64512).client(true), peer(9, 2, 64512).client(true));
    start(reflector);
    start(withRoutes(node(1, 64512, peer(1, 9, 64512)), LocalRoute.of(PREFIX)));
    start(node(2, 64512, peer(2, 9, 64512)), routes);

    routes.awaitRoute(PREFIX);

    BestRoute route = routes.only(PREFIX);
    assertThat(route.attributes().nextHop()).isEqualTo(address(1));
    assertThat(IpAddress.v4(route.attributes().originatorId())).isEqualTo(address(1));
    assertThat(IpAddress.v4(route.attributes().cluster(0))).isEqualTo(address(9));
  }

  @Test
  void bothFamiliesGoOverOneSession() {
    Cidr v6 = Cidr.parse("fd00:10:244::/64");
    Routes routes = new Routes();
    start(node(1, 64512, peer(1, 2, 64512).bothFamilies()), routes);
    start(
        withRoutes(
            node(2, 64512, peer(2, 1, 64512).bothFamilies()),
            LocalRoute.of(PREFIX),
            LocalRoute.of(v6).withNextHop(IpAddress.parse("fd00::2"))));

    routes.awaitRoute(PREFIX);
    routes.awaitRoute(v6);

    assertThat(routes.only(v6).attributes().nextHop()).isEqualTo(IpAddress.parse("fd00::2"));
  }

  @Test
  void aPeerOfARangeThatGetsAnEntryOfItsOwnIsThatPeerFromThenOn() {
    PeerBuilder like = PeerConfig.of("x", address(0), RemoteAs.internal());
    SpeakerConfig open =
        node(9, 64512).withRanges(List.of(PeerRange.of("nodes", Cidr.parse("10.88.7.0/24"), like)));
    Speaker speaker = start(open);
    Speaker one = start(node(1, 64512, peer(1, 9, 64512)));
    awaitUp(one, "n9");

    speaker.apply(open.withPeers(List.of(peer(9, 1, 64512).build())));
    awaitUp(speaker, "n1");
    one.close();
    speakers.remove(one);
    await().atMost(PATIENCE).until(() -> status(speaker, "n1").state() != PeerState.ESTABLISHED);
    start(node(1, 64512, peer(1, 9, 64512).passive(true)));

    awaitUp(speaker, "n1");
  }

  @Test
  void aPeerThatIsPassiveNoMoreIsDialled() {
    Speaker speaker = start(node(1, 64512, peer(1, 2, 64512).passive(true)));
    start(node(2, 64512, peer(2, 1, 64512).passive(true)));

    speaker.apply(node(1, 64512, peer(1, 2, 64512)));

    awaitUp(speaker, "n2");
  }

  @Test
  void whoDialsFromARangeBecomesAPeer() {
    SpeakerConfig reflector = node(9, 64512);
    PeerBuilder like = PeerConfig.of("x", address(0), RemoteAs.internal()).client(true);
    SpeakerConfig open =
        new SpeakerConfig(
            reflector.routerId(),
            reflector.as(),
            reflector.clusterId(),
            reflector.listeners(),
            List.of(),
            List.of(PeerRange.of("nodes", Cidr.parse("10.88.7.0/24"), like)),
            List.of(),
            List.of(),
            reflector.selectionDeferral(),
            false);
    Speaker speaker = start(open);

    Speaker one = start(node(1, 64512, peer(1, 9, 64512)));
    awaitUp(one, "n9");

    assertThat(speaker.peers()).extracting(PeerStatus::name).containsExactly("nodes/10.88.7.1");
  }

  @Test
  void aRangeThatIsFullTakesAnotherWhenOneIsGone() {
    PeerBuilder like = PeerConfig.of("x", address(0), RemoteAs.internal());
    PeerRange range = PeerRange.of("nodes", Cidr.parse("10.88.7.0/24"), like).withLimit(1);
    Speaker speaker = start(node(9, 64512).withRanges(List.of(range)));
    Speaker one = start(node(1, 64512, peer(1, 9, 64512)));
    awaitUp(one, "n9");

    Speaker two = start(node(2, 64512, peer(2, 9, 64512)));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(status(two, "n9").problem()).isNotEmpty());
    assertThat(speaker.peers()).extracting(PeerStatus::name).containsExactly("nodes/10.88.7.1");
    one.shutDown("another's turn");

    awaitUp(two, "n9");
    assertThat(speaker.peers()).extracting(PeerStatus::name).containsExactly("nodes/10.88.7.2");
  }

  @Test
  void aPeerOfAnotherAsThanConfiguredIsToldSo() {
    Speaker one = start(node(1, 64512, peer(1, 2, 65000)));
    Speaker two = start(node(2, 64512, peer(2, 1, 64512)));

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(status(one, "n2").problem())
                .contains("it says it is of AS 64512, expected is 65000"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(status(two, "n1").problem()).contains("AS"));
  }

  @Test
  void aPeerThatNobodyRunsIsSaidToListenNowhere() {
    Speaker one = start(node(1, 64512, peer(1, 2, 64512)));

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(status(one, "n2").problem())
                .isEqualTo("nobody listens at 10.88.7.2 port " + PORT));
  }

  @Test
  void routesOfAPeerThatIsShutDownGoAtOnce() {
    Routes routes = new Routes();
    Speaker one = start(node(1, 64512, peer(1, 2, 64512)), routes);
    Speaker two = start(withRoutes(node(2, 64512, peer(2, 1, 64512)), LocalRoute.of(PREFIX)));
    routes.awaitRoute(PREFIX);

    two.shutDown("a new kernel");

    routes.awaitNone(PREFIX);
    assertThat(status(one, "n2").problem()).contains("a new kernel");
  }

  @Tag("G9")
  @Test
  void routesOfAPeerThatEndsWithoutAWordStayUntilItIsBack() {
    Routes routes = new Routes();
    Speaker one = start(node(1, 64512, peer(1, 2, 64512)), routes);
    SpeakerConfig config = withRoutes(node(2, 64512, peer(2, 1, 64512)), LocalRoute.of(PREFIX));
    Speaker two = start(config);
    routes.awaitRoute(PREFIX);
    awaitUp(one, "n2");

    two.close();
    await().atMost(PATIENCE).until(() -> status(one, "n2").state() != PeerState.ESTABLISHED);

    assertThat(routes.routes).containsKey(PREFIX);
    start(
        new SpeakerConfig(
            config.routerId(),
            config.as(),
            config.clusterId(),
            config.listeners(),
            config.peers(),
            config.ranges(),
            List.of(),
            List.of(),
            config.selectionDeferral(),
            true));
    awaitUp(one, "n2");
    routes.awaitNone(PREFIX);
  }

  @Tag("G9")
  @Test
  void aReflectorThatRestartsSaysThatItsTableIsWholeWhenItIs() {
    Routes routes = new Routes();
    SpeakerConfig reflector =
        node(9, 64512, peer(9, 1, 64512).client(true), peer(9, 2, 64512).client(true));
    Speaker first = start(reflector);
    Speaker one = start(node(1, 64512, peer(1, 9, 64512)), routes);
    Speaker two = start(withRoutes(node(2, 64512, peer(2, 9, 64512)), LocalRoute.of(PREFIX)));
    routes.awaitRoute(PREFIX);
    // The route has to outlive a start of the reflector in which the one that has it comes late.
    first.close();
    two.close();

    start(reflector.afterRestart(Duration.ofSeconds(6)));
    awaitUp(one, "n9");

    await()
        .during(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(4))
        .until(() -> routes.routes.containsKey(PREFIX) && !hasWholeTable(one, "n9"));
    await().atMost(PATIENCE).until(() -> hasWholeTable(one, "n9"));
    routes.awaitNone(PREFIX);
  }

  @Test
  void aDeadWayEndsTheSessionLongBeforeTheHoldTime() {
    Routes routes = new Routes();
    Speaker one = start(node(1, 64512, peer(1, 2, 64512).bfd(true)), routes);
    start(withRoutes(node(2, 64512, peer(2, 1, 64512).bfd(true)), LocalRoute.of(PREFIX)));
    routes.awaitRoute(PREFIX);
    await().pollDelay(Duration.ofSeconds(4)).atMost(PATIENCE).until(() -> true);

    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(LinkAddress.delete(1, new InterfaceAddress(address(2), 32)));
    }

    routes.awaitNone(PREFIX);
    assertThat(status(one, "n2").problem()).contains("BFD");
  }

  @Test
  void anAggregateStandsForWhatIsInside() {
    Cidr all = Cidr.parse("10.244.0.0/16");
    Routes routes = new Routes();
    start(node(1, 64512, peer(1, 2, 64512)), routes);
    SpeakerConfig config = withRoutes(node(2, 64512, peer(2, 1, 64512)), LocalRoute.of(PREFIX));
    Speaker two = start(config.withAggregates(List.of(new Aggregate(all, true))));
    routes.awaitRoute(all);

    assertThat(routes.routes).containsOnlyKeys(all);
    two.apply(config);

    routes.awaitNone(all);
    routes.awaitRoute(PREFIX);
  }

  @Tag("G12")
  @Test
  void aChangedFilterIsAppliedBothWaysWhileTheSessionIsUp() {
    Routes routes = new Routes();
    SpeakerConfig config = node(1, 64512, peer(1, 2, 64512));
    Speaker one = start(config, routes);
    Speaker two = start(withRoutes(node(2, 64512, peer(2, 1, 64512)), LocalRoute.of(PREFIX)));
    routes.awaitRoute(PREFIX);

    one.apply(node(1, 64512, peer(1, 2, 64512).importPolicy(Policy.REJECT_ALL)));
    routes.awaitNone(PREFIX);
    one.apply(config);
    routes.awaitRoute(PREFIX);

    assertThat(status(one, "n2").sessions()).isEqualTo(1);
    assertThat(status(two, "n1").received().getOrDefault(5, 0L)).as("refreshes asked for").isZero();
  }

  @Test
  void aRouteThatIsTakenBackIsGoneEverywhere() {
    Routes routes = new Routes();
    start(node(1, 64512, peer(1, 2, 64512)), routes);
    Speaker two = start(node(2, 64512, peer(2, 1, 64512)));
    two.announce(LocalRoute.of(PREFIX).withKind("block"));
    routes.awaitRoute(PREFIX);

    two.withdraw(PREFIX, "block");

    routes.awaitNone(PREFIX);
  }

  @Tag("G16")
  @Test
  void aNewPeerTellsTheOthersNothing() {
    SpeakerConfig few = node(9, 64512, peer(9, 1, 64512).client(true));
    Speaker reflector = start(few);
    Speaker one = start(node(1, 64512, peer(1, 9, 64512)));
    awaitUp(one, "n9");
    await().atMost(PATIENCE).until(() -> hasWholeTable(one, "n9"));
    long updates = updates(one, "n9");

    reflector.apply(node(9, 64512, peer(9, 1, 64512).client(true), peer(9, 2, 64512).client(true)));
    Speaker two = start(node(2, 64512, peer(2, 9, 64512)));
    awaitUp(two, "n9");

    assertThat(updates(one, "n9")).isEqualTo(updates);
    assertThat(status(one, "n9").sessions()).isEqualTo(1);
  }
}
