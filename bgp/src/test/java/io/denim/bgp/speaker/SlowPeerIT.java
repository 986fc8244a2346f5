package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.config.Timers;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A reflector of which one client does not read while all the others do. */
@Tag("G8")
class SlowPeerIT extends SpeakerCase {
  private static final int PREFIXES = 20_000;
  private static final int IN_A_MESSAGE = 20;

  /** So often each prefix changes: a million changes, 19 MB of messages to each client. */
  private static final int ROUNDS = 50;

  /** They make messages long: what waits is to be more than sockets hold. */
  private static final List<LargeCommunity> LONG =
      IntStream.range(0, 20).mapToObj(i -> new LargeCommunity(AS, i, i)).toList();

  private static final long MOST_GROWTH = 16 << 20;

  private static Cidr prefix(int number) {
    return Cidr.of(IpAddress.v4(0x14000000 + (number << 8)), 24);
  }

  private static SpeakerConfig reflector(Timers timers) {
    return config(
        SERVER,
        passive(1, AS).client(true),
        passive(2, AS).client(true).timers(timers),
        passive(3, AS).client(true));
  }

  private ScriptedClient client(int node) {
    return namespace.call(() -> new ScriptedClient(address(node), SERVER, PORT));
  }

  private static void pumpUntil(String what, List<ScriptedClient> clients, Condition condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      clients.forEach(ScriptedClient::pump);
      LockSupport.parkNanos(100_000);
    }
  }

  private interface Condition {
    boolean holds();
  }

  /** Memory outside of the heap, where what waits to be sent is. */
  private static long direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private static void announceAll(ScriptedClient from, int round) throws IOException {
    for (int at = 0; at < PREFIXES; at += IN_A_MESSAGE) {
      List<Cidr> prefixes = new ArrayList<>();
      for (int i = 0; i < IN_A_MESSAGE; i++) {
        prefixes.add(prefix(at + i));
      }
      // Attributes of its own for each message, so that what is old cannot pass for what is new.
      AttributeSet set =
          from.attributes(100).toBuilder()
              .largeCommunities(LONG)
              .med((long) round * PREFIXES + at)
              .build();
      from.send(from.announcement(set, prefixes));
    }
  }

  @Test
  void aClientThatDoesNotReadCostsTheOthersNothingAndIsRightAfterwards() throws IOException {
    Speaker reflector = start(reflector(Timers.DEFAULT));
    ScriptedClient source = client(1);
    ScriptedClient slow = client(2);
    ScriptedClient fast = client(3);
    List<ScriptedClient> readers = List.of(source, fast);
    pumpUntil(
        "up",
        List.of(source, slow, fast),
        () -> source.established() && slow.established() && fast.established());
    announceAll(source, 0);
    pumpUntil("all", List.of(source, slow, fast), () -> has(fast, 0) && has(slow, 0));
    long before = direct();
    long most = 0;

    for (int round = 1; round <= ROUNDS; round++) {
      int now = round;
      announceAll(source, now);
      pumpUntil("round " + now, readers, () -> has(fast, now));
      most = Math.max(most, direct() - before);
    }

    assertThat(status(reflector, "n2").state()).isEqualTo(PeerState.ESTABLISHED);
    assertThat(most).isLessThan(MOST_GROWTH);
    pumpUntil("the slow one is right", List.of(source, slow, fast), () -> has(slow, ROUNDS));
    Map<Cidr, AttributeSet> told = new HashMap<>(fast.told());
    assertThat(slow.told()).isEqualTo(told);
    assertThat(slow.heard()).as("it was told what is, not all that was").isLessThan(fast.heard());
  }

  /** Whether it has been told everything of a round. */
  private static boolean has(ScriptedClient client, int round) {
    AttributeSet last = client.told().get(prefix(PREFIXES - 1));
    return client.told().size() == PREFIXES
        && last != null
        && last.med() == (long) round * PREFIXES + PREFIXES - IN_A_MESSAGE;
  }

  @Test
  void aClientThatNeverReadsIsEndedByTheSendHoldTimer() throws IOException {
    Timers timers =
        new Timers(
            90,
            0,
            Timers.DEFAULT.connectRetry(),
            Timers.DEFAULT.connectTimeout(),
            Duration.ofSeconds(2));
    Speaker reflector = start(reflector(timers));
    ScriptedClient source = client(1);
    ScriptedClient slow = client(2);
    // The reflector is when their KEEPALIVEs are there.
    pumpUntil(
        "up",
        List.of(source, slow),
        () ->
            source.established()
                && slow.established()
                && status(reflector, "n2").state() == PeerState.ESTABLISHED);

    // Changes that come together leave together: how many fill a socket is not known before.
    long end = System.nanoTime() + PATIENCE.toNanos();
    int round = 0;
    while (status(reflector, "n2").state() == PeerState.ESTABLISHED && System.nanoTime() < end) {
      announceAll(source, round++);
      source.pump();
    }

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(status(reflector, "n2").problem())
                .contains("it has read nothing for 2 s (RFC 9687)"));
    assertThat(status(reflector, "n1").state()).isEqualTo(PeerState.ESTABLISHED);
  }
}
