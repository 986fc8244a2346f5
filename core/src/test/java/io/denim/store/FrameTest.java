package io.denim.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class FrameTest {
  private static final Frame.Head HEAD = new Frame.Head(1, -2, 3);

  @Provide
  Arbitrary<List<Change>> changes() {
    Arbitrary<String> text = Arbitraries.strings().excludeChars('\ud800').alpha().ofMaxLength(40);
    Arbitrary<Key> key = Combinators.combine(text, text.map(name -> "n" + name)).as(Key::new);
    Arbitrary<Change> put =
        Combinators.combine(key, text, Arbitraries.longs(), Arbitraries.longs())
            .as(Change.Put::new);
    Arbitrary<Change> delete = Combinators.combine(key, Arbitraries.longs()).as(Change.Delete::new);
    return Arbitraries.oneOf(put, delete).list().ofMaxSize(20);
  }

  @Property
  void whatIsEncodedIsDecoded(@ForAll("changes") List<Change> changes) {
    ByteBuffer bytes = Frame.encode(changes);

    assertThat(Frame.decode(bytes)).isEqualTo(new Frame.Changes(changes));
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Property
  void noPartOfAFrameIsAFrame(
      @ForAll("changes") List<Change> changes, @ForAll @IntRange(max = 10_000) int cut) {
    ByteBuffer bytes = Frame.encode(changes);
    ByteBuffer part = bytes.slice(0, cut % bytes.limit());

    assertThat(Frame.decode(part)).isEqualTo(new Frame.Unfinished());
    assertThat(part.position()).isZero();
  }

  @Property
  void aFlippedBitIsNoticed(
      @ForAll("changes") List<Change> changes, @ForAll @IntRange(max = 100_000) int bit) {
    ByteBuffer bytes = Frame.encode(changes);
    int at = bit / 8 % bytes.limit();
    bytes.put(at, (byte) (bytes.get(at) ^ 1 << bit % 8));

    assertThat(Frame.decode(bytes)).isInstanceOfAny(Frame.Damaged.class, Frame.Unfinished.class);
  }

  @Test
  void aHeadIsDecoded() {
    assertThat(Frame.decode(Frame.encode(HEAD))).isEqualTo(HEAD);
    assertThat(HEAD.sameStore(new Frame.Head(1, -2, 99))).isTrue();
    assertThat(HEAD.sameStore(new Frame.Head(1, 2, 3))).isFalse();
  }
}
