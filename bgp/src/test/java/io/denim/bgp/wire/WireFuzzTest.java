package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.denim.net.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Whatever a peer sends is a message or ends the session, and the same each time. */
@Tag("G20")
final class WireFuzzTest {
  private static final List<Negotiated> PEERS =
      List.of(
          Updates.INTERNAL,
          Updates.EXTERNAL,
          Updates.OLD,
          new Negotiated(true, false, true, true, true, true, true, true),
          new Negotiated(false, true, true, false, false, false, true, false));

  @FuzzTest(maxDuration = "30s")
  void aStreamIsCutTheSameHoweverItArrives(byte[] stream) {
    List<Integer> whole = lengths(stream, stream.length);
    for (int available = 0; available < stream.length; available++) {
      List<Integer> part = lengths(stream, available);
      assertThat(part).isEqualTo(whole.subList(0, Math.min(part.size(), whole.size())));
    }
  }

  /** The lengths of the whole messages, and -1 where the session ends. */
  private static List<Integer> lengths(byte[] stream, int available) {
    List<Integer> lengths = new ArrayList<>();
    int at = 0;
    try {
      while (at < available) {
        int needed = Framer.needed(stream, at, available - at, Framer.MAX_LENGTH);
        assertThat(needed).isBetween(Framer.HEADER_LENGTH, Framer.MAX_LENGTH);
        if (needed > available - at) {
          break;
        }
        lengths.add(needed);
        at += needed;
      }
    } catch (Malformed e) {
      lengths.add(-1);
    }
    return lengths;
  }

  @FuzzTest(maxDuration = "30s")
  void anOpenIsReadOrRefused(byte[] body) {
    byte[] message = message(Framer.OPEN, body, 10);
    try {
      Open open = Open.parse(message, 0, message.length);
      byte[] again = open.encode();
      Open read = Open.parse(again, 0, again.length);
      assertThat(read.as()).isEqualTo(open.as());
      if (!open.capabilities().families().isEmpty()) {
        assertThat(read.capabilities().families()).isEqualTo(open.capabilities().families());
      }
      assertThat(read.capabilities().gracefulRestart())
          .isEqualTo(open.capabilities().gracefulRestart());
    } catch (Malformed e) {
      refused(e, message);
    }
  }

  @FuzzTest(maxDuration = "30s")
  void aNotificationOrRefreshIsReadOrRefused(byte[] body) {
    byte[] notification = message(Framer.NOTIFICATION, body, 2);
    assertThat(Notification.parse(notification, 0, notification.length).words()).isNotEmpty();
    byte[] refresh = message(Framer.ROUTE_REFRESH, body, 4);
    try {
      RouteRefresh.parse(refresh, 0, refresh.length)
          .ifPresent(read -> assertThat(read.encode()).isEqualTo(refresh));
    } catch (Malformed e) {
      refused(e, refresh);
    }
  }

  @FuzzTest(maxDuration = "60s")
  void anUpdateIsJudgedAndAlwaysTheSame(byte[] body) {
    byte[] message = message(Framer.UPDATE, body, 4);
    UpdateReader used = new UpdateReader();
    for (Negotiated session : PEERS) {
      String first = judge(used, message, 0, session);
      byte[] elsewhere = new byte[message.length + 20];
      Arrays.fill(elsewhere, (byte) 0xa5);
      System.arraycopy(message, 0, elsewhere, 7, message.length);
      String second = judge(new UpdateReader(), elsewhere, 7, session);
      assertThat(second).isEqualTo(first);
    }
  }

  /** Everything that is read of a message, as text. */
  private static String judge(UpdateReader reader, byte[] buf, int off, Negotiated session) {
    int length = Octets.int16(buf, off + 16);
    try {
      reader.read(buf, off, length, session);
    } catch (Malformed e) {
      refused(e, Arrays.copyOfRange(buf, off, off + length));
      return e.code() + "/" + e.subcode() + " " + e.words();
    }
    Family reached = reader.reachFamily();
    Family unreached = reader.unreachFamily();
    List<Object> all = new ArrayList<>();
    all.add(reader.outcome());
    all.add(reader.endOfRib());
    all.add(Updates.prefixes(buf, reader.withdrawn(), Family.IPV4, session.addPathV4()));
    all.add(Updates.prefixes(buf, reader.nlri(), Family.IPV4, session.addPathV4()));
    all.add(Updates.prefixes(buf, reader.unreach(), unreached, session.addPath(unreached)));
    all.add(Updates.prefixes(buf, reader.reach(), reached, session.addPath(reached)));
    ParsedAttributes parsed = Updates.attributes(reader, session);
    all.add(parsed);
    if (parsed instanceof ParsedAttributes.Good good) {
      passedOn(good.attributes());
    }
    return all.toString();
  }

  /** What is taken from one peer can be told to another, who reads the same. */
  private static void passedOn(AttributeSet set) {
    boolean classic = set.nextHop().isV4();
    byte[] block = set.encode(true, classic);
    ParsedAttributes read =
        AttributeParser.parse(
            block,
            0,
            block.length,
            Updates.INTERNAL,
            set.nextHop(),
            set.linkLocalNextHop(),
            classic);
    assertThat(read)
        .isInstanceOfSatisfying(
            ParsedAttributes.Good.class,
            good -> {
              AttributeSet expected = set.toBuilder().localPref(set.localPref()).build();
              assertThat(good.attributes()).isEqualTo(expected);
            });
    assertThat(set.encode(false, classic)).isNotEmpty();
  }

  private static void refused(Malformed e, byte[] message) {
    assertThat(e.code()).isBetween(1, 7);
    assertThat(e.words()).isNotEmpty();
    assertThat(e.data().length).isLessThanOrEqualTo(message.length);
    assertThat(e.notification().encode().length).isLessThanOrEqualTo(Framer.MAX_LENGTH);
  }

  private static byte[] message(int type, byte[] body, int least) {
    int length = Math.clamp(body.length, least, Framer.MAX_LENGTH - Framer.HEADER_LENGTH);
    byte[] message = Framer.message(type, length);
    System.arraycopy(body, 0, message, Framer.HEADER_LENGTH, Math.min(length, body.length));
    return message;
  }
}
