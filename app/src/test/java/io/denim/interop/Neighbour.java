package io.denim.interop;

import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.Timers;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.BirdDaemon;
import io.denim.fixture.FrrDaemon;
import io.denim.fixture.GobgpDaemon;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a neighbour of Denim's is told, whichever program it is. Not thread-safe. */
final class Neighbour {
  /** The number of another client of a neighbour that reflects. */
  static final int OTHER = 9;

  private static final Timers TIMERS = Timers.DEFAULT.withConnectRetry(Duration.ofSeconds(1));

  final Kind kind;
  final int node;
  long as = 64512;
  long denimAs = 64512;
  IpAddress id;
  boolean overV6;

  /** Over IPv6, too, but by addresses of the link alone. */
  boolean linkLocal;

  boolean passive;
  boolean denimIsClient;

  /** Whether {@link #OTHER} is a client, too. */
  boolean otherClient;

  boolean addPath;
  boolean extendedNextHop;

  /**
   * Whether an external FRR says its IPv4 address as the next hop of IPv6, as it does by itself.
   */
  boolean mappedNextHop;

  int hold = 30;

  /** Whether it says that forwarding went on while it was away. */
  boolean restarting;

  Optional<Integer> restart = Optional.empty();

  /** Whether a BIRD puts what it learns into its kernel, where it stays while the BIRD is away. */
  boolean forwards;

  /** What it is to Denim (RFC 9234), in BIRD's and FRR's word. */
  Optional<String> role = Optional.empty();

  /** TCP MD5; empty for none. */
  String password = "";

  /** Whether it holds Denim to the TTL of a direct neighbour. */
  boolean ttlSecurity;

  /** In both BIRDs' words: options of the session, of its channels, and of the import there. */
  String birdSession = "";

  String birdChannel = "";
  String birdImport = "import all;";
  final List<Route> routes = new ArrayList<>();

  Neighbour(Kind kind, int node) {
    this.kind = kind;
    this.node = node;
    id = Net.v4(node);
  }

  Neighbour announcing(Route... these) {
    routes.addAll(List.of(these));
    return this;
  }

  /** Of another AS than Denim. */
  Neighbour external() {
    as = 4_200_000_002L;
    return this;
  }

  IpAddress own() {
    if (linkLocal) {
      return Net.linkLocal(node);
    }
    return overV6 ? Net.v6(node) : Net.v4(node);
  }

  IpAddress denim() {
    if (linkLocal) {
      return Net.linkLocal(Net.DENIM);
    }
    return overV6 ? Net.v6(Net.DENIM) : Net.v4(Net.DENIM);
  }

  /** Whether it knows such prefixes: a BIRD 1.6 knows those of its own address's family. */
  boolean speaks(Cidr prefix) {
    return kind != Kind.BIRD1 || prefix.family() == own().family();
  }

  /** All whom it talks to. */
  List<IpAddress> peers() {
    return otherClient ? List.of(denim(), Net.v4(OTHER)) : List.of(denim());
  }

  /** How Denim calls it. */
  String name() {
    return "n" + node;
  }

  /** What Denim is told of it. */
  PeerBuilder asPeer() {
    PeerBuilder peer =
        PeerConfig.of(name(), own(), as).bothFamilies().timers(TIMERS).passive(false);
    return linkLocal ? peer.device("br0") : peer;
  }

  /** Starts it, or starts it again in the same folder. */
  BgpDaemon start(Namespace inside, Path folder) {
    Path own = folder.resolve(name());
    return switch (kind) {
      case BIRD -> BirdDaemon.start(inside, own, NeighbourText.bird(this), options("-R"));
      case BIRD1 ->
          BirdDaemon.start(own().family(), inside, own, NeighbourText.bird(this), options("-R"));
      case FRR -> FrrDaemon.start(inside, own, NeighbourText.frr(this));
      case GOBGP -> {
        // One that was killed leaves its socket, and the next would not answer there.
        boolean _ = own.resolve("api").toFile().delete();
        BgpDaemon daemon =
            GobgpDaemon.start(
                inside, own, NeighbourText.gobgp(this), options("--graceful-restart"));
        for (Route route : routes) {
          boolean overV4 = route.isV4() && !extendedNextHop;
          daemon.command(route.gobgp(overV4 ? Net.v4(node) : Net.v6(node)));
        }
        yield daemon;
      }
    };
  }

  /** Tells a BIRD that runs to be like this. */
  void configure(BgpDaemon bird, Path folder) {
    try {
      String text = "log stderr all;\n" + NeighbourText.bird(this);
      Files.writeString(folder.resolve(name()).resolve("bird.conf"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bird.command("configure");
  }

  private String[] options(String again) {
    return restarting ? new String[] {again} : new String[0];
  }

  /** Takes one back that it announced from the start. */
  void withdraw(BgpDaemon daemon, Route route) {
    switch (kind) {
      case BIRD, BIRD1 -> daemon.command("disable", route.isV4() ? "static4" : "static6");
      case GOBGP ->
          daemon.command(
              "global",
              "rib",
              "del",
              route.prefix().toString(),
              "-a",
              route.isV4() ? "ipv4" : "ipv6");
      case FRR -> daemon.command(frr("no ", route));
    }
  }

  private String[] frr(String no, Route route) {
    return new String[] {
      "configure",
      "router bgp " + as,
      "address-family " + (route.isV4() ? "ipv4" : "ipv6") + " unicast",
      no + "network " + route.prefix()
    };
  }
}
