package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.FamilyConfig;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.Timers;
import io.denim.bgp.mrt.Bytes;
import io.denim.bgp.mrt.Capture;
import io.denim.bgp.mrt.MrtReader;
import io.denim.bgp.mrt.MrtRecord;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A capture has all that a client is sent, octet for octet and in order, however it leaves. */
class SentUpdatesIT extends SpeakerCase {
  /** With {@link #LONG} 5 MB of messages: more than sockets hold, and less than loses a place. */
  private static final int PREFIXES = 1500;

  private static final List<LargeCommunity> LONG =
      IntStream.range(0, 290).mapToObj(i -> new LargeCommunity(AS, i, i)).toList();

  private static final int RECEIVE_BUFFER = 256 << 10;
  private static final long PLENTY = 1L << 30;

  private final Monitors monitors = new Monitors();
  private final List<Bytes> heard = new ArrayList<>();
  private final List<ScriptedClient> clients = new ArrayList<>();
  private final Random random = new Random(11);
  @TempDir private Path folder;
  private Path file;
  private Speaker reflector;
  private ScriptedClient source;

  @BeforeEach
  void aSourceAndASlowClient() {
    file = folder.resolve("sent.mrt");
    Timers oneSecond =
        new Timers(
            90,
            1,
            Timers.DEFAULT.connectRetry(),
            Timers.DEFAULT.connectTimeout(),
            Timers.DEFAULT.sendHold());
    reflector =
        start(
            config(
                SERVER,
                passive(1, AS).client(true),
                passive(2, AS).client(true).timers(oneSecond),
                mixed()),
            Rib.Listener.NOBODY,
            monitors);
    source = namespace.call(() -> new ScriptedClient(address(1), SERVER, PORT));
    clients.add(source);
  }

  @AfterEach
  void gone() throws IOException {
    for (ScriptedClient client : clients) {
      client.close();
    }
  }

  /** One with path identifiers for IPv4 alone. */
  private static PeerBuilder mixed() {
    return passive(3, AS)
        .client(true)
        .family(Family.IPV4, FamilyConfig.PLAIN.withAddPath())
        .family(Family.IPV6, FamilyConfig.PLAIN);
  }

  private Capture capture(String peer) throws IOException {
    return Capture.start(
        monitors,
        new Capture.Target("a file", Files.newOutputStream(file), PLENTY),
        link -> link.peer().equals(peer));
  }

  private ScriptedClient connect() {
    ScriptedClient slow =
        namespace.call(() ->
            new ScriptedClient(
                address(2),
                SERVER,
                PORT,
                Optional.of(RECEIVE_BUFFER),
                Optional.of(message -> heard.add(Bytes.of(message)))));
    clients.add(slow);
    until(
        "up",
        () -> {
          slow.pump();
          return slow.established() && source.established();
        });
    return slow;
  }

  private void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + 3 * PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      source.pump();
      LockSupport.parkNanos(10_000);
    }
  }

  private static Cidr prefix(int number) {
    return Cidr.of(IpAddress.v4(0x14000000 + (number << 8)), 24);
  }

  private void announceAll(int round) throws IOException {
    for (int i = 0; i < PREFIXES; i++) {
      AttributeSet set =
          source.attributes(100).toBuilder()
              .largeCommunities(LONG)
              .med((long) round * PREFIXES + i)
              .build();
      source.send(source.announcement(set, List.of(prefix(i))));
    }
  }

  /** All of a round has come to the reflector, and the slow one's socket takes nothing more. */
  private void awaitBlocked(int rounds) {
    until(
        "all has come",
        () ->
            status(reflector, "n1").received().getOrDefault(Framer.UPDATE, 0L)
                >= (long) rounds * PREFIXES);
    until("nothing more is taken", () -> status(reflector, "n2").secondsBehind() >= 1);
  }

  /** Reads in parts of all sizes, until it knows a round. */
  private void readAll(ScriptedClient slow, int round) {
    until(
        "all is read",
        () -> {
          slow.sip(1 + random.nextInt(20_000));
          AttributeSet last = slow.told().get(prefix(PREFIXES - 1));
          return slow.told().size() == PREFIXES
              && last != null
              && last.med() == (long) round * PREFIXES + PREFIXES - 1;
        });
    // Its answer comes after the turn in which the last was written, and captured.
    assertThat(reflector.peers()).isNotEmpty();
  }

  private List<MrtRecord.Message> sentMessages() throws IOException {
    List<MrtRecord.Message> all = new ArrayList<>();
    try (MrtReader reader = new MrtReader(new BufferedInputStream(Files.newInputStream(file)))) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        if (next.get() instanceof MrtRecord.Message message && message.form().sent()) {
          all.add(message);
        }
      }
      assertThat(reader.truncatedAt()).isEmpty();
    }
    return all;
  }

  private List<Bytes> sent() throws IOException {
    return sentMessages().stream().map(MrtRecord.Message::message).toList();
  }

  /** As many messages as have been captured come at last, and no others. */
  private void assertHeardFrom(ScriptedClient slow, int first, List<Bytes> captured) {
    until(
        "what was captured last",
        () -> {
          slow.pump();
          return heard.size() >= first + captured.size();
        });
    assertThat(heard.subList(first, first + captured.size())).isEqualTo(captured);
  }

  @Test
  void aClientThatReadsInPartsIsSentWhatIsCaptured() throws IOException {
    Capture capture = capture("n2");
    ScriptedClient slow = connect();
    try (capture) {
      announceAll(0);
      awaitBlocked(1);
      readAll(slow, 0);
    }

    assertThat(capture.status().gaps()).isZero();
    List<Bytes> captured = sent();
    assertHeardFrom(slow, 0, captured);
    assertThat(captured).hasSizeGreaterThan(PREFIXES);
  }

  @Test
  void aClientThatIsTakenToAnImageIsSentWhatIsCaptured() throws IOException {
    int rounds = 4;
    Capture capture = capture("n2");
    ScriptedClient slow = connect();
    try (capture) {
      for (int round = 0; round < rounds; round++) {
        announceAll(round);
      }
      awaitBlocked(rounds);
      readAll(slow, rounds - 1);
    }

    assertThat(capture.status().gaps()).isZero();
    List<Bytes> captured = sent();
    assertHeardFrom(slow, 0, captured);
    assertThat(captured)
        .as("what is, not all that was")
        .hasSizeGreaterThan(PREFIXES)
        .hasSizeLessThan((rounds - 1) * PREFIXES);
  }

  @Test
  void aCaptureThatBeginsAmidAMessageHasTheNextAndAllAfterIt() throws IOException {
    ScriptedClient slow = connect();
    announceAll(0);
    awaitBlocked(1);
    long before = status(reflector, "n2").sent().getOrDefault(Framer.UPDATE, 0L);
    Capture capture = capture("n2");
    try (capture) {
      readAll(slow, 0);
    }

    assertThat(capture.status().gaps()).isZero();
    List<Bytes> captured = sent();
    assertThat(captured.getFirst()).isEqualTo(heard.getFirst());
    List<Bytes> updates = captured.stream().filter(SentUpdatesIT::isUpdate).toList();
    assertThat(updates.size()).isBetween(PREFIXES - (int) before, PREFIXES + 1 - (int) before);
    int first = heard.indexOf(updates.getFirst());
    int skipped = captured.indexOf(updates.getFirst());
    assertHeardFrom(slow, first, captured.subList(skipped, captured.size()));
  }

  private static boolean isUpdate(Bytes message) {
    return message.at(18) == Framer.UPDATE;
  }

  @Test
  void ofAClientThatLeavesAllIsCapturedThatItWasSent() throws IOException {
    Capture capture = capture("n2");
    ScriptedClient slow = connect();
    try (capture) {
      announceAll(0);
      awaitBlocked(1);
      until(
          "a part is read",
          () -> {
            slow.sip(1000);
            return heard.size() > 100;
          });
      slow.reset();
      awaitDown(reflector, "n2");
    }

    assertThat(capture.status().gaps()).isZero();
    List<Bytes> captured = sent();
    assertThat(captured.subList(0, heard.size())).isEqualTo(heard);
    assertThat(captured.stream().filter(SentUpdatesIT::isUpdate)).doesNotHaveDuplicates();
  }

  @Test
  void ofASessionThatIsEndedAllIsCapturedThatWasSent() throws IOException {
    Capture capture = capture("n2");
    ScriptedClient slow = connect();
    try (capture) {
      announceAll(0);
      awaitBlocked(1);
      assertThat(reflector.reset("n2", "for a test")).isTrue();
      awaitDown(reflector, "n2");
    }
    until(
        "the end",
        () -> {
          slow.sip(1 + random.nextInt(20_000));
          return slow.closed();
        });

    assertThat(capture.status().gaps()).isZero();
    List<Bytes> captured = sent();
    assertThat(captured.subList(0, heard.size())).isEqualTo(heard);
    List<Bytes> updates = captured.stream().filter(SentUpdatesIT::isUpdate).toList();
    assertThat(updates.size() - heard.stream().filter(SentUpdatesIT::isUpdate).count())
        .as("the one of which only a part has left")
        .isBetween(0L, 1L);
  }

  @Test
  void theFormIsThatOfTheFamilyAndOfThePeer() throws IOException {
    reflector.announce(LocalRoute.of(prefix(1)));
    reflector.announce(
        LocalRoute.of(Cidr.parse("fd00:1::/64")).withNextHop(IpAddress.parse("fd00::9")));
    List<String> told = new ArrayList<>();
    try (Capture _ = capture("n3");
        SpokenPeer peer = spoken(3)) {
      // Two octets for AS numbers; IPv4 and IPv6, and it understands path identifiers of IPv4.
      String can = "0212" + "010400010001" + "010400020001" + "450400010101";
      peer.agree(SpokenPeer.open((int) AS, 90, address(3), can));
      for (int i = 0; i < 4; i++) {
        told.add(peer.hear(SpokenPeer.UPDATE).body());
      }
    }

    List<MrtRecord.Message> updates =
        sentMessages().stream().filter(each -> each.type() == Framer.UPDATE).toList();
    assertThat(updates)
        .extracting(each -> HexFormat.of().formatHex(each.message().toArray()).substring(38))
        .containsExactlyElementsOf(told);
    assertThat(updates)
        .allSatisfy(each -> {
          boolean v6 = HexFormat.of().formatHex(each.message().toArray()).contains("000201");
          assertThat(each.form()).isEqualTo(new MrtRecord.Form(false, true, !v6));
        });
  }
}
