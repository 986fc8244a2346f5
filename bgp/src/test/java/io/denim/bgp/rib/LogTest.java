package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Logs and cursors: who reads gets what is for him, in order, and memory comes back. */
class LogTest {
  private final Log.Pool pool = new Log.Pool();

  private static void append(Log log, long audience, int number, int length, int version) {
    ByteBuffer room = log.room(length);
    for (int i = 0; i < length; i += 4) {
      room.putInt(number);
    }
    log.close(audience, version);
  }

  /** The numbers of the whole messages that it reads, in parts of random sizes. */
  private static List<Integer> read(Cursor cursor, Random random, int most) {
    List<Integer> numbers = new ArrayList<>();
    int parts = 0;
    while (parts < most && !cursor.isDrained()) {
      ByteBuffer some = cursor.take(1 + random.nextInt(100_000));
      if (some != null) {
        int count = Math.min(some.remaining(), 4 * (1 + random.nextInt(5000)));
        for (int i = 0; i < count; i += 4) {
          int number = some.getInt();
          if (numbers.isEmpty() || numbers.getLast() != number) {
            numbers.add(number);
          }
        }
        cursor.sent(count);
        parts++;
      }
    }
    return numbers;
  }

  @Property(tries = 40)
  void everyReaderGetsWhatIsForHimInOrder(@ForAll long seed) {
    Random random = new Random(seed);
    Log log = new Log(pool);
    List<Cursor> cursors = new ArrayList<>();
    List<List<Integer>> expected = new ArrayList<>();
    List<List<Integer>> got = new ArrayList<>();
    for (int peer = 1; peer <= 4; peer++) {
      cursors.add(new Cursor(peer, log, null));
      expected.add(new ArrayList<>());
      got.add(new ArrayList<>());
    }
    for (int number = 1; number < 600; number++) {
      int audience = random.nextInt(9) - 4;
      append(log, audience, number, 4 * (1 + random.nextInt(1000)), number);
      for (int peer = 1; peer <= 4; peer++) {
        if (audience < 0 ? peer == -audience : peer != audience) {
          expected.get(peer - 1).add(number);
        }
      }
      int reader = random.nextInt(4);
      got.get(reader).addAll(read(cursors.get(reader), random, random.nextInt(3)));
    }
    for (int i = 0; i < 4; i++) {
      got.get(i).addAll(read(cursors.get(i), random, Integer.MAX_VALUE));

      assertThat(got.get(i).stream().distinct()).containsExactlyElementsOf(expected.get(i));
      assertThat(cursors.get(i).lag()).isZero();
      assertThat(cursors.get(i).version(700)).isEqualTo(700);
    }
    assertThat(pool.octets()).isEqualTo(Segment.SIZE);
    cursors.forEach(Cursor::leave);
    log.finish();
    log.reclaim();
    assertThat(pool.octets()).isZero();
  }

  /** The number of a message, all of which it must be. */
  private static int number(byte[] whole, int length) {
    IntBuffer numbers = ByteBuffer.wrap(whole).asIntBuffer();
    int number = numbers.get(0);
    assertThat(whole).hasSize(length);
    while (numbers.hasRemaining()) {
      assertThat(numbers.get()).isEqualTo(number);
    }
    return number;
  }

  @Property(tries = 40)
  void whatBeginsIsGivenOnceAndWholeHoweverItIsCut(@ForAll long seed) {
    Random random = new Random(seed);
    Log log = new Log(pool);
    Log image = new Log(pool);
    Cursor cursor = new Cursor(1, log, image);
    Map<Integer, Integer> lengths = new LinkedHashMap<>();
    for (int number = 1; number <= 300; number++) {
      int audience = random.nextInt(5) - 2;
      int length = 4 * (1 + random.nextInt(1000));
      append(number <= 100 ? image : log, audience, number, length, number);
      if (audience < 0 ? audience == -1 : audience != 1) {
        lengths.put(number, length);
      }
    }
    image.finish();
    List<Integer> begun = new ArrayList<>();

    while (!cursor.isDrained()) {
      ByteBuffer some = cursor.take(1 + random.nextInt(100_000));
      if (some != null) {
        int count = random.nextInt(random.nextBoolean() ? 10 : some.remaining() + 1);
        count = Math.min(count, some.remaining());
        for (byte[] whole : cursor.begun(count)) {
          begun.add(number(whole, lengths.getOrDefault(ByteBuffer.wrap(whole).getInt(), 0)));
        }
        cursor.sent(count);
      }
    }

    assertThat(begun).containsExactlyElementsOf(lengths.keySet());
  }

  @Test
  void aCursorKnowsTheVersionBeforeItsNextMessage() {
    Log log = new Log(pool);
    Cursor cursor = new Cursor(1, log, null);
    append(log, Audience.ALL, 1, 4, 10);
    append(log, Audience.ALL, 2, 4, 11);

    assertThat(cursor.version(12)).isEqualTo(10);
    cursor.sent(4);
    assertThat(cursor.version(12)).isEqualTo(11);
    cursor.sent(4);
    assertThat(cursor.version(12)).isEqualTo(12);
  }

  @Test
  void theRestOfAMessageIsGivenOnce() {
    Log log = new Log(pool);
    Cursor cursor = new Cursor(1, log, null);
    append(log, Audience.ALL, 1, 12, 0);
    cursor.sent(4);

    assertThat(cursor.atBoundary()).isFalse();
    assertThat(cursor.rest().remaining()).isEqualTo(8);
    assertThat(cursor.atBoundary()).isTrue();
    assertThat(cursor.rest().remaining()).isZero();
    assertThat(cursor.isDrained()).isTrue();
  }

  @Test
  void anImageIsReadFirstAndFreedByItsLastReader() {
    Log log = new Log(pool);
    Log image = new Log(pool);
    for (int number = 1; number <= 200; number++) {
      append(image, Audience.ALL, number, 4000, 0);
    }
    image.finish();
    Cursor first = new Cursor(1, log, image);
    Cursor second = new Cursor(2, log, image);
    append(log, Audience.ALL, 999, 4, 1);
    long both = pool.octets();

    List<Integer> numbers = read(first, new Random(1), Integer.MAX_VALUE);
    long one = pool.octets();
    second.leave();

    assertThat(numbers).hasSize(201).last().isEqualTo(999);
    assertThat(both).isEqualTo(5L * Segment.SIZE);
    assertThat(one).isEqualTo(both);
    assertThat(pool.octets()).isEqualTo(Segment.SIZE);
  }

  @Test
  void aCursorBehindAnotherImageGoesOnWhereItWas() {
    Log log = new Log(pool);
    Cursor cursor = new Cursor(1, log, null);
    append(log, Audience.ALL, 7, 4, 1);
    Log image = new Log(pool);
    append(image, Audience.ALL, 5, 4, 1);
    image.finish();
    Cursor behind = cursor.behind(image);
    cursor.leave();

    assertThat(read(behind, new Random(1), Integer.MAX_VALUE)).containsExactly(5, 7);
    assertThat(pool.octets()).isEqualTo(Segment.SIZE);
  }
}
