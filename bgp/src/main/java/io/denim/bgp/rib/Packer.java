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
  private final UpdateEncoder encoder;

  /** How far the bucket that is being written has come. */
  private int run;

  private int place;

  Packer(GroupKey key, RoutingTable table, Export export) {
    this.key = key;
    this.table = table;
    this.export = export;
    encoder = table.encoder();
  }

  /** The peer that a set is of, which is not told. */
  int peerOf(int out) {
    return table.sources().peer(export.get(out).source());
  }

  /**
   * Another peer that is not told, since the next hop is its own address (RFC 4271 5.1.3); 0 when
   * there is none.
   */
  private int peerAtNextHop(int out) {
    int peer = table.sources().at(export.get(out).attributes().nextHop());
    return peer == peerOf(out) ? 0 : peer;
  }

  /** Whether a peer is told of a set. */
  boolean isFor(int out, int peer) {
    return peerOf(out) != peer && peerAtNextHop(out) != peer;
  }

  /**
   * A set takes another's place: who is not told of it, and has the other, has nothing any more.
   */
  void leaveOut(int out, int before, int prefix) {
    leaveOutPeer(peerOf(out), before, prefix);
    leaveOutPeer(peerAtNextHop(out), before, prefix);
  }

  private void leaveOutPeer(int peer, int before, int prefix) {
    if (peer != 0 && isFor(before, peer)) {
      withdraw(peer, prefix);
    }
  }

  /** Whether there is anybody who is not told of a set, and is told of another. */
  boolean leavesOut(int out, int before) {
    int peer = peerAtNextHop(out);
    return peer != 0 && isFor(before, peer);
  }

  /** Whether all that are told of another group's set, of the same source, are told of this one. */
  boolean isForAll(int out, Packer other, int had) {
    int peer = peerAtNextHop(out);
    return peer == 0 || peer == other.peerAtNextHop(had);
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
    long audience =
        key.addPath() ? Audience.allBut(table.sources().peer(bucket)) : Audience.only(bucket);
    long pathId = key.addPath() ? bucket + 1L : NO_PATH_ID;
    begin(withdrawals, bucket);
    while (run >= 0) {
      ByteBuffer room = to.room(Math.min(key.mostOctets(), ROOM));
      encoder.beginWithdraw(room, key.mostOctets(), key.family());
      fill(withdrawals, pathId);
      encoder.end();
      to.close(audience, table.version());
    }
  }

  private void writeAnnouncements(Log to, int bucket) {
    OutSet set = export.get(bucket);
    long audience = Audience.allBut(peerOf(bucket), peerAtNextHop(bucket));
    long pathId = key.addPath() ? set.source() + 1L : NO_PATH_ID;
    begin(announcements, bucket);
    while (run >= 0) {
      ByteBuffer room = to.room(Math.min(key.mostOctets(), set.block().length + ROOM));
      encoder.begin(room, key.mostOctets(), key.family(), set.block(), set.nextHop());
      fill(announcements, pathId);
      encoder.end();
      to.close(audience, table.version());
    }
  }

  private void begin(Batch batch, int bucket) {
    run = batch.first(bucket);
    place = batch.from(run);
  }

  /** Adds to a message what it has room for, from where the last one ended. */
  private void fill(Batch batch, long pathId) {
    PrefixTable prefixes = table.prefixes();
    while (run >= 0) {
      int end = batch.to(run);
      int at = place;
      while (at < end) {
        int prefix = batch.prefix(at);
        if (!encoder.add(
            pathId, prefixes.high(prefix), prefixes.low(prefix), prefixes.length(prefix))) {
          place = at;
          return;
        }
        at++;
      }
      run = batch.next(run);
      place = run < 0 ? 0 : batch.from(run);
    }
  }
}
