package io.denim.bgp.rib;

import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Source;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;

/**
 * Takes routes in and passes them on in tables of its own, as a reflector does, until the JVM has
 * compiled what it would otherwise interpret while the first peers of a process wait: a tenth of a
 * second of one core. It shares nothing with a speaker.
 */
public final class TableRehearsal {
  /** The JVM compiles what has been called 200 times, or sooner where its options say so. */
  static final int ROUNDS = 250;

  private static final int PREFIXES = 64;
  private static final long AS = 64512;
  private static final int SEGMENT = 4 * Framer.MAX_LENGTH;
  private static final Negotiated SESSION =
      new Negotiated(false, true, false, false, false, true, true, false);

  private final Rib rib =
      new Rib(
          peer(0, Source.LOCAL), 0, NextHops.ALL_EQUAL, Rib.Listener.NOBODY, new Log.Pool(SEGMENT));
  private final UpdateReader reader = new UpdateReader();
  private final int feeder = join();
  private final int client = join();

  private TableRehearsal() {}

  /** Does so, in the caller's thread; how many messages were passed on. */
  public static long run() {
    return new TableRehearsal().rehearse();
  }

  private int join() {
    int peer = rib.newPeer();
    rib.setPeer(
        peer(peer, Source.INTERNAL),
        new ImportRules(Policy.ACCEPT_ALL, AS, 0, true, 0, Set.of(0), Optional.empty(), false));
    return peer;
  }

  private long rehearse() {
    byte[][] messages = {announce(1), announce(2), withdraw()};
    Cursor cursor = rib.tell(client, key()).cursor().orElseThrow();
    for (int round = 0; round < ROUNDS; round++) {
      for (byte[] message : messages) {
        take(message);
        rib.flush();
        read(cursor);
        rib.reclaim();
      }
    }
    return cursor.messages();
  }

  private void take(byte[] message) {
    int length = Framer.needed(message, 0, message.length, Framer.MAX_LENGTH);
    reader.read(message, 0, length, SESSION);
    var _ = rib.update(feeder, reader, message, SESSION, 0);
  }

  private static void read(Cursor cursor) {
    while (!cursor.isDrained()) {
      ByteBuffer slice = cursor.take(Framer.MAX_LENGTH);
      cursor.sent(slice == null ? 0 : slice.remaining());
    }
  }

  private static SourceInfo peer(int number, Source kind) {
    return new SourceInfo(number, "", kind, number, IpAddress.v4(number), AS, true);
  }

  private static GroupKey key() {
    return new GroupKey(
        Family.IPV4,
        false,
        AS,
        true,
        0,
        NextHopMode.AUTOMATIC,
        IpAddress.v4(0),
        Optional.empty(),
        Optional.empty(),
        Policy.ACCEPT_ALL,
        false,
        true,
        Framer.MAX_LENGTH,
        false,
        Optional.empty(),
        false,
        false);
  }

  private static byte[] announce(int med) {
    AttributeSet set =
        AttributeSet.builder().nextHop(IpAddress.v4(10 << 24)).localPref(100).med(med).build();
    byte[] message = new byte[Framer.MAX_LENGTH];
    UpdateEncoder encoder = new UpdateEncoder();
    encoder.begin(
        ByteBuffer.wrap(message), message.length, Family.IPV4, set.encode(true, true), new byte[0]);
    return finish(encoder, message);
  }

  private static byte[] withdraw() {
    byte[] message = new byte[Framer.MAX_LENGTH];
    UpdateEncoder encoder = new UpdateEncoder();
    encoder.beginWithdraw(ByteBuffer.wrap(message), message.length, Family.IPV4);
    return finish(encoder, message);
  }

  private static byte[] finish(UpdateEncoder encoder, byte[] message) {
    for (int i = 0; i < PREFIXES; i++) {
      var _ = encoder.add(-1, 0, (long) i << 8, 24);
    }
    var _ = encoder.end();
    return message;
  }
}
