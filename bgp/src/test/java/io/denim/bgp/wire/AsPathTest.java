package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.bgp.wire.AsPath.Segment;
import io.denim.bgp.wire.AsPath.SegmentType;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AsPathTest {
  private static final AsPath MIXED =
      AsPath.of(
          List.of(
              new Segment(SegmentType.CONFED_SEQUENCE, List.of(65001L, 65002L)),
              new Segment(SegmentType.SEQUENCE, List.of(64512L, 64513L)),
              new Segment(SegmentType.SET, List.of(1L, 2L))));

  @Provide
  Arbitrary<AsPath> paths() {
    return WireArbitraries.paths(SegmentType.values());
  }

  @Property(tries = 200)
  boolean whatIsWrittenIsRead(@ForAll("paths") AsPath path) {
    byte[] value = new byte[path.encodedLength(4)];
    path.encode(value, 0, 4);
    return AsPath.decode(value, 0, value.length, 4).equals(path)
        && AsPath.of(path.segments()).equals(path)
        && AsPath.of(path.segments()).hashCode() == path.hashCode();
  }

  @Property(tries = 200)
  boolean prependingMakesAPathLongerByThatAsOnly(
      @ForAll("paths") AsPath path, @ForAll @IntRange(max = 600) int times) {
    AsPath longer = path.prepend(4_200_000_001L, times);
    return longer.length() == path.length() + times
        && longer.count(4_200_000_001L) == path.count(4_200_000_001L) + times
        && (times == 0 || longer.firstAs() == 4_200_000_001L)
        && AsPath.of(longer.segments()).equals(longer);
  }

  @Test
  void aPathIsWrittenAsOperatorsDo() {
    assertThat(MIXED).hasToString("(65001 65002) 64512 64513 {1,2}");
    assertThat(AsPath.EMPTY).hasToString("");
    assertThat(AsPath.of(64512, 4_200_000_000L)).hasToString("64512 4200000000");
  }

  @Test
  void aSetCountsOneAndAConfederationNothing() {
    assertThat(MIXED.length()).isEqualTo(3);
    assertThat(MIXED.hasSet()).isTrue();
    assertThat(MIXED.hasConfederation()).isTrue();
    assertThat(AsPath.of(1, 2).hasSet()).isFalse();
    assertThat(AsPath.of(1, 2).hasConfederation()).isFalse();
  }

  @Test
  void theNeighbourAndTheOriginatorAreInSequences() {
    assertThat(AsPath.of(1, 2, 3).firstAs()).isEqualTo(1);
    assertThat(AsPath.of(1, 2, 3).originAs()).isEqualTo(3);
    assertThat(MIXED.firstAs()).isZero();
    assertThat(MIXED.originAs()).isZero();
    assertThat(AsPath.EMPTY.firstAs()).isZero();
    assertThat(AsPath.EMPTY.originAs()).isZero();
  }

  @Test
  void aPathBeginsWithItsFirstAsnsOfSequences() {
    AsPath path = AsPath.of(1, 2, 3);
    assertThat(path.startsWith(List.of())).isTrue();
    assertThat(path.startsWith(List.of(1L, 2L))).isTrue();
    assertThat(path.startsWith(List.of(1L, 2L, 3L))).isTrue();
    assertThat(path.startsWith(List.of(1L, 2L, 3L, 4L))).isFalse();
    assertThat(path.startsWith(List.of(2L))).isFalse();
    assertThat(MIXED.startsWith(List.of(65001L))).isFalse();
    assertThat(AsPath.EMPTY.startsWith(List.of(1L))).isFalse();
  }

  @Test
  void aFullSegmentIsFollowedByAnother() {
    AsPath full = AsPath.EMPTY.prepend(7, 255);

    assertThat(full.segments()).hasSize(1);
    assertThat(full.prepend(8, 1).segments())
        .first()
        .isEqualTo(new Segment(SegmentType.SEQUENCE, List.of(8L)));
    assertThat(full.prepend(8, 1).length()).isEqualTo(256);
  }

  @Test
  void aTwoOctetPathIsPutTogetherWithItsFourOctetTail() {
    AsPath two = AsPath.of(64496, AsPath.AS_TRANS, 64497);

    assertThat(two.mergedWith(AsPath.of(4_200_000_000L, 64497)))
        .isEqualTo(AsPath.of(64496, 4_200_000_000L, 64497));
    assertThat(two.mergedWith(AsPath.of(1, 2, 3, 4))).isEqualTo(two);
    assertThat(two.mergedWith(AsPath.of(4_200_000_000L, 64498, 64497)))
        .isEqualTo(AsPath.of(4_200_000_000L, 64498, 64497));
  }

  @Test
  void theLeadingConfederationStaysWhenPathsArePutTogether() {
    AsPath merged = MIXED.mergedWith(AsPath.of(4_200_000_000L, 5));

    assertThat(merged).hasToString("(65001 65002) 64512 4200000000 5");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> AsPath.of(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AsPath.EMPTY.prepend(1L << 32, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Segment(SegmentType.SET, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
