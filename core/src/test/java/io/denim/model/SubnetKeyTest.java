package io.denim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SubnetKeyTest {
  @Test
  void aKeyIsAddressAndLength() {
    assertThat(SubnetKey.parse("10.5.52.0-24"))
        .isEqualTo(SubnetKey.of(Cidr.parse("10.5.52.0/24")))
        .hasToString("10.5.52.0-24");
  }

  @Test
  void inDualStackBothSubnetsAreInTheKey() {
    assertThat(SubnetKey.parse("10.12.13.0-24&fd00:12:13::-56"))
        .isEqualTo(
            new SubnetKey(Cidr.parse("10.12.13.0/24"), Optional.of(Cidr.parse("fd00:12:13::/56"))))
        .hasToString("10.12.13.0-24&fd00:12:13::-56");
  }

  @Test
  void aWholeEtcdKeyIsReadByItsEnd() {
    assertThat(SubnetKey.parse("/coreos.com/network/subnets/10.5.52.0-24"))
        .hasToString("10.5.52.0-24");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10",
        "10.12.13.0",
        "10.12.13-24",
        "10.12.13.300-24",
        "10.12.13.0-24hi",
        "10.12.13.0-24\n",
        "10.12.13.0-32",
        "10.12.13.0-999",
        "&2001::-56",
        "10.12.13.0-24&:12:13:-56",
        "10.12.13.0-24&20011::-56",
        "10.12.13.0-24&2001-56",
        "10.12.13.0-24&2001::",
        "10.12.13.0-24&2001::-56hi",
        "10.12.13.0-24&2001::-128",
        "10.12.13.0-24&FD00::-56",
      })
  void whatFlannelRefusesIsRefused(String text) {
    assertThat(SubnetKey.tryParse(text)).isEmpty();
    assertThatThrownBy(() -> SubnetKey.parse(text))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("10.5.52.0-24");
  }

  @Property
  void whatIsWrittenIsReadBack(
      @ForAll int v4,
      @ForAll @IntRange(max = 31) int length,
      @ForAll long high,
      @ForAll long low,
      @ForAll @IntRange(max = 127) int length6) {
    SubnetKey key =
        new SubnetKey(
            Cidr.of(IpAddress.v4(v4), length),
            Optional.of(Cidr.of(IpAddress.v6(high, low), length6)));

    assertThat(SubnetKey.parse(key.toString())).isEqualTo(key);
  }
}
