package io.denim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  @Property
  boolean aPrefixHoldsItsFirstAndLastAddressAndNotTheNeighbours(
      @ForAll int bits, @ForAll @IntRange(min = 1, max = 32) int length) {
    Cidr cidr = Cidr.of(IpAddress.v4(bits), length);
    return cidr.contains(cidr.address())
        && cidr.contains(cidr.last())
        && !cidr.contains(cidr.last().plus(1))
        && !cidr.contains(cidr.address().plus(-1))
        && Cidr.parse(cidr.toString()).equals(cidr);
  }

  @Property
  boolean anIpv6PrefixHoldsItsFirstAndLastAddressAndNotTheNeighbours(
      @ForAll long high, @ForAll long low, @ForAll @IntRange(min = 1, max = 128) int length) {
    Cidr cidr = Cidr.of(IpAddress.v6(high, low), length);
    return cidr.contains(cidr.address())
        && cidr.contains(cidr.last())
        && !cidr.contains(cidr.last().plus(1))
        && !cidr.contains(cidr.address().plus(-1))
        && Cidr.parse(cidr.toString()).equals(cidr);
  }

  @Test
  void hostBitsAreDroppedByParseAndRefusedByStrict() {
    assertThat(Cidr.parse("10.244.3.7/16")).hasToString("10.244.0.0/16");
    assertThatThrownBy(() -> Cidr.strict("10.244.3.7/16"))
        .hasMessage("\"10.244.3.7/16\" has host bits set; allowed: 10.244.0.0/16");
  }

  @Test
  void aNetworkContainsItselfAndItsSubnetsButNotItsSupernet() {
    Cidr network = Cidr.parse("10.244.0.0/16");
    assertThat(network.contains(network)).isTrue();
    assertThat(network.contains(Cidr.parse("10.244.9.0/24"))).isTrue();
    assertThat(network.contains(Cidr.parse("10.244.0.0/15"))).isFalse();
    assertThat(network.contains(Cidr.parse("192.168.0.0/24"))).isFalse();
    assertThat(network.overlaps(Cidr.parse("10.0.0.0/8"))).isTrue();
    assertThat(network.contains(Cidr.parse("fd00::/16"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "/8", "a/8"})
  void whatIsNoPrefixIsRefused(String text) {
    assertThat(Cidr.tryParse(text)).isEmpty();
  }

  @Property
  boolean everyMacAddressIsReadBackFromItsText(@ForAll long random) {
    MacAddress mac = MacAddress.local(random);
    return MacAddress.parse(mac.toString()).equals(mac)
        && MacAddress.ofBytes(mac.bytes()).equals(mac);
  }
}
