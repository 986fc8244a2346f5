package io.denim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @Property
  boolean everyIpv4AddressIsReadBackFromItsText(@ForAll int bits) {
    IpAddress address = IpAddress.v4(bits);
    return IpAddress.parse(address.toString()).equals(address)
        && IpAddress.ofBytes(address.bytes()).equals(address);
  }

  @Property
  boolean everyIpv6AddressIsReadBackFromItsText(@ForAll long high, @ForAll long low) {
    IpAddress address = IpAddress.v6(high, low);
    return IpAddress.parse(address.toString()).equals(address)
        && IpAddress.ofBytes(address.bytes()).equals(address);
  }

  @Property
  boolean theTextMeansTheSameToTheJdk(@ForAll long high, @ForAll long low) throws Exception {
    IpAddress address = IpAddress.v6(high, low);
    byte[] jdk = InetAddress.getByName(address.toString()).getAddress();
    return jdk.length == 4 || IpAddress.ofBytes(jdk).equals(address);
  }

  @Property
  boolean aStepAndItsInverseMeet(@ForAll long high, @ForAll long low, @ForAll long step) {
    IpAddress address = IpAddress.v6(high, low);
    return step == Long.MIN_VALUE || address.plus(step).plus(-step).equals(address);
  }

  @ParameterizedTest
  @CsvSource({
    "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "0:0:0:0:0:0:0:0, ::",
    "::1, ::1",
    "fd00:1::, fd00:1::",
    "FE80::A, fe80::a",
    "::ffff:10.1.2.3, ::ffff:10.1.2.3",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
  })
  void ipv6IsWrittenAsRfc5952Asks(String text, String canonical) {
    assertThat(IpAddress.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4 ",
        "1.2..4",
        ":",
        ":::",
        "1:2",
        "::1::",
        "1::2::3",
        "12345::",
        "g::",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "1.2.3.4::",
        "::1.2.3",
        "1:2:3:4:5:6:7:1.2.3.4",
        "fe80::1%eth0",
        "1:",
        ":1",
        "\u0661::"
      })
  void whatIsNoAddressIsRefusedByItsText(String text) {
    assertThat(IpAddress.tryParse(text)).isEmpty();
    assertThatThrownBy(() -> IpAddress.parse(text))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining("\"" + text + "\" is not an IP address");
  }

  @Test
  void oneOfIpv4IsMappedIntoIpv6AndOneOfIpv6IsItself() {
    assertThat(IpAddress.parse("192.0.2.1").mapped().bytes())
        .isEqualTo(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, (byte) 192, 0, 2, 1});
    assertThat(IpAddress.parse("fd00::1").mapped()).isEqualTo(IpAddress.parse("fd00::1"));
  }

  @Test
  void kindsAreTold() {
    assertThat(IpAddress.parse("169.254.1.1").isLinkLocal()).isTrue();
    assertThat(IpAddress.parse("fe80::1").isLinkLocal()).isTrue();
    assertThat(IpAddress.parse("fec0::1").isLinkLocal()).isFalse();
    assertThat(IpAddress.parse("127.0.0.1").isLoopback()).isTrue();
    assertThat(IpAddress.parse("::1").isLoopback()).isTrue();
    assertThat(IpAddress.parse("239.1.1.1").isMulticast()).isTrue();
    assertThat(IpAddress.parse("ff02::1").isMulticast()).isTrue();
  }

  @Test
  void theFirstAddressesOfSubnetsSpreadOverATable() {
    // Thrown at random, 4,096 would fill 3,223 of 8,192 places.
    for (int bits : new int[] {0, 6, 8, 12}) {
      long v4 =
          IntStream.range(0, 4096)
              .map(i -> place(IpAddress.v4(0x0a000000 + (i << bits))))
              .distinct()
              .count();
      long v6 =
          IntStream.range(0, 4096)
              .map(i -> place(IpAddress.v6(0xfd00_0010_0000_0000L + ((long) i << bits), 0)))
              .distinct()
              .count();
      assertThat(v4).isGreaterThan(2800);
      assertThat(v6).isGreaterThan(2800);
    }
  }

  /** As java.util.HashMap does it. */
  private static int place(IpAddress address) {
    int hash = address.hashCode();
    return (hash ^ hash >>> 16) & 8191;
  }
}
