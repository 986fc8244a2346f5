package io.denim.bgp.speaker;

import io.denim.bgp.rib.Cursor;
import io.denim.bgp.rib.GroupKey;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Framer;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What leaves by an established session: its families take turns, and a message of the session's
 * own goes between any two of theirs.
 */
final class Outflow {
  private static final int SLICE = 128 << 10;

  /** So much leaves by one session before others have their turn. */
  private static final int TURN = 1 << 20;

  /** A peer that is so far behind loses its place. */
  private static final long MOST_LAG = 8 << 20;

  private final Connection connection;
  private final PeerCounters counters;
  private final List<Stream> streams = new ArrayList<>(2);
  private @Nullable Stream begun;
  private int turn;
  private boolean held;
  private boolean behind = true;
  private long behindSince;

  /** One family. */
  private static final class Stream {
    private final Family family;
    private final Rib.Telling telling;

    /** What is to be said when the image has been sent. */
    private byte @Nullable [] atEnd;

    private boolean again;
    private boolean ended;

    /** Whether the End-of-RIB is still to be said. */
    private boolean first = true;

    private byte @Nullable [] before;

    Stream(Family family, Rib.Telling telling, byte[] atEnd) {
      this.family = family;
      this.telling = telling;
      this.atEnd = atEnd;
    }
  }

  Outflow(Connection connection, PeerCounters counters, long now) {
    this.connection = connection;
    this.counters = counters;
    behindSince = now;
  }

  /**
   * Begins to tell of a family.
   *
   * @param atEnd the message that follows the whole table: End-of-RIB
   */
  void add(Family family, Rib.Telling telling, byte[] atEnd) {
    streams.add(new Stream(family, telling, atEnd));
  }

  /** What follows a whole table is kept back until {@link #release}, for a table not yet whole. */
  void hold() {
    held = true;
  }

  /** Says what was kept back. */
  void release() {
    held = false;
    for (Stream stream : streams) {
      if (stream.ended) {
        stream.ended = false;
        endImage(stream);
      }
    }
  }

  /**
   * The table of a family is to be told again.
   *
   * @param before the message that goes before, empty for none (RFC 7313)
   * @param after the message that follows, empty for none
   */
  void again(Family family, byte[] before, byte[] after) {
    for (Stream stream : streams) {
      if (stream.family == family) {
        stream.again = true;
        stream.ended = false;
        // Before the End-of-RIB nothing is refreshed: it only begins once more (RFC 7313 4).
        stream.before = stream.first ? null : before;
        stream.atEnd = stream.first ? stream.atEnd : after;
      }
    }
  }

  /** Something else is to be told of a family. */
  void change(Family family, GroupKey key) {
    for (Stream stream : streams) {
      if (stream.family == family) {
        takeRest(stream);
        stream.telling.change(key);
      }
    }
  }

  /** The rest of a message that was begun goes first, so that its place can be given up. */
  private void takeRest(Stream stream) {
    if (stream == begun) {
      stream
          .telling
          .cursor()
          .ifPresent(cursor -> {
            connection.sendFirst(cursor.rest());
            counters.sent(Framer.UPDATE);
          });
      begun = null;
    }
  }

  /** A message that was begun is sent to its end before the connection's last one. */
  void finishBegun() {
    if (begun != null) {
      takeRest(begun);
    }
  }

  /** How many octets are before the peer. */
  long lag() {
    long lag = 0;
    for (Stream stream : streams) {
      lag += stream.telling.cursor().map(Cursor::lag).orElse(0L);
    }
    return lag;
  }

  /** Whether the peer has been told all that there is. */
  boolean isDrained() {
    if (begun != null) {
      return false;
    }
    for (Stream stream : streams) {
      if (hasSomething(stream)) {
        return false;
      }
    }
    return true;
  }

  /** For how long something has waited to be sent, in nanoseconds; 0 when nothing does. */
  long behind(long now) {
    return behind && !isDrained() ? now - behindSince : 0;
  }

  /** Whether it lost its place in a family. */
  boolean isDetached() {
    return streams.stream().anyMatch(stream -> stream.telling.cursor().isEmpty());
  }

  /** How many routes of a family the peer is told, or will be as soon as it reads. */
  int announced(Family family) {
    return streams.stream()
        .filter(stream -> stream.family == family)
        .mapToInt(stream -> stream.telling.count())
        .sum();
  }

  /** Who falls too far behind loses his place. */
  void detachIfLate(boolean lateForLong) {
    for (Stream stream : streams) {
      Optional<Cursor> cursor = stream.telling.cursor();
      if (cursor.isPresent()
          && (cursor.get().held() > MOST_LAG || (lateForLong && !cursor.get().isDrained()))) {
        takeRest(stream);
        stream.telling.detach();
      }
    }
  }

  /** Writes what there is and the socket takes, up to a turn's worth. */
  void write(long now) throws IOException {
    int left = TURN;
    while (left > 0) {
      if (begun == null && !connection.writeControl(now)) {
        return;
      }
      Stream stream = begun == null ? next() : begun;
      if (stream == null) {
        behind = false;
        connection.idle(now);
        return;
      }
      if (!behind) {
        behind = true;
        behindSince = now;
      }
      left -= write(stream, now);
      if (connection.blocked()) {
        return;
      }
    }
  }

  private @Nullable Stream next() {
    for (int i = 0; i < streams.size(); i++) {
      Stream stream = streams.get((turn + i) % streams.size());
      if (hasSomething(stream)) {
        turn = (turn + i + 1) % streams.size();
        return stream;
      }
    }
    return null;
  }

  private static boolean hasSomething(Stream stream) {
    return stream.again || stream.telling.cursor().map(cursor -> !cursor.isDrained()).orElse(true);
  }

  private int write(Stream stream, long now) throws IOException {
    if (begun == null && stream.again) {
      beginAgain(stream);
      return 0;
    }
    if (stream.telling.cursor().isEmpty()) {
      stream.telling.resume();
    }
    Cursor cursor = stream.telling.cursor().orElseThrow();
    boolean image = cursor.inImage();
    // Where the session itself has something to say, that follows the message that was begun.
    ByteBuffer slice = cursor.take(connection.hasControl() ? 1 : SLICE);
    if (slice == null) {
      if (image && !cursor.inImage()) {
        endImage(stream);
      }
      return 0;
    }
    int length = slice.remaining();
    var _ = connection.write(slice, now);
    int count = length - slice.remaining();
    Watch watch = connection.peer().watch();
    if (watch.wantsTold(connection)) {
      watch.told(connection, cursor.begun(count));
    }
    long before = cursor.messages();
    cursor.sent(count);
    counters.sent(Framer.UPDATE, cursor.messages() - before);
    begun = cursor.atBoundary() ? null : stream;
    return count;
  }

  private void beginAgain(Stream stream) {
    stream.again = false;
    byte[] before = stream.before;
    if (before != null && before.length > 0) {
      connection.send(before);
    }
    stream.telling.again();
  }

  private void endImage(Stream stream) {
    if (held) {
      stream.ended = true;
      return;
    }
    byte[] message = stream.atEnd;
    stream.atEnd = null;
    stream.first = false;
    if (message != null && message.length > 0) {
      connection.send(message);
    }
  }

  /** What the peer is told of each prefix. */
  Map<Cidr, List<AttributeSet>> told() {
    Map<Cidr, List<AttributeSet>> told = new TreeMap<>();
    streams.forEach(stream -> told.putAll(stream.telling.told()));
    return told;
  }

  /** Why the peer is told of a prefix what it is told; empty when its family was not agreed. */
  Optional<String> explain(Cidr prefix) {
    return streams.stream()
        .filter(stream -> stream.family == prefix.family())
        .map(stream -> stream.telling.explain(prefix))
        .findFirst();
  }

  /** Nothing more leaves. */
  void end() {
    streams.forEach(stream -> stream.telling.end());
    streams.clear();
    begun = null;
  }
}
