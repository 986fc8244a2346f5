package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.rib.BestRoute;
import io.denim.bgp.rib.NextHops;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.speaker.PeerState;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.bgp.speaker.Sockets;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.AttributeSet;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Denim's speaker in a namespace, and the routes that it would install. */
final class Denim implements Rib.Listener, AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Map<Cidr, List<BestRoute>> routes = new ConcurrentHashMap<>();
  private final Speaker speaker;

  private Denim(Namespace inside, SpeakerConfig config, Sockets sockets) {
    var world =
        new Speaker.World(
            sockets, NextHops.ALL_EQUAL, this, RandomGenerator.of("L64X128MixRandom"));
    // The speaker's thread is born in the namespace, and so are its sockets.
    speaker = inside.call(() -> Speaker.start(config, world));
  }

  static Denim start(Namespace inside, SpeakerConfig config, Sockets sockets) {
    return new Denim(inside, config, sockets);
  }

  /** A router that listens at this node's addresses, with these peers. */
  static SpeakerConfig config(int node, long as, PeerBuilder... peers) {
    return SpeakerConfig.of(Net.v4(node), as)
        .withListeners(
            List.of(
                new Listener(Net.v4(node), Listener.BGP_PORT),
                new Listener(Net.v6(node), Listener.BGP_PORT)))
        .withPeers(Stream.of(peers).map(PeerBuilder::build).toList());
  }

  @Override
  public void changed(Cidr prefix, List<BestRoute> now) {
    if (now.isEmpty()) {
      routes.remove(prefix);
    } else {
      routes.put(prefix, now);
    }
  }

  Speaker speaker() {
    return speaker;
  }

  boolean has(Cidr prefix) {
    return routes.containsKey(prefix);
  }

  AttributeSet awaitRoute(Cidr prefix) {
    Awaitility.await(prefix + " at Denim")
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(routes).as(this::toString).containsKey(prefix));
    return attributes(prefix);
  }

  AttributeSet attributes(Cidr prefix) {
    return routes.getOrDefault(prefix, List.of()).getFirst().attributes();
  }

  void awaitNone(Cidr prefix) {
    Awaitility.await("no " + prefix + " at Denim")
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(routes).as(this::toString).doesNotContainKey(prefix));
  }

  PeerStatus peer(String name) {
    return speaker.peers().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Waits until somebody of a range is a peer. */
  void awaitPeer(String name) {
    Awaitility.await(name + " is a peer")
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(speaker.peers()).extracting(PeerStatus::name).contains(name));
  }

  void awaitUp(String name) {
    awaitState(name, PeerState.ESTABLISHED);
  }

  void awaitDown(String name) {
    Awaitility.await(name + " down")
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(peer(name).state()).as(this::toString).isNotEqualTo(PeerState.ESTABLISHED));
  }

  private void awaitState(String name, PeerState state) {
    Awaitility.await(name + " " + state)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(peer(name).state()).as(this::toString).isEqualTo(state));
  }

  void awaitProblem(String name, String words) {
    Awaitility.await(name + ": " + words)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(peer(name).problem()).contains(words));
  }

  /** Ends without a word. */
  @Override
  public void close() {
    speaker.close();
  }

  @Override
  public String toString() {
    return "Denim with " + speaker.peers();
  }
}
