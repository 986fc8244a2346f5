package io.denim.linux.nft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MessageWriter;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.ValueType;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FieldTest {
  private static final NamedSet SET =
      new NamedSet("s", ValueType.INET_SERVICE, Optional.empty(), new TreeMap<>());

  private static Data port(int number) {
    return new Data.Value(Bytes.be16(number));
  }

  private static Expr readBack(Expr expr) {
    MessageWriter writer = new MessageWriter(64);
    Expr.encode(expr, writer);
    byte[] octets = writer.toArray();
    return Expr.decode(Attributes.of(octets, 0, 0, octets.length).get(1).orElseThrow());
  }

  @Test
  void aKeyTypeHasSixBitsAndPaddedOctetsOfEachPart() {
    assertThat(Field.keyType(Field.IP_DADDR, Field.L4PROTO, Field.TH_DPORT))
        .isEqualTo(new ValueType(7 << 12 | 12 << 6 | 13, 12));
    assertThat(Field.keyType(Field.IIFNAME, Field.ETHER_SADDR))
        .isEqualTo(new ValueType(41 << 6 | 9, 24));
    assertThat(Field.keyType(Field.TH_DPORT)).isEqualTo(ValueType.INET_SERVICE);
  }

  @Test
  void fieldsAreLoadedSideBySideByTheNamesThatTheKernelTells() {
    assertThat(Field.load(Field.IP6_DADDR, Field.L4PROTO, Field.TH_DPORT))
        .containsExactly(
            new Expr.Payload(1, 1, 24, 16), new Expr.Meta(2, 16), new Expr.Payload(13, 2, 2, 2));
    assertThat(Match.destinationFrom("m", Family.IPV6, Field.L4PROTO, Field.TH_DPORT))
        .contains(new Expr.Nat(true, 10, 1, 2));
  }

  @Test
  void aKeyOfBothFamiliesIsRefused() {
    assertThatThrownBy(() -> Match.in("s", Field.IP_SADDR, Field.IP6_DADDR))
        .hasMessageContaining("a key of [IP_SADDR, IP6_DADDR], which no packet has");
  }

  @Test
  void eachPartOfAConcatenationIsPadded() {
    Bytes mac = Bytes.mac(MacAddress.parse("02:00:00:00:00:01"));
    assertThat(Bytes.concatenation(Bytes.u8(6), Bytes.be16(80), mac))
        .hasToString("06000000" + "00500000" + "0200000000010000");
    assertThat(Bytes.address(IpAddress.parse("10.0.0.1"))).hasToString("0a000001");
  }

  @Test
  void whatIsSomebodyElsesIsLeftOutOfARemoval() {
    var mine = new TreeMap<>(Map.of(Bytes.be16(1), port(1), Bytes.be16(2), port(2)));
    var there = new TreeMap<>(Map.of(Bytes.be16(1), port(9)));
    assertThat(ElementChange.remove(SET, mine).without(there).elements())
        .isEqualTo(Map.of(Bytes.be16(2), port(2)));
  }

  @Property
  boolean everyExpressionIsReadBackAsItWasWritten(
      @ForAll @IntRange(min = 1, max = 23) int register,
      @ForAll @IntRange(min = 1, max = 23) int other,
      @ForAll int number,
      @ForAll int flags,
      @ForAll boolean negated) {
    Bytes data = Bytes.be32(number);
    return java.util.stream.Stream.of(
            new Expr.Payload(register, number & 3, flags & 0xff, other),
            new Expr.Compare(register, negated, data),
            new Expr.Bitwise(register, data, Bytes.be32(flags)),
            new Expr.Meta(register, number),
            new Expr.MetaSet(register, number),
            new Expr.Conntrack(register, number),
            new Expr.Fib(register, number, flags),
            new Expr.Immediate(register, data),
            new Expr.Lookup(register, "set" + number, negated),
            new Expr.MapLookup(register, "map" + number, other),
            new Expr.Nat(negated, 2, register, other),
            new Expr.Masquerade(flags))
        .allMatch(expr -> readBack(expr).equals(expr));
  }

  @Test
  void aTranslationToARangeIsNoneOfOurs() {
    MessageWriter writer = new MessageWriter(64);
    int element = writer.nest(1);
    writer.attrString(1, "nat");
    int data = writer.nest(2);
    writer.attrBe32(1, 1).attrBe32(2, 2).attrBe32(3, 1).attrBe32(4, 2);
    writer.endNest(data);
    writer.endNest(element);
    byte[] octets = writer.toArray();
    assertThat(Expr.decode(Attributes.of(octets, 0, 0, octets.length).get(1).orElseThrow()))
        .isInstanceOf(Expr.Unknown.class);
  }
}
