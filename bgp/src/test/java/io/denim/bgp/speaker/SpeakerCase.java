package io.denim.bgp.speaker;

import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.rib.BestRoute;
import io.denim.bgp.rib.NextHops;
import io.denim.bgp.rib.Rib;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A namespace of its own for each test, in which all of 10.88.0.0/16 is this machine. */
abstract class SpeakerCase {
  static final Duration PATIENCE = Duration.ofSeconds(20);
  static final int PORT = 179;
  static final long AS = 64512;
  static final IpAddress SERVER = IpAddress.parse("10.88.0.100");

  final Namespace namespace = Namespace.create();
  private final List<Speaker> speakers = new ArrayList<>();

  @BeforeEach
  void addresses() {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(Links.up(1));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(SERVER, 16)));
    }
  }

  @AfterEach
  void close() {
    speakers.forEach(Speaker::close);
    namespace.close();
  }

  /** What a speaker would install. */
  static final class Installed implements Rib.Listener {
    private final Map<Cidr, List<BestRoute>> routes = new ConcurrentHashMap<>();

    @Override
    public void changed(Cidr prefix, List<BestRoute> now) {
      if (now.isEmpty()) {
        routes.remove(prefix);
      } else {
        routes.put(prefix, now);
      }
    }

    boolean has(Cidr prefix) {
      return routes.containsKey(prefix);
    }

    void awaitRoute(Cidr prefix) {
      await("a route to " + prefix).atMost(PATIENCE).until(() -> has(prefix));
    }

    void awaitNone(Cidr prefix) {
      await("no route to " + prefix).atMost(PATIENCE).until(() -> !has(prefix));
    }

    BestRoute first(Cidr prefix) {
      return routes.getOrDefault(prefix, List.of()).getFirst();
    }
  }

  /** An address of node 1 to 65535. */
  static IpAddress address(int node) {
    return IpAddress.v4(0x0a580000 + node);
  }

  /** A peer that does not wait to be dialled by the speaker. */
  static PeerBuilder passive(int node, long as) {
    return PeerConfig.of("n" + node, address(node), as).passive(true);
  }

  /** One that is dialled from the server's address. */
  static PeerBuilder dialled(int from, int to) {
    return PeerConfig.of("n" + to, address(to), AS).localAddress(address(from));
  }

  static SpeakerConfig config(IpAddress address, PeerBuilder... peers) {
    return SpeakerConfig.of(address, AS)
        .withListeners(List.of(new Listener(address, PORT)))
        .withPeers(Stream.of(peers).map(PeerBuilder::build).toList());
  }

  Speaker start(SpeakerConfig config) {
    return start(config, Rib.Listener.NOBODY);
  }

  Speaker start(SpeakerConfig config, Rib.Listener routes) {
    return start(config, routes, Monitor.NOBODY);
  }

  Speaker start(SpeakerConfig config, Rib.Listener routes, Monitor monitor) {
    var world =
        new Speaker.World(new PlainSockets(), NextHops.ALL_EQUAL, routes, new Random(20_261_130))
            .seenBy(monitor);
    // The speaker's thread is born in the namespace, and so are its sockets.
    Speaker speaker = namespace.call(() -> Speaker.start(config, world));
    speakers.add(speaker);
    return speaker;
  }

  /** A peer that has dialled the server from a node's address. */
  SpokenPeer spoken(int node) throws IOException {
    return namespace.call(() -> new SpokenPeer(address(node), SERVER, PORT));
  }

  static PeerStatus status(Speaker speaker, String peer) {
    return speaker.peers().stream()
        .filter(each -> each.name().equals(peer))
        .findFirst()
        .orElseThrow();
  }

  static void awaitUp(Speaker speaker, String peer) {
    awaitState(speaker, peer, true);
  }

  static void awaitDown(Speaker speaker, String peer) {
    awaitState(speaker, peer, false);
  }

  private static void awaitState(Speaker speaker, String peer, boolean up) {
    await(peer + (up ? " up" : " down"))
        .atMost(PATIENCE)
        .until(() -> (status(speaker, peer).state() == PeerState.ESTABLISHED) == up);
  }
}
