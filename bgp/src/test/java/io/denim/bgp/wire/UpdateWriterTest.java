package io.denim.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** UPDATEs as arrays of their own. */
class UpdateWriterTest {
  private static final AttributeSet SET =
      AttributeSet.builder().nextHop(IpAddress.parse("10.0.0.1")).localPref(100).build();
  private static final AttributeSet V6 =
      AttributeSet.builder().nextHop(IpAddress.parse("fd00::1")).build();
  private static final Cidr PREFIX = Cidr.parse("10.1.0.0/16");
  private static final Cidr PREFIX_V6 = Cidr.parse("fd00:1::/64");

  private final UpdateWriter writer = new UpdateWriter();
  private final MirroredTable table = new MirroredTable();

  private void add(Cidr prefix) {
    writer.add(-1, prefix.address().high(), prefix.address().low(), prefix.length());
  }

  private List<byte[]> take() {
    List<byte[]> messages = writer.take();
    messages.forEach(table::take);
    return messages;
  }

  @Test
  void whatIsWrittenInOneGoFollowsOneUponTheOther() {
    assertThat(writer.announce(Family.IPV4, SET, true)).isTrue();
    add(PREFIX);
    add(Cidr.parse("10.2.0.0/16"));
    assertThat(writer.announce(Family.IPV6, V6, true)).isTrue();
    add(PREFIX_V6);
    writer.withdraw(Family.IPV4);
    add(Cidr.parse("10.2.0.0/16"));

    assertThat(take()).hasSize(3);
    assertThat(table.routes())
        .containsOnlyKeys(PREFIX, PREFIX_V6)
        .containsEntry(PREFIX, MirroredTable.Route.of(Family.IPV4, SET))
        .containsEntry(PREFIX_V6, MirroredTable.Route.of(Family.IPV6, V6));
    assertThat(writer.take()).isEmpty();
  }

  @Test
  void moreThanAMessageHoldsIsSeveral() {
    writer.announce(Family.IPV4, SET, true);
    IntStream.range(0, 3000).forEach(i -> writer.add(-1, 0, 0x14000000L + (i << 8), 24));

    assertThat(take())
        .hasSize(3)
        .allSatisfy(message -> assertThat(message).hasSizeLessThanOrEqualTo(4096));
    assertThat(table.routes()).hasSize(3000);
  }

  @Test
  void attributesThatNeedALongMessageHaveOne() {
    AttributeSet set = withLargeCommunities(2_000);

    assertThat(writer.announce(Family.IPV4, set, true)).isTrue();
    add(PREFIX);
    writer.withdraw(Family.IPV4);
    IntStream.range(0, 3000).forEach(i -> writer.add(-1, 0, 0x14000000L + (i << 8), 24));
    writer.announce(Family.IPV4, SET, true);
    IntStream.range(0, 3000).forEach(i -> writer.add(-1, 0, 0x14000000L + (i << 8), 24));

    List<byte[]> messages = take();
    assertThat(messages.getFirst()).hasSizeGreaterThan(20_000);
    assertThat(messages.getLast()).hasSizeLessThanOrEqualTo(4096);
    assertThat(table.routes())
        .hasSize(3001)
        .containsEntry(PREFIX, MirroredTable.Route.of(Family.IPV4, set));
  }

  private static AttributeSet withLargeCommunities(int count) {
    return SET.toBuilder()
        .largeCommunities(
            IntStream.range(0, count).mapToObj(i -> new LargeCommunity(1, i, 2)).toList())
        .build();
  }

  @Test
  void attributesThatNoMessageHoldsAreRefused() {
    AttributeSet set = withLargeCommunities(5_460);

    assertThat(writer.announce(Family.IPV4, set, true)).isFalse();
    assertThatThrownBy(() -> add(PREFIX)).isInstanceOf(IllegalStateException.class);
    writer.withdraw(Family.IPV4);
    add(PREFIX);

    assertThat(writer.take()).hasSize(1);
  }

  @Test
  void aNextHopOfTheOtherFamilyIsTold() {
    AttributeSet both = V6.toBuilder().linkLocal(IpAddress.parse("fe80::1")).build();
    writer.announce(Family.IPV4, both, true);
    add(PREFIX);
    writer.announce(Family.IPV6, SET, true);
    add(PREFIX_V6);

    take();
    assertThat(table.routes())
        .extractingByKeys(PREFIX, PREFIX_V6)
        .extracting(MirroredTable.Route::nextHop)
        .containsExactly(
            "fd000000000000000000000000000001fe800000000000000000000000000001",
            "00000000000000000000ffff0a000001");
  }

  @Test
  void aPathIdIsBeforeItsPrefix() {
    writer.announce(Family.IPV4, SET, true);
    writer.add(7, 0, PREFIX.address().low(), 16);

    assertThat(writer.take().getFirst()).endsWith(0, 0, 0, 7, 16, 10, 1);
  }
}
