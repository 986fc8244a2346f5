package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IpamConfigTest {
  private static IpamConfig ipam(String keys) {
    return Configs.bridge("'ipam':{'type':'host-local'," + keys + "}").ipam().orElseThrow();
  }

  private static Range range(String subnet) {
    return new Range(Cidr.parse(subnet), Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Test
  void theOldKeysAreOneRange() {
    IpamConfig ipam =
        ipam(
            "'subnet':'10.1.0.0/24','rangeStart':'10.1.0.10','rangeEnd':'10.1.0.20',"
                + "'gateway':'10.1.0.254','routes':[{'dst':'0.0.0.0/0'},"
                + "{'dst':'10.9.0.0/16','gw':'10.1.0.1'}],"
                + "'dataDir':'/var/lib/cni/x','resolvConf':'/etc/resolv.conf'");

    assertThat(ipam)
        .isEqualTo(
            new IpamConfig(
                List.of(
                    new RangeSet(
                        List.of(
                            new Range(
                                Cidr.parse("10.1.0.0/24"),
                                Optional.of(IpAddress.parse("10.1.0.10")),
                                Optional.of(IpAddress.parse("10.1.0.20")),
                                Optional.of(IpAddress.parse("10.1.0.254")))))),
                List.of(
                    new CniResult.Route(Cidr.ALL_V4, Optional.empty()),
                    new CniResult.Route(
                        Cidr.parse("10.9.0.0/16"), Optional.of(IpAddress.parse("10.1.0.1")))),
                Optional.of(Path.of("/var/lib/cni/x")),
                Optional.of(Path.of("/etc/resolv.conf"))));
  }

  @Test
  void theRuntimesRangesComeFirstThenTheOldKeysThenTheNew() {
    BridgeConfig config =
        Configs.bridge(
            "'ipam':{'type':'host-local','subnet':'10.1.0.0/24',"
                + "'ranges':[[{'subnet':'10.2.0.0/24'},{'subnet':'10.3.0.0/24'}]]},"
                + "'runtimeConfig':{'ipRanges':[[{'subnet':'fd00::/64'}]]}");

    assertThat(config.ipam().orElseThrow().ranges())
        .containsExactly(
            new RangeSet(List.of(range("fd00::/64"))),
            new RangeSet(List.of(range("10.1.0.0/24"))),
            new RangeSet(List.of(range("10.2.0.0/24"), range("10.3.0.0/24"))));
  }

  @Test
  void denimsOwnTypeMayHaveNoRanges() {
    assertThat(Configs.denim("'ipam':{'type':'host-local'}").ipam().orElseThrow().ranges())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.0.0/24, , , 10.1.0.1, 10.1.0.254, 10.1.0.1",
    "10.1.0.0/24, 10.1.0.0, 10.1.0.255, 10.1.0.1, 10.1.0.254, 10.1.0.1",
    "10.1.0.0/30, , , 10.1.0.1, 10.1.0.2, 10.1.0.1",
    "fd00::/64, , , fd00::1, fd00::ffff:ffff:ffff:ffff, fd00::1",
    "fd00::/64, fd00::10, fd00::20, fd00::10, fd00::20, fd00::1",
  })
  void aRangeIsDividedAsHostLocalDoes(
      String subnet, String start, String end, String first, String last, String gateway) {
    Range range =
        new Range(
            Cidr.parse(subnet),
            Optional.ofNullable(start).map(IpAddress::parse),
            Optional.ofNullable(end).map(IpAddress::parse),
            Optional.empty());

    assertThat(range.first()).isEqualTo(IpAddress.parse(first));
    assertThat(range.last()).isEqualTo(IpAddress.parse(last));
    assertThat(range.gatewayAddress()).isEqualTo(IpAddress.parse(gateway));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'type':'dhcp' | ipam.type 'dhcp'; allowed is host-local",
        "'type':'host-local' | ipam has no range to take addresses from; write ipam.ranges or",
        "'type':'host-local','ranges':[] | ipam has no range to take addresses from",
        "'type':'host-local','ranges':[[]] | ipam.ranges[0]: a set of ranges is not empty",
        "'type':'host-local','ranges':[{'subnet':'10.1.0.0/24'}] | ipam.ranges[0]"
            + " {'subnet':'10.1.0.0/24'}; allowed is a list […]",
        "'type':'host-local','ranges':[[{}]] | ipam.ranges[0][0] {}: subnet is missing; a prefix",
        "'type':'host-local','subnet':'10.1.0.0' | ipam.subnet '10.1.0.0'; allowed is a prefix such",
        "'type':'host-local','subnet':7 | ipam.subnet 7; allowed is a prefix such as 10.244.1.0/24, in quotes",
        "'type':'host-local','subnet':'10.1.0.7/24' | ipam.subnet '10.1.0.7/24': has host bits set;"
            + " allowed is 10.1.0.0/24",
        "'type':'host-local','subnet':'10.1.0.0/31' | ipam: subnet 10.1.0.0/31 is too small;"
            + " allowed is a length up to 30",
        "'type':'host-local','subnet':'10.1.0.0/32' | ipam: subnet 10.1.0.0/32 is too small",
        "'type':'host-local','subnet':'fd00::/127' | ipam: subnet fd00::/127 is too small; allowed",
        "'type':'host-local','subnet':'10.1.0.0/24','gateway':'10.2.0.1' | ipam: gateway 10.2.0.1"
            + " is not in the subnet 10.1.0.0/24",
        "'type':'host-local','subnet':'10.1.0.0/24','rangeStart':'fd00::1' | ipam: rangeStart"
            + " fd00::1 is not in the subnet 10.1.0.0/24",
        "'type':'host-local','ranges':[[{'subnet':'10.1.0.0/24','rangeEnd':'10.1.1.0'}]] |"
            + " ipam.ranges[0][0]: rangeEnd 10.1.1.0 is not in the subnet 10.1.0.0/24",
        "'type':'host-local','ranges':[[{'subnet':'10.1.0.0/24','rangeEnd':'x'}]] |"
            + " ipam.ranges[0][0].rangeEnd 'x'; allowed is an address of the subnet",
        "'type':'host-local','subnet':'10.1.0.0/24','rangeStart':'10.1.0.9','rangeEnd':'10.1.0.8' |"
            + " ipam: rangeStart and rangeEnd: the first address would be 10.1.0.9, the last",
        "'type':'host-local','ranges':[[{'subnet':'10.1.0.0/24'},{'subnet':'fd00::/64'}]] |"
            + " ipam.ranges[0]: 10.1.0.0/24 and fd00::/64 are of two families; write a set for",
        "'type':'host-local','ranges':[[{'subnet':'10.1.0.0/24'},{'subnet':'10.1.0.0/16'}]] |"
            + " ipam.ranges[0]: range 10.1.0.1-10.1.255.254 in 10.1.0.0/16 overlaps another of its",
        "'type':'host-local','subnet':'10.1.0.0/24','ranges':[[{'subnet':'10.1.0.0/24'}]] |"
            + " ipam has two sets of ranges that overlap; 10.1.0.1-10.1.0.254 in 10.1.0.0/24 is in",
        "'type':'host-local','subnet':'10.1.0.0/24','dataDir':'x' | ipam.dataDir 'x'; allowed is an"
            + " absolute path",
        "'type':'host-local','subnet':'10.1.0.0/24','resolvConf':'/a\\u0000' | ipam.resolvConf"
            + " '/a\\u0000'; allowed is an absolute path",
        "'type':'host-local','subnet':'10.1.0.0/24','routes':[{}] | ipam.routes[0] {}: dst is",
      })
  void aWrongKeyIsNamed(String keys, String expected) {
    Configs.assertRefused(Configs.json("bridge", "'ipam':{" + keys + "}"), 7, expected);
  }

  @Test
  void theRuntimesRangesAreNamedAsTheRuntimes() {
    Configs.assertRefused(
        Configs.json("bridge", "'runtimeConfig':{'ipRanges':[[{'subnet':'x'}]]}"),
        7,
        "runtimeConfig.ipRanges[0][0].subnet 'x'; allowed is a prefix such as 10.244.1.0/24");
  }

  @Test
  void theOldestVersionsHaveOneAddressOfAFamily() {
    String json =
        Configs.json(
                "bridge",
                "'ipam':{'type':'host-local','ranges':[[{'subnet':'10.1.0.0/24'}],"
                    + "[{'subnet':'10.2.0.0/24'}]]}")
            .replace("1.0.0", "0.2.0");

    Configs.assertRefused(
        json,
        7,
        "ipam gives several IPv4 addresses, which cniVersion 0.2.0 cannot say; write 0.3.0 or");
  }
}
