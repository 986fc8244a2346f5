package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.ParsedAttributes;
import io.denim.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Numbers for sets, and blocks that need not be read twice. */
class AttributeTableTest {
  private static final Negotiated INTERNAL =
      new Negotiated(false, true, false, false, false, true, true, false);
  private static final Negotiated EXTERNAL =
      new Negotiated(true, true, false, false, false, true, true, false);
  private static final AttributeTable.NextHop IN_BLOCK = AttributeTable.NextHop.IN_BLOCK;

  private final AttributeTable table = new AttributeTable(7);
  private int parsed;

  private static AttributeSet set(int med) {
    return AttributeSet.builder().med(med).build();
  }

  private AttributeTable.Block block(
      int octets, Negotiated kind, AttributeTable.NextHop mark, AttributeSet means) {
    byte[] block = ByteBuffer.allocate(12).putInt(8, octets).array();
    return table.block(
        block,
        0,
        12,
        kind,
        mark,
        () -> {
          parsed++;
          return new ParsedAttributes.Good(means, List.of());
        });
  }

  @Test
  void aBlockIsReadOnceForEachKindOfSessionAndNextHop() {
    AttributeTable.NextHop other =
        new AttributeTable.NextHop(IpAddress.parse("fd00::1"), Optional.empty());
    for (int i = 0; i < 3; i++) {
      assertThat(block(1, INTERNAL, IN_BLOCK, set(1)).set()).isEqualTo(0);
      assertThat(block(1, EXTERNAL, IN_BLOCK, set(2)).set()).isEqualTo(1);
      assertThat(block(1, INTERNAL, other, set(3)).set()).isEqualTo(2);
      assertThat(block(2, INTERNAL, IN_BLOCK, set(1)).set()).isEqualTo(0);
    }

    assertThat(parsed).isEqualTo(4);
  }

  @Test
  void aSetThatComesInEverMoreFormsDoesNotFillTheMemory() {
    for (int i = 0; i < 200_000; i++) {
      assertThat(block(i, INTERNAL, IN_BLOCK, set(1)).set()).isZero();
    }

    assertThat(table.size()).isEqualTo(1);
    assertThat(table.blocks()).isLessThan(70_000);
  }

  @Test
  void whatIsDamagedIsNotKept() {
    byte[] block = new byte[12];
    AttributeTable.Block damaged =
        table.block(
            block, 0, 12, INTERNAL, IN_BLOCK, () -> new ParsedAttributes.Withdraw(3, 1, "no"));

    assertThat(damaged.set()).isEqualTo(PathTable.NONE);
    assertThat(table.blocks()).isZero();
  }

  @Test
  void aNumberThatNobodyUsesIsAnothersAndItsBlockIsReadAgain() {
    for (int i = 0; i < 5000; i++) {
      assertThat(block(i, INTERNAL, IN_BLOCK, set(i)).set()).isEqualTo(i);
    }
    BitSet used = new BitSet();
    used.set(1000, 5000);
    table.keepOnly(used);

    assertThat(table.size()).isEqualTo(4000);
    assertThat(table.get(4321)).isEqualTo(set(4321));
    assertThat(block(4321, INTERNAL, IN_BLOCK, set(4321)).set()).isEqualTo(4321);
    assertThat(parsed).isEqualTo(5000);
    assertThat(block(1, INTERNAL, IN_BLOCK, set(9999)).set()).isBetween(0, 999);
    assertThat(parsed).isEqualTo(5001);
  }
}
