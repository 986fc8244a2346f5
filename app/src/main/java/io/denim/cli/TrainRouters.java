package io.denim.cli;

import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.bgp.speaker.Speaker;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.router.Router;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** A short life of a router with clients, as far as nobody asks it anything, for its AOT cache. */
final class TrainRouters {
  private static final int CLIENTS = 4;
  private static final int ROUTES = 5_000;
  private static final int PORT = 1790;
  private static final int AS = 64_512;
  private static final IpAddress REFLECTOR = IpAddress.parse("127.0.0.1");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private TrainRouters() {}

  /** Runs it in a namespace of its own. */
  static void run(Path directory) throws IOException {
    var nowhere = new PrintWriter(Writer.nullWriter());
    var _ =
        Main.run(
            List.of("bgp", "run", "/nowhere"),
            Map.of(),
            new RealActions(nowhere, nowhere),
            nowhere,
            nowhere);
    Path file = directory.resolve("router.yaml");
    Files.writeString(
        file,
        """
        as: %d
        router-id: 10.255.0.1
        listen: [{address: %s, port: %d}]
        policies:
          all: [{if: {prefix: [10.0.0.0/8 le 32]}, verdict: accept}]
        peers: [{name: there, address: 127.0.0.2, as: internal, passive: true, password: secret}]
        ranges: [{name: clients, range: 127.0.0.0/8, as: internal, client: true, export: all}]
        """
            .formatted(AS, REFLECTOR, PORT));
    List<Speaker> clients = new ArrayList<>();
    try (Namespace network = Namespace.create()) {
      try (Rtnetlink kernel = Rtnetlink.open(network)) {
        kernel.execute(Links.up(kernel.link("lo").orElseThrow().index()));
      }
      var _ = network.call(Router::rehearse);
      try (Router _ =
          network.call(() -> Router.start(file, false, InstantSource.system(), new Random(1)))) {
        for (int i = 0; i < CLIENTS; i++) {
          SpeakerConfig config = client(i);
          clients.add(
              network.call(() -> Speaker.start(config, Speaker.World.plain(new Random(1)))));
        }
        exchange(clients);
      } finally {
        clients.forEach(Speaker::close);
      }
    }
  }

  private static SpeakerConfig client(int number) {
    IpAddress address = IpAddress.parse("127.0.0." + (10 + number));
    return SpeakerConfig.of(address, AS)
        .withPeers(
            PeerConfig.of("reflector", REFLECTOR, AS).port(PORT).localAddress(address).build());
  }

  /** All of them say all, and take it back. */
  private static void exchange(List<Speaker> clients) {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < CLIENTS; i++) {
        clients.get(i).apply(client(i).withRoutes(routes(i)));
      }
      await(() -> clients.stream().allMatch(each -> received(each) == (CLIENTS - 1) * ROUTES));
      for (int i = 0; i < CLIENTS; i++) {
        clients.get(i).apply(client(i));
      }
      await(() -> clients.stream().allMatch(each -> received(each) == 0));
    }
  }

  private static List<LocalRoute> routes(int client) {
    return IntStream.range(0, ROUTES)
        .mapToObj(i -> {
          int bits = (10 << 24) | (client << 16) | i;
          IpAddress nextHop = IpAddress.v4((192 << 24) | (168 << 16) | (client << 8) | (i & 7));
          return LocalRoute.of(Cidr.host(IpAddress.v4(bits))).withNextHop(nextHop);
        })
        .toList();
  }

  private static int received(Speaker client) {
    return client.peers().stream()
        .flatMap(peer -> peer.families().values().stream())
        .mapToInt(PeerStatus.Routes::received)
        .sum();
  }

  /** Goes on without, too: what is not trained starts slower and no more. */
  private static void await(BooleanSupplier done) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!done.getAsBoolean() && Instant.now().isBefore(end)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }
}
