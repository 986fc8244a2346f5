package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.nft.Nftables;
import io.denim.linux.nft.TableState;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent is killed again and again while runtimes add and delete containers by the real program.
 * In the end nothing is left of any of them, and at no time two had one address.
 */
class KilledAgentIT {
  private static final int KILLS = 200;
  private static final int CALLERS = 3;
  private static final int CONTAINERS = 3;
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final Namespace node = Namespace.create();
  private final Map<String, String> owners = new ConcurrentHashMap<>();
  private final List<String> faults = java.util.Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger added = new AtomicInteger();
  private Optional<Process> agent = Optional.empty();
  private volatile boolean over;

  @BeforeEach
  void aHostWithADefaultRoute() {
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      var pair = new LinkKind.VethPair("far", MacAddress.local(2), 1500, Optional.empty());
      kernel.execute(
          Links.create(Links.Spec.of("eth0", pair).mac(MacAddress.local(1)).mtu(1500).upAtOnce()));
      int index = kernel.link("eth0").orElseThrow().index();
      kernel.execute(Links.up(kernel.link("far").orElseThrow().index()));
      kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("10.1.0.1/24")));
      kernel.execute(
          Route.via(Cidr.ALL_V4, IpAddress.parse("10.1.0.254"), index, false, 3).replace());
    }
  }

  @AfterEach
  void gone() {
    over = true;
    agent.ifPresent(Process::destroyForcibly);
    node.close();
  }

  @Test
  void anAgentThatIsKilledTwoHundredTimesLeavesNothingBehind() throws Exception {
    Files.writeString(
        directory.resolve("net-conf.json"),
        "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"host-gw\"}}");
    trainOnce();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      callers.add(Thread.ofPlatform().start(new Caller(i)));
    }
    Random random = new Random(1);
    for (int kill = 0; kill < KILLS; kill++) {
      start();
      int before = added.get();
      Awaitility.await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> added.get() > before);
      Thread.sleep(random.nextInt(60));
      agent.orElseThrow().destroyForcibly();
      assertThat(agent.orElseThrow().waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    start();
    over = true;
    for (Thread caller : callers) {
      caller.join(LONG);
      assertThat(caller.isAlive()).as("a caller hangs").isFalse();
    }
    assertThat(faults).isEmpty();
    Awaitility.await().atMost(LONG).untilAsserted(this::nothingIsLeft);
  }

  private void nothingIsLeft() throws IOException {
    assertThat(filesIn("data/attachments")).isEmpty();
    assertThat(filesIn("data/journal")).isEmpty();
    assertThat(filesIn("networks/kill")).allMatch(name -> !IpAddress.tryParse(name).isPresent());
    try (Rtnetlink kernel = Rtnetlink.open(node)) {
      assertThat(kernel.links().stream().map(Link::name))
          .containsExactlyInAnyOrder("lo", "eth0", "far", "cni0");
    }
    try (Nftables nft = Nftables.open(node)) {
      nft.read(TableState.Family.INET, "denim_pods")
          .ifPresent(table -> assertThat(table.sets()).allMatch(set -> set.elements().isEmpty()));
    }
  }

  private List<String> filesIn(String folder) throws IOException {
    Path path = directory.resolve(folder);
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  private static String classPath() throws IOException {
    Path target = Path.of("target").toAbsolutePath();
    try (Stream<Path> own = Files.list(target);
        Stream<Path> libraries = Files.list(target.resolve("lib"))) {
      List<String> jars =
          Stream.concat(own, libraries)
              .map(Path::toString)
              .filter(name -> name.endsWith(".jar"))
              .sorted()
              .toList();
      assertThat(jars).as("jars in " + target).isNotEmpty();
      return String.join(":", jars);
    }
  }

  private List<String> java(String cache, String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx64m",
            "--enable-native-access=ALL-UNNAMED",
            cache,
            "-cp",
            classPath(),
            "io.denim.cli.Main"));
    command.addAll(List.of(words));
    return command;
  }

  /** Two hundred starts are long enough with the cache that an installed Denim has. */
  private void trainOnce() throws Exception {
    Process train =
        new ProcessBuilder(java("-XX:AOTCacheOutput=" + directory.resolve("denim.aot"), "train"))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("train.log").toFile())
            .start();
    assertThat(train.waitFor(2, TimeUnit.MINUTES)).isTrue();
  }

  private void start() throws IOException {
    agent =
        Optional.of(
            new ProcessBuilder(
                    java(
                        "-XX:AOTCache=" + directory.resolve("denim.aot"),
                        "agent",
                        "--netns=" + node.path(),
                        "--node-name=n1",
                        "--data-dir=" + directory.resolve("data"),
                        "--subnet-file=" + directory.resolve("subnet.env"),
                        "--socket=" + directory.resolve("agent.sock"),
                        "--cni-socket=" + directory.resolve("cni.sock"),
                        "--cni-data-dir=" + directory.resolve("networks"),
                        "-net-config-path=" + directory.resolve("net-conf.json")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
                .start());
  }

  /** Adds and deletes its own containers, as containerd does: an ADD that failed is deleted. */
  private final class Caller implements Runnable {
    private final int number;
    private final Random random;

    Caller(int number) {
      this.number = number;
      this.random = new Random(number);
    }

    @Override
    public void run() {
      try {
        Path own = Files.createDirectories(directory.resolve("caller-" + number));
        Shim shim =
            new Shim(own)
                .with("DENIM_CNI_SOCKET", directory.resolve("cni.sock").toString())
                .with("DENIM_CNI_JOURNAL", directory.resolve("data/journal").toString())
                .with("CNI_PATH", "/opt/cni/bin")
                .with("CNI_IFNAME", "eth0");
        List<Namespace> namespaces = Stream.generate(Namespace::create).limit(CONTAINERS).toList();
        boolean[] there = new boolean[CONTAINERS];
        while (!over) {
          int i = random.nextInt(CONTAINERS);
          shim.with("CNI_CONTAINERID", "c" + number + "-" + i)
              .with("CNI_NETNS", namespaces.get(i).path().toString());
          there[i] = there[i] ? !delete(shim, i) : add(shim, i);
        }
        for (int i = 0; i < CONTAINERS; i++) {
          shim.with("CNI_CONTAINERID", "c" + number + "-" + i).with("CNI_NETNS", "");
          delete(shim, i);
        }
        namespaces.forEach(Namespace::close);
      } catch (Exception e) {
        faults.add(e.toString());
      }
    }

    private boolean add(Shim shim, int i) throws Exception {
      Shim.Outcome outcome = shim.call("ADD", config(i));
      if (outcome.code() != 0) {
        if (outcome.json().get("code").asInt() != 11) {
          faults.add("ADD: " + outcome.out());
        }
        delete(shim, i);
        return false;
      }
      String address = outcome.json().get("ips").get(0).get("address").asString();
      String me = "c" + number + "-" + i;
      String other = owners.put(address, me);
      if (other != null && !other.equals(me)) {
        faults.add(address + " is " + other + "'s and was given to " + me);
      }
      added.incrementAndGet();
      return true;
    }

    private boolean delete(Shim shim, int i) throws Exception {
      owners.values().removeIf(("c" + number + "-" + i)::equals);
      Shim.Outcome outcome = shim.call("DEL", config(i));
      if (outcome.code() != 0) {
        faults.add("DEL: " + outcome.out());
      }
      return true;
    }

    /** All that an attachment can have. */
    private String config(int i) {
      return """
      {"cniVersion": "1.1.0", "name": "kill", "type": "denim-cni", "ipMasq": true,
       "macspoofchk": true, "runtimeConfig": {
         "portMappings": [{"hostPort": %d, "containerPort": 80}],
         "bandwidth": {"ingressRate": 8000000, "ingressBurst": 800000,
                       "egressRate": 8000000, "egressBurst": 800000}}}
      """
          .formatted(9000 + 10 * number + i);
    }
  }
}
