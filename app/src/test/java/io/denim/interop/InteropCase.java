package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.speaker.PlainSockets;
import io.denim.bgp.speaker.Sockets;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.BgpRoute;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A net of its own for each test, and all that runs in it. */
abstract class InteropCase {
  static final Cidr OURS = Cidr.parse("10.244.1.0/26");
  static final Cidr OURS_V6 = Cidr.parse("fd00:10:244::/64");
  static final Route THEIRS = Route.rich("10.1.0.0/24");
  static final Route THEIRS_V6 = Route.rich("2001:db8:1::/64");

  @TempDir Path folder;
  final Net net = new Net();
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  @AfterEach
  void end() throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
    }
    net.close();
  }

  /** It is closed when the test is over, the last one first. */
  <T extends AutoCloseable> T atEnd(T resource) {
    running.push(resource);
    return resource;
  }

  BgpDaemon start(Neighbour neighbour) {
    return atEnd(neighbour.start(net.neighbour(neighbour.node), folder));
  }

  Denim denim(long as, PeerBuilder... peers) {
    return denim(Denim.config(Net.DENIM, as, peers).withRoutes(ours()));
  }

  Denim denim(SpeakerConfig config) {
    return denim(net.denim(), config);
  }

  Denim denim(Namespace inside, SpeakerConfig config) {
    return denim(inside, config, new PlainSockets());
  }

  Denim denim(Namespace inside, SpeakerConfig config, Sockets sockets) {
    return atEnd(Denim.start(inside, config, sockets));
  }

  /** A plain route of each family. */
  static List<LocalRoute> ours() {
    return List.of(
        LocalRoute.of(OURS).withNextHop(Net.v4(Net.DENIM)),
        LocalRoute.of(OURS_V6).withNextHop(Net.v6(Net.DENIM)));
  }

  /** The path that a daemon has of a neighbour's to a prefix. */
  static BgpRoute awaitRoute(BgpDaemon daemon, Cidr prefix) {
    return awaitRoutes(daemon, prefix, found -> !found.isEmpty()).getFirst();
  }

  static void awaitNone(BgpDaemon daemon, Cidr prefix) {
    awaitRoutes(daemon, prefix, List::isEmpty);
  }

  static List<BgpRoute> awaitRoutes(
      BgpDaemon daemon, Cidr prefix, Predicate<List<BgpRoute>> enough) {
    Awaitility.await(prefix + " at the neighbour")
        .atMost(Denim.PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(routes(daemon, prefix))
                .as(() -> daemon.program().lastWords())
                .matches(found -> enough.test(List.copyOf(found))));
    return routes(daemon, prefix);
  }

  static List<BgpRoute> routes(BgpDaemon daemon, Cidr prefix) {
    return daemon.routes(prefix.family()).stream()
        .filter(route -> route.prefix().equals(prefix))
        .toList();
  }
}
