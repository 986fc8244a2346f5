package io.denim.mixed;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.AgentStatus.PathStatus;
import io.denim.lab.AgentKind;
import io.denim.lab.FlannelOption;
import io.denim.lab.Lab;
import io.denim.lab.LabBuilder;
import io.denim.lab.LabConfig;
import io.denim.lab.LabStore;
import io.denim.lab.TestPrograms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two nodes of Denim and two of flanneld over two subnets, one of each in each: every pod reaches
 * every pod, whatever the backend, the families, the store, and who came first.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MixedClusterIT {
  private static final List<String> DENIM = List.of("n1", "n3");
  private static final List<String> FLANNELD = List.of("n2", "n4");

  private Path directory = Path.of("");
  private Optional<Lab> current = Optional.empty();
  private Optional<Place> place = Optional.empty();

  /** What a lab is started for. */
  record Place(boolean kubernetes, boolean dual) {
    LabBuilder builder() {
      LabBuilder builder =
          LabConfig.nodes(4)
              .subnets("10.1.0.0/24", "10.2.0.0/24")
              .podsPerNode(0)
              .netConf("EnableNFTables", true)
              .agent("n2", AgentKind.FLANNELD)
              .agent("n4", AgentKind.FLANNELD)
              .store(kubernetes ? new LabStore.Kubernetes(false, false) : new LabStore.Etcd());
      return dual ? builder.subnets6("fd01::/64", "fd02::/64").dualStack() : builder;
    }
  }

  /** flannel's ways. */
  enum Way {
    VXLAN("vxlan", "vxlan"),
    DIRECT_ROUTING("direct", "vxlan"),
    HOST_GW("direct", "unreachable");

    private final String near;
    private final String far;

    Way(String near, String far) {
      this.near = near;
      this.far = far;
    }

    LabBuilder in(LabBuilder builder) {
      return switch (this) {
        case VXLAN -> builder.flannel("vxlan");
        case DIRECT_ROUTING -> builder.flannel("vxlan", FlannelOption.DIRECT_ROUTING);
        case HOST_GW -> builder.flannel("host-gw");
      };
    }
  }

  record Cell(Place place, Way way, AgentKind first) {
    @Override
    public String toString() {
      return String.join(
          " ",
          place.kubernetes() ? "Kubernetes" : "etcd",
          place.dual() ? "dual" : "IPv4",
          way.name(),
          first + " first");
    }
  }

  static List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (boolean kubernetes : new boolean[] {false, true}) {
      for (boolean dual : new boolean[] {false, true}) {
        for (Way way : Way.values()) {
          for (AgentKind first : AgentKind.values()) {
            cells.add(new Cell(new Place(kubernetes, dual), way, first));
          }
        }
      }
    }
    return cells;
  }

  @BeforeAll
  void takeFolder(@TempDir Path folder) {
    directory = folder;
  }

  @AfterAll
  void close() {
    current.ifPresent(Lab::close);
    current = Optional.empty();
    place = Optional.empty();
  }

  /** The lab of this place, whose agents do not run and have never run. */
  private Lab open(Cell cell) {
    if (!place.equals(Optional.of(cell.place()))) {
      close();
      current =
          Optional.of(
              Lab.start(
                  cell.way().in(cell.place().builder()).build(),
                  directory.resolve(cell.toString().replace(' ', '-')),
                  TestPrograms.find(),
                  line -> {}));
      place = Optional.of(cell.place());
    }
    Lab lab = current.orElseThrow();
    Blank.lab(lab);
    lab.configure(cell.way().in(cell.place().builder()).build().netConf());
    return lab;
  }

  private static void startAll(Lab lab, List<String> nodes) {
    nodes.forEach(lab::startAgent);
    nodes.forEach(lab::awaitReady);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cells")
  void everyPodReachesEveryPod(Cell cell) {
    boolean whole = false;
    try {
      Lab lab = open(cell);
      boolean denimFirst = cell.first() == AgentKind.DENIM;
      startAll(lab, denimFirst ? DENIM : FLANNELD);
      startAll(lab, denimFirst ? FLANNELD : DENIM);
      lab.config().nodes().forEach(node -> lab.awaitPeers(node.name()));
      lab.config().nodes().forEach(node -> lab.addPod(node.name(), node.name() + "-p1"));

      Reached.all(lab, (one, other) -> cell.way() != Way.HOST_GW || subnet(one) == subnet(other));

      for (String node : DENIM) {
        List<PathStatus> paths = lab.status(node).paths();
        assertThat(paths)
            .hasSize(cell.place().dual() ? 6 : 3)
            .filteredOn(path -> path.path().equals(cell.way().far))
            .hasSizeGreaterThanOrEqualTo(cell.place().dual() ? 4 : 2);
        assertThat(paths)
            .filteredOn(path -> path.path().equals(cell.way().near))
            .hasSizeGreaterThanOrEqualTo(cell.place().dual() ? 2 : 1);
      }
      whole = true;
    } finally {
      if (!whole) {
        close();
      }
    }
  }

  /** Nodes are in the two subnets in blocks. */
  private static int subnet(String node) {
    return node.compareTo("n3") < 0 ? 1 : 2;
  }
}
