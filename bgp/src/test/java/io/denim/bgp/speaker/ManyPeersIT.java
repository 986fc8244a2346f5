package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.policy.Policy;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A reflector with hundreds of clients. */
class ManyPeersIT extends SpeakerCase {
  /** Beyond the server's own address. */
  private static final int FIRST = 1000;

  private final List<ScriptedClient> clients = new ArrayList<>();

  private static Cidr block(int number) {
    return Cidr.of(IpAddress.v4(0x0af40000 + (number << 6)), 26);
  }

  private void dial(int count) {
    namespace.call(() -> {
      for (int i = 0; i < count; i++) {
        clients.add(new ScriptedClient(address(FIRST + i), SERVER, PORT));
      }
      return true;
    });
  }

  private void pumpUntil(String what, Duration patience, Predicate<ScriptedClient> done) {
    long end = System.nanoTime() + patience.toNanos();
    while (!clients.stream().allMatch(done)) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      clients.forEach(ScriptedClient::pump);
      LockSupport.parkNanos(100_000);
    }
  }

  private void announceBlocks() throws IOException {
    for (int i = 0; i < clients.size(); i++) {
      ScriptedClient client = clients.get(i);
      client.send(client.announcement(client.attributes(100), List.of(block(i))));
    }
  }

  private static SpeakerConfig of(Stream<PeerBuilder> peers) {
    return config(SERVER, peers.toArray(PeerBuilder[]::new));
  }

  private static PeerBuilder client(int number) {
    return passive(FIRST + number, AS).client(true);
  }

  private static Stream<PeerBuilder> clients(int from, int to) {
    return IntStream.range(from, to).mapToObj(ManyPeersIT::client);
  }

  @Test
  @Tag("G16")
  void theOthersOfFiveHundredHearNothingOfOneThatIsAddedChangedOrRemoved() throws IOException {
    Speaker reflector = start(of(clients(0, 500)));
    dial(500);
    pumpUntil("up", PATIENCE, ScriptedClient::established);
    announceBlocks();
    pumpUntil("all blocks", PATIENCE, client -> client.told().size() == 499);
    List<ScriptedClient> others = clients.subList(0, 498);
    List<Integer> before = others.stream().map(ScriptedClient::heard).toList();

    reflector.apply(of(clients(0, 501)));
    reflector.apply(of(Stream.concat(clients(0, 500), Stream.of(client(500).description("new")))));
    reflector.apply(
        of(Stream.concat(clients(0, 499), Stream.of(client(499).exportPolicy(Policy.REJECT_ALL)))));
    ScriptedClient changed = clients.get(499);
    pumpUntil("told nothing any more", PATIENCE, _ -> changed.told().isEmpty());

    assertThat(others.stream().map(ScriptedClient::heard)).isEqualTo(before);
    assertThat(reflector.peers()).hasSize(500).allMatch(peer -> peer.sessions() == 1);
    reflector.apply(of(clients(0, 499)));
    pumpUntil(
        "the last block is gone",
        PATIENCE,
        client -> client.closed() || !client.told().containsKey(block(499)));
    // A withdrawal, and nothing else.
    assertThat(others.stream().map(ScriptedClient::heard))
        .isEqualTo(before.stream().map(heard -> heard + 1).toList());
    assertThat(reflector.peers()).hasSize(499).allMatch(peer -> peer.sessions() == 1);
  }

  @Test
  @Tag("G16")
  void aPeerThatIsConfiguredUnderAnotherNameKeepsItsSession() throws IOException {
    Speaker reflector = start(of(clients(0, 2)));
    dial(2);
    pumpUntil("up", PATIENCE, ScriptedClient::established);
    announceBlocks();
    pumpUntil("blocks", PATIENCE, client -> client.told().size() == 1);
    List<Integer> before = clients.stream().map(ScriptedClient::heard).toList();

    PeerBuilder renamed = PeerConfig.of("rack-7", address(FIRST), AS).passive(true).client(true);
    reflector.apply(of(Stream.of(renamed, client(1))));

    assertThat(reflector.peers())
        .extracting(PeerStatus::name)
        .containsExactly("n" + (FIRST + 1), "rack-7");
    assertThat(reflector.peers()).allMatch(peer -> peer.sessions() == 1);
    await()
        .during(Duration.ofMillis(500))
        .atMost(PATIENCE)
        .until(() -> {
          clients.forEach(ScriptedClient::pump);
          return clients.stream().map(ScriptedClient::heard).toList().equals(before);
        });
  }

  @Test
  @Tag("G18")
  void aThousandSessionsAreUpSoonAndCostLittleWhenIdle() throws IOException, JMException {
    Speaker reflector = start(ofRange());
    long began = System.nanoTime();

    dial(1000);
    pumpUntil("up", Duration.ofSeconds(60), ScriptedClient::established);
    long up = System.nanoTime();
    announceBlocks();
    pumpUntil("all", Duration.ofSeconds(60), client -> client.told().size() == 999);
    long told = System.nanoTime();

    long cpu = cpuOfTheSpeaker();
    LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
    double idle = (cpuOfTheSpeaker() - cpu) / 3e9;
    long each = octetsOfEach(reflector, 1000);
    System.out.printf(
        "1000 sessions: up after %d ms, all told after %d ms, idle %.1f %% of a core, %d octets of"
            + " heap each with a route%n",
        (up - began) / 1_000_000, (told - began) / 1_000_000, 100 * idle, each);
    assertThat(idle).isLessThan(0.5);
    assertThat(each).isLessThan(3 << 10);
  }

  /**
   * With the router's flags, -XX:+UseSerialGC and -XX:+UseCompactObjectHeaders, less than 2 KiB.
   * The headers of objects are longer here. What a capture or a station needs to know of a session
   * is not among it.
   */
  @Test
  @Tag("G18")
  void aSessionTakesLittleHeap() throws JMException {
    Speaker reflector = start(ofRange());
    dial(1000);
    pumpUntil("up", Duration.ofSeconds(60), ScriptedClient::established);
    await().atMost(PATIENCE).until(() -> reflector.peers().stream().allMatch(ManyPeersIT::isUp));

    long each = octetsOfEach(reflector, 1000);

    System.out.printf("1000 sessions: %d octets of heap each without a route%n", each);
    assertThat(each).isLessThan(2560);
  }

  private static SpeakerConfig ofRange() {
    PeerBuilder like = PeerConfig.of("x", address(0), RemoteAs.internal()).client(true);
    return config(SERVER)
        .withRanges(List.of(PeerRange.of("nodes", Cidr.parse("10.88.0.0/16"), like)));
  }

  private static boolean isUp(PeerStatus peer) {
    return peer.state() == PeerState.ESTABLISHED;
  }

  /**
   * The octets of heap that are free when all of a speaker's sessions have gone, for each of them.
   * The clients are in this heap, too, before and after.
   */
  private static long octetsOfEach(Speaker speaker, int sessions) throws JMException {
    assertThat(speaker.peers()).hasSize(sessions);
    // Sockets that a test before has left are closed by one collection, and gone with the next.
    System.gc();
    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    long before = heap();
    speaker.apply(config(SERVER));
    assertThat(speaker.peers()).isEmpty();
    // A connection lingers for a second after the last word.
    LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
    return (before - heap()) / sessions;
  }

  private static long cpuOfTheSpeaker() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("bgp"))
        .mapToLong(thread -> threads.getThreadCpuTime(thread.threadId()))
        .sum();
  }

  /** The octets of all live objects, without the holes that a collector may leave between them. */
  private static long heap() throws JMException {
    Object histogram =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    return ((String) histogram)
        .lines()
        .map(line -> line.strip().split(" +"))
        .filter(row -> row[0].endsWith(":") && !row[3].contains("FillerElement"))
        .mapToLong(row -> Long.parseLong(row[2]))
        .sum();
  }
}
