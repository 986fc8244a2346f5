package io.denim.agent;

import static io.denim.agent.TestCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.denim.agent.TestCluster.Node;
import io.denim.ipam.FlannelLayout;
import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.model.BackendData;
import io.denim.model.FlannelLease;
import io.denim.model.SubnetKey;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent among thousands of nodes that change all the time. */
class ManyPeersIT {
  private static final int PEERS = 2_000;
  private static final int CHANGES_PER_SECOND = 100;
  private static final int SECONDS = 10;
  private static final String WIDE =
      "{\"Network\":\"10.0.0.0/8\",\"SubnetLen\":24,\"SubnetMin\":\"10.128.0.0\",\"Backend\":{\"Type\":\"vxlan\"}}";

  @TempDir Path directory;
  private final Random random = new Random(1);
  private final Map<Integer, Integer> macs = new TreeMap<>();
  private Optional<TestCluster> running = Optional.empty();

  private TestCluster cluster() {
    return running.orElseThrow();
  }

  @BeforeEach
  void aNode() {
    running = Optional.of(new TestCluster(directory, 1));
    cluster().configure(WIDE);
    cluster().start("n1");
    cluster().awaitReady("n1");
  }

  @AfterEach
  void takeDown() {
    running.ifPresent(TestCluster::close);
  }

  private static SubnetKey subnet(int number) {
    return SubnetKey.of(Cidr.of(IpAddress.v4(0x0a640000 + (number << 8)), 24));
  }

  private void put(int number, int mac) {
    macs.put(number, mac);
    FlannelLease lease =
        new FlannelLease(
            IpAddress.v4(0xac100000 + number),
            Optional.empty(),
            "vxlan",
            Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MacAddress.local(mac))),
            Optional.empty());
    cluster().put(FlannelLayout.lease(subnet(number)), lease.format());
  }

  private void remove(int number) {
    macs.remove(number);
    var key = FlannelLayout.lease(subnet(number));
    cluster().store().delete(key, cluster().store().get(key).orElseThrow().revision());
  }

  private static Set<MacAddress> forwarded(Rtnetlink kernel, int tunnel) {
    return kernel.fdb(tunnel).stream()
        .filter(entry -> entry.remote().isPresent())
        .map(FdbEntry::mac)
        .collect(Collectors.toSet());
  }

  private Set<MacAddress> wanted() {
    return macs.values().stream().map(MacAddress::local).collect(Collectors.toSet());
  }

  private static double cpuSeconds(String thread) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getAllThreadIds())
            .filter(id ->
                Optional.ofNullable(threads.getThreadInfo(id))
                    .filter(info -> info.getThreadName().equals(thread))
                    .isPresent())
            .map(threads::getThreadCpuTime)
            .sum()
        / 1e9;
  }

  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
  }

  @Test
  void itFollowsThousandsOfPeersThatChange() {
    Node n1 = cluster().node("n1");
    try (Rtnetlink kernel = Rtnetlink.open(n1.namespace)) {
      int tunnel = kernel.link("flannel.1").orElseThrow().index();
      long begin = System.nanoTime();
      for (int i = 0; i < PEERS; i++) {
        put(i, i);
      }
      soon(() -> assertThat(forwarded(kernel, tunnel)).isEqualTo(wanted()));
      double first = (System.nanoTime() - begin) / 1e9;

      double loop = cpuSeconds("agent-n1");
      double process = cpuSeconds();
      long next = System.nanoTime();
      for (int i = 0; i < CHANGES_PER_SECOND * SECONDS; i++) {
        change(i);
        next += 1_000_000_000L / CHANGES_PER_SECOND;
        LockSupport.parkNanos(next - System.nanoTime());
      }
      loop = cpuSeconds("agent-n1") - loop;
      process = cpuSeconds() - process;
      long last = System.nanoTime();
      soon(() -> assertThat(forwarded(kernel, tunnel)).isEqualTo(wanted()));
      double settled = (System.nanoTime() - last) / 1e9;

      System.out.printf(
          Locale.ROOT,
          "%d peers: first %.2f s; %d changes/s for %d s: loop %.1f ms of CPU a second, process with the test and"
              + " its store %.1f; settled %.3f s after the last%n",
          PEERS,
          first,
          CHANGES_PER_SECOND,
          SECONDS,
          1e3 * loop / SECONDS,
          1e3 * process / SECONDS,
          settled);
      // What is said of them comes after what the kernel is told.
      soon(() -> assertThat(n1.status().paths()).hasSize(macs.size()));
      assertThat(n1.status().problems()).isEmpty();
      Set<Cidr> routed = new HashSet<>();
      kernel.routes(io.denim.net.Family.IPV4, 254).stream()
          .filter(route -> route.protocol() == 68)
          .forEach(route -> routed.add(route.destination()));
      assertThat(routed)
          .isEqualTo(
              macs.keySet().stream()
                  .map(number -> subnet(number).v4())
                  .collect(Collectors.toSet()));
    }
  }

  /** Another VTEP for one of them, one that goes, one that comes back. */
  private void change(int number) {
    List<Integer> there = List.copyOf(macs.keySet());
    int peer = there.get(random.nextInt(there.size()));
    switch (number % 4) {
      case 0 -> remove(peer);
      case 1 -> {
        for (int i = 0; i < PEERS; i++) {
          if (!macs.containsKey(i)) {
            put(i, PEERS + number);
            return;
          }
        }
      }
      default -> put(peer, PEERS + number);
    }
  }
}
