package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

final class RevisionsTest {
  @Property
  void theyAreComparedAsNumbers(
      @ForAll @LongRange(min = 1) long one, @ForAll @LongRange(min = 1) long other) {
    assertThat(Revisions.isOlder(Long.toString(one), Long.toString(other))).isEqualTo(one < other);
  }

  @Test
  void whatIsNoNumberIsNeverOlder() {
    assertThat(Revisions.isOlder("", "7")).isFalse();
    assertThat(Revisions.isOlder("7", "")).isFalse();
    assertThat(Revisions.isOlder("1a", "7")).isFalse();
    assertThat(Revisions.isOlder("0", "7")).isFalse();
  }
}
