package io.denim.bgp.rib;

import io.denim.bgp.wire.UpdateEncoder;
import java.nio.ByteBuffer;

/**
 * Packs what a group has to tell into messages: prefixes that are withdrawn, by whom that is for or
 * with add-path by source, and prefixes that are announced, by their set of attributes. Is used
 * again and again; allocates only to grow.
 */
final class Packer {
  private static final long NO_PATH_ID = -1;

  /** The room that a message is given if it may be longer: so much of prefixes is enough. */
  private static final int ROOM = 4096;

  private final GroupKey key;
  private final RoutingTable table;
  private final Export export;
  private final Batch withdrawals = new Batch();
  private final Batch announcements = new Batch();
  private final UpdateEncoder encoder = new UpdateEncoder();

  Packer(GroupKey key, RoutingTable table, Export export) {
    this.key = key;
    this.table = table;
    this.export = export;
  }

  /** The peer that a set is of, which alone is not told. */
  int peerOf(int out) {
    return table.sources().peer(export.get(out).source());
  }

  boolean isEmpty() {
    return withdrawals.isEmpty() && announcements.isEmpty();
  }

  /**
   * A prefix is withdrawn.
   *
   * @param bucket with add-path the source of the path, else the only peer that is told, 0 for all
   */
  void withdraw(int bucket, int prefix) {
    withdrawals.add(bucket, prefix);
  }

  /** A prefix is announced with a set of the group's. */
  void announce(int out, int prefix) {
    announcements.add(out, prefix);
  }

  void clear() {
    withdrawals.clear();
    announcements.clear();
  }

  /** Appends messages of all of it, withdrawals first. */
  void write(Log to) {
    for (int i = 0; i < withdrawals.buckets(); i++) {
      writeWithdrawals(to, withdrawals.bucket(i));
    }
    for (int i = 0; i < announcements.buckets(); i++) {
      writeAnnouncements(to, announcements.bucket(i));
    }
  }

  private void writeWithdrawals(Log to, int bucket) {
    int audience =
        key.addPath() ? Audience.allBut(table.sources().peer(bucket)) : Audience.only(bucket);
    long pathId = key.addPath() ? bucket + 1L : NO_PATH_ID;
    int place = withdrawals.first(bucket);
    while (place >= 0) {
      ByteBuffer room = to.room(Math.min(key.mostOctets(), ROOM));
      encoder.beginWithdraw(room, key.mostOctets(), key.family());
      place = fill(withdrawals, place, pathId);
      encoder.end();
      to.close(audience, table.version());
    }
  }

  private void writeAnnouncements(Log to, int bucket) {
    OutSet set = export.get(bucket);
    int audience = Audience.allBut(peerOf(bucket));
    long pathId = key.addPath() ? set.source() + 1L : NO_PATH_ID;
    int place = announcements.first(bucket);
    while (place >= 0) {
      ByteBuffer room = to.room(Math.min(key.mostOctets(), set.block().length + ROOM));
      encoder.begin(room, key.mostOctets(), key.family(), set.block(), set.nextHop());
      place = fill(announcements, place, pathId);
      encoder.end();
      to.close(audience, table.version());
    }
  }

  private int fill(Batch batch, int first, long pathId) {
    PrefixTable prefixes = table.prefixes();
    int place = first;
    while (place >= 0) {
      int prefix = batch.prefix(place);
      if (!encoder.add(
          pathId, prefixes.high(prefix), prefixes.low(prefix), prefixes.length(prefix))) {
        return place;
      }
      place = batch.next(place);
    }
    return place;
  }
}
