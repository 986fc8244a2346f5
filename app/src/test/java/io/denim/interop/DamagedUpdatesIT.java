package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.fixture.BgpDaemon;
import io.denim.fixture.BgpRoute;
import io.denim.fixture.BirdDaemon;
import io.denim.fixture.FrrDaemon;
import io.denim.fixture.GobgpDaemon;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same damaged UPDATEs for Denim and for four others, each from a peer of its own, and what
 * becomes of the route that is in them and of the session. All that they said once is in a file.
 */
@Tag("speakers")
@Tag("G4")
class DamagedUpdatesIT extends InteropCase {
  private static final Cidr WRITTEN = Cidr.parse("192.0.2.0/24");
  private static final int PEERS = 9;
  private static final int FIRST = 100;
  private static final int SPEAKER = 2;

  /** ORIGIN, AS_PATH 65001, NEXT_HOP 192.0.2.9. */
  private static final String GOOD = "40010100" + "4002060201" + "0000fde9" + "400304c0000209";

  private final List<DamagedUpdate> vectors = DamagedUpdate.all();
  private final List<WrittenPeer> peers = new ArrayList<>();

  @AfterEach
  void hangUp() throws IOException {
    for (WrittenPeer peer : peers) {
      peer.close();
    }
  }

  private static Cidr prefix(int vector) {
    return Cidr.of(IpAddress.v4(0x0ac80000 + (vector << 8)), 24);
  }

  /** What each peer announces after its vector: all before it has been read when it is there. */
  private static Cidr last(int vector) {
    return Cidr.of(IpAddress.v4(0x0ac90000 + (vector << 8)), 24);
  }

  private static String hex(Cidr prefix) {
    return "18%06x".formatted(prefix.address().low32() >>> 8);
  }

  private static String message(String attributes, String prefixes) {
    return "0000%04x".formatted(attributes.length() / 2) + attributes + prefixes;
  }

  /** Every peer says its vector and a good route. */
  private void sayAll(IpAddress speaker, boolean internal) throws IOException {
    Namespace inside = net.neighbour(PEERS);
    try (Rtnetlink kernel = Rtnetlink.open(inside)) {
      int device = kernel.link("eth0").orElseThrow().index();
      for (int i = 0; i < vectors.size(); i++) {
        kernel.execute(LinkAddress.replace(device, new InterfaceAddress(Net.v4(FIRST + i), 24)));
      }
    }
    for (int i = 0; i < vectors.size(); i++) {
      peers.add(WrittenPeer.dial(inside, Net.v4(FIRST + i), speaker, internal ? 64512 : 65001));
      peers.getLast().awaitAgreement();
    }
    for (int i = 0; i < vectors.size(); i++) {
      peers.get(i).update(vectors.get(i).body(internal).replace("*", hex(prefix(i))));
      peers.get(i).update(message(GOOD + (internal ? "40050400000064" : ""), hex(last(i))));
    }
  }

  /** H, W or R of each, in the order of the vectors. */
  private List<String> outcomes(Supplier<Set<Cidr>> held) {
    Awaitility.await("all have been judged")
        .atMost(Denim.PATIENCE)
        .until(() -> {
          Set<Cidr> now = held.get();
          return IntStream.range(0, vectors.size())
              .allMatch(i -> now.contains(last(i)) || peers.get(i).isEnded());
        });
    Set<Cidr> now = held.get();
    return IntStream.range(0, vectors.size())
        .mapToObj(i -> now.contains(last(i)) ? now.contains(prefix(i)) ? "H" : "W" : "R")
        .toList();
  }

  private void assertAsWritten(String speaker, boolean internal, List<String> outcomes) {
    List<String> names = vectors.stream().map(DamagedUpdate::name).toList();
    assertThat(lines(names, outcomes))
        .isEqualTo(lines(names, vectors.stream().map(v -> v.outcome(speaker, internal)).toList()));
  }

  private static String lines(List<String> names, List<String> outcomes) {
    return IntStream.range(0, names.size())
        .mapToObj(i -> outcomes.get(i) + " " + names.get(i))
        .collect(Collectors.joining("\n"));
  }

  private static SpeakerConfig denim(boolean internal, PeerBuilder... others) {
    PeerBuilder like =
        PeerConfig.of("x", Net.v4(0), RemoteAs.of(internal ? 64512 : 65001))
            .bothFamilies()
            .client(internal);
    return Denim.config(Net.DENIM, 64512, others)
        .withRanges(List.of(PeerRange.of("written", WRITTEN, like)));
  }

  private static Set<Cidr> held(Denim denim) {
    return denim
        .speaker()
        .routes(prefix -> prefix.family() == Family.IPV4, Optional.empty())
        .stream()
        .map(RouteView::prefix)
        .collect(Collectors.toSet());
  }

  private static Set<Cidr> held(BgpDaemon daemon) {
    return daemon.routes(Family.IPV4).stream().map(BgpRoute::prefix).collect(Collectors.toSet());
  }

  @ParameterizedTest(name = "internal: {0}")
  @CsvSource({"true", "false"})
  void denimJudgesAsItIsWritten(boolean internal) throws IOException {
    Denim denim = denim(denim(internal));

    sayAll(Net.v4(Net.DENIM), internal);

    assertAsWritten(DamagedUpdate.DENIM, internal, outcomes(() -> held(denim)));
  }

  @ParameterizedTest(name = "{0}, internal: {1}")
  @CsvSource({
    "BIRD, true",
    "BIRD, false",
    "BIRD1, true",
    "BIRD1, false",
    "GOBGP, true",
    "GOBGP, false",
    "FRR, true",
    "FRR, false"
  })
  void theOthersJudgeAsItIsWritten(Kind kind, boolean internal) throws IOException {
    try (BgpDaemon daemon = daemon(kind, internal ? 64512 : 65001)) {
      sayAll(Net.v4(SPEAKER), internal);

      assertAsWritten(kind.toString(), internal, outcomes(() -> held(daemon)));
    }
  }

  /** A damaged route that is held is passed on, and nobody minds what it looks like then. */
  @ParameterizedTest
  @EnumSource
  void whatDenimPassesOnDamagesNobody(Kind kind) throws IOException {
    Neighbour neighbour = new Neighbour(kind, SPEAKER);
    BgpDaemon daemon = start(neighbour);
    Denim denim = denim(denim(true, neighbour.asPeer().client(true)));
    denim.awaitUp(neighbour.name());

    sayAll(Net.v4(Net.DENIM), true);
    List<String> judged = outcomes(() -> held(denim));

    // What a neighbour would not take from anybody is no fault of Denim's.
    List<Cidr> wanted =
        IntStream.range(0, vectors.size())
            .filter(i -> judged.get(i).equals("H"))
            .filter(i -> !vectors.get(i).outcome(kind.toString(), true).equals("W"))
            .mapToObj(DamagedUpdatesIT::prefix)
            .toList();
    Awaitility.await("the neighbour has what Denim has")
        .atMost(Denim.PATIENCE)
        .untilAsserted(() -> assertThat(held(daemon)).containsAll(wanted));
    PeerStatus status = denim.peer(neighbour.name());
    assertThat(status.sessions()).isEqualTo(1);
    assertThat(daemon.isEstablished(neighbour.denim())).isTrue();
    assertThat(judged).contains("H", "W", "R");
  }

  /** One that takes whoever dials it. */
  private BgpDaemon daemon(Kind kind, long as) {
    Namespace inside = net.neighbour(SPEAKER);
    return switch (kind) {
      case BIRD -> BirdDaemon.start(inside, folder, bird(as));
      case BIRD1 -> BirdDaemon.start(Family.IPV4, inside, folder, bird1(as));
      case GOBGP -> GobgpDaemon.start(inside, folder, gobgp(as));
      case FRR -> FrrDaemon.start(inside, folder, frr(as));
    };
  }

  private static String bird(long as) {
    return """
    router id 192.0.2.2;
    protocol device {}
    protocol bgp written {
      local 192.0.2.2 as 64512;
      neighbor range 192.0.2.0/24 as %d;
      dynamic name "w";
      ipv4 { import all; export none; };
      ipv6 { import all; export none; };
    }
    """
        .formatted(as);
  }

  /** BIRD 1.6 has no ranges. */
  private String bird1(long as) {
    return IntStream.range(0, vectors.size())
        .mapToObj(i ->
            "protocol bgp { local 192.0.2.2 as 64512; neighbor %s as %d; passive; import all; }\n"
                .formatted(Net.v4(FIRST + i), as))
        .collect(Collectors.joining("", "router id 192.0.2.2;\nprotocol device {}\n", ""));
  }

  private static String gobgp(long as) {
    return """
    [global.config]
    as = 64512
    router-id = "192.0.2.2"
    [[peer-groups]]
    [peer-groups.config]
    peer-group-name = "written"
    peer-as = %d
    [[peer-groups.afi-safis]]
    [peer-groups.afi-safis.config]
    afi-safi-name = "ipv4-unicast"
    [[peer-groups.afi-safis]]
    [peer-groups.afi-safis.config]
    afi-safi-name = "ipv6-unicast"
    [[dynamic-neighbors]]
    [dynamic-neighbors.config]
    prefix = "192.0.2.0/24"
    peer-group = "written"
    """
        .formatted(as);
  }

  private static String frr(long as) {
    return """
    router bgp 64512
     bgp router-id 192.0.2.2
     no bgp default ipv4-unicast
     no bgp ebgp-requires-policy
     no bgp network import-check
     neighbor written peer-group
     neighbor written remote-as %d
     neighbor written disable-connected-check
     bgp listen limit 200
     bgp listen range 192.0.2.0/24 peer-group written
     address-family ipv4 unicast
      neighbor written activate
     exit-address-family
     address-family ipv6 unicast
      neighbor written activate
     exit-address-family
    """
        .formatted(as);
  }
}
