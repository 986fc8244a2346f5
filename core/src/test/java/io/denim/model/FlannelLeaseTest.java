package io.denim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FlannelLeaseTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"PublicIP\":\"192.168.64.3\",\"PublicIPv6\":null,\"BackendType\":\"vxlan\",\"BackendData\":{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}}",
        "{\"PublicIP\":\"192.168.64.3\",\"PublicIPv6\":\"fd00::3\",\"BackendType\":\"vxlan\",\"BackendData\":{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"},\"BackendV6Data\":{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:45\"}}",
        "{\"PublicIP\":\"1.2.3.4\",\"PublicIPv6\":null,\"BackendType\":\"vxlan\",\"BackendData\":{\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}}",
        "{\"PublicIP\":\"1.2.3.4\",\"PublicIPv6\":null,\"BackendType\":\"host-gw\"}",
        "{\"PublicIP\":\"1.2.3.4\",\"PublicIPv6\":null,\"BackendType\":\"ipip\"}",
        "{\"PublicIP\":\"1.2.3.4\",\"PublicIPv6\":null}",
        "{\"PublicIP\":\"1.2.3.4\",\"PublicIPv6\":null,\"BackendType\":\"wireguard\",\"BackendData\":{\"PublicKey\":\"a+/=\",\"Port\":51820}}",
        "{\"PublicIP\":\"1.2.3.4\",\"PublicIPv6\":null,\"BackendType\":\"extension\",\"BackendData\":\"some \\\"output\\\"\"}",
        "{\"PublicIP\":\"0.0.0.0\",\"PublicIPv6\":\"fd00::3\",\"BackendType\":\"vxlan\",\"BackendV6Data\":{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:45\"}}",
      })
  void whatFlanneldWritesIsWrittenByteForByte(String value) {
    assertThat(FlannelLease.parse(value).format()).isEqualTo(value);
  }

  @Test
  void aVxlanLeaseIsUnderstood() {
    FlannelLease lease =
        FlannelLease.parse(
            "{\"publicip\":\"192.168.64.3\",\"BackendType\":\"vxlan\",\"backenddata\":"
                + " {\"vni\": 5, \"vtepMac\":\"C6-D2-32-6F-8F-44\"}, \"Extra\":[1,{}]}");

    assertThat(lease.publicAddress(Family.IPV4)).contains(IpAddress.parse("192.168.64.3"));
    assertThat(lease.publicAddress(Family.IPV6)).isEmpty();
    assertThat(lease.data(Family.IPV4))
        .contains(new BackendData.Vxlan(OptionalInt.of(5), MacAddress.parse("c6:d2:32:6f:8f:44")));
  }

  @Test
  void aNodeWithoutIpv4HasNoPublicAddressThere() {
    FlannelLease lease = FlannelLease.parse("{\"PublicIPv6\":\"fd00::3\"}");

    assertThat(lease.publicIp()).isEqualTo(IpAddress.ANY_V4);
    assertThat(lease.publicAddress(Family.IPV4)).isEmpty();
    assertThat(lease.publicAddress(Family.IPV6)).contains(IpAddress.parse("fd00::3"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"PublicIP\":\"fd00::1\"} | PublicIP \"fd00::1\": must be an IPv4 address",
        "{\"PublicIP\":7} | PublicIP 7: is a number",
        "{\"PublicIPv6\":\"1.2.3.4\"} | PublicIPv6 \"1.2.3.4\": must be an IPv6 address",
        "{\"BackendType\":\"vxlan\",\"BackendData\":7} | BackendData.document 7: must be one JSON",
        "{\"BackendType\":\"vxlan\",\"BackendData\":{}} | BackendData.VtepMAC \"\": must be a MAC",
        "{\"BackendType\":\"vxlan\",\"BackendV6Data\":{\"VNI\":-1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}} | BackendV6Data.VNI -1",
      })
  void whatIsWrongIsNamed(String value, String expected) {
    assertThat(catchThrowableOfType(InvalidConfigException.class, () -> FlannelLease.parse(value)))
        .hasMessageStartingWith(expected);
  }

  @Property
  void whatIsWrittenIsReadBack(
      @ForAll int v4,
      @ForAll long high,
      @ForAll @IntRange(max = Backend.Vxlan.MAX_VNI) int vni,
      @ForAll long mac) {
    FlannelLease lease =
        new FlannelLease(
            IpAddress.v4(v4),
            Optional.of(IpAddress.v6(high, 1)),
            "vxlan",
            Optional.of(new BackendData.Vxlan(OptionalInt.of(vni), MacAddress.local(mac))),
            Optional.of(new BackendData.Vxlan(OptionalInt.empty(), MacAddress.local(~mac))));

    assertThat(FlannelLease.parse(lease.format())).isEqualTo(lease);
  }

  @Property
  void aTypeOfAnyLettersIsQuoted(@ForAll @StringLength(max = 20) String type) {
    FlannelLease lease =
        new FlannelLease(
            IpAddress.v4(1), Optional.empty(), "x" + type, Optional.empty(), Optional.empty());

    assertThat(FlannelLease.parse(lease.format())).isEqualTo(lease);
  }
}
