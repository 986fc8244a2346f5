package io.denim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FlannelConfigTest {
  private static final String VXLAN = "\"Backend\":{\"Type\":\"vxlan\"}";

  private static FlannelConfig read(String json) {
    return FlannelConfig.parse(json);
  }

  private static List<String> problems(String json) {
    return problems(json, SubnetOrigin.LEASES);
  }

  private static List<String> problems(String json, SubnetOrigin origin) {
    return catchThrowableOfType(
            InvalidConfigException.class, () -> FlannelConfig.parse(json, origin))
        .problems()
        .stream()
        .map(ConfigProblem::toString)
        .toList();
  }

  private static Backend.Vxlan vxlan(String keys) {
    return (Backend.Vxlan)
        read("{\"Network\":\"10.0.0.0/8\",\"Backend\":{\"Type\":\"vxlan\"" + keys + "}}").backend();
  }

  @Test
  void theShippedConfigurationHasFlannelsDefaults() {
    FlannelConfig config =
        read(
            """
            {
              "Network": "10.244.0.0/16",
              "EnableNFTables": false,
              "Backend": {
                "Type": "vxlan"
              }
            }
            """);

    assertThat(config)
        .isEqualTo(
            new FlannelConfig(
                true,
                false,
                false,
                Optional.of(
                    new FlannelNetwork(
                        Cidr.parse("10.244.0.0/16"),
                        24,
                        IpAddress.parse("10.244.1.0"),
                        IpAddress.parse("10.244.255.0"))),
                Optional.empty(),
                new Backend.Vxlan(1, 0, false, false, false, OptionalInt.empty()),
                List.of()));
    assertThat(((Backend.Vxlan) config.backend()).effectivePort()).isEqualTo(8472);
  }

  @ParameterizedTest
  @CsvSource({
    "10.3.0.0/16, 0, 24, 10.3.1.0, 10.3.255.0",
    "10.0.0.0/8, 0, 24, 10.0.1.0, 10.255.255.0",
    "10.0.0.0/22, 0, 24, 10.0.1.0, 10.0.3.0",
    "10.0.0.0/23, 0, 25, 10.0.0.128, 10.0.1.128",
    "10.0.0.0/28, 0, 30, 10.0.0.4, 10.0.0.12",
    "10.0.0.0/16, 20, 20, 10.0.16.0, 10.0.240.0",
    "10.244.3.7/16, 0, 24, 10.244.1.0, 10.244.255.0",
  })
  void aNetworkIsDividedAsFlannelDividesIt(
      String network, int given, int length, String min, String max) {
    FlannelNetwork v4 =
        read("{\"network\":\"" + network + "\",\"SubnetLen\":" + given + "," + VXLAN + "}")
            .ipv4()
            .orElseThrow();

    assertThat(v4)
        .isEqualTo(
            new FlannelNetwork(
                Cidr.parse(network), length, IpAddress.parse(min), IpAddress.parse(max)));
  }

  @ParameterizedTest
  @CsvSource({
    "fc00::/48, 64, fc00:0:0:1::, fc00:0:0:ffff::",
    "fd00::/62, 64, fd00:0:0:1::, fd00:0:0:3::",
    "fd00::/64, 66, fd00:0:0:0:4000::, fd00:0:0:0:c000::",
    "fd00::/124, 126, fd00::4, fd00::c",
  })
  void anIpv6NetworkIsDividedAsFlannelDividesIt(
      String network, int length, String min, String max) {
    FlannelNetwork v6 =
        read("{\"network\":\"10.0.0.0/8\",\"enableIPv6\":true,\"ipv6Network\":\""
                + network
                + "\","
                + VXLAN
                + "}")
            .ipv6()
            .orElseThrow();

    assertThat(v6)
        .isEqualTo(
            new FlannelNetwork(
                Cidr.parse(network), length, IpAddress.parse(min), IpAddress.parse(max)));
  }

  @Test
  void minAndMaxAreTaken() {
    FlannelNetwork v4 =
        read("{\"Network\":\"10.3.0.0/16\",\"SubnetMin\":\"10.3.1.0\",\"SubnetMax\":\"10.3.25.0\","
                + VXLAN
                + "}")
            .ipv4()
            .orElseThrow();

    assertThat(v4.first()).isEqualTo(Cidr.parse("10.3.1.0/24"));
    assertThat(v4.last()).isEqualTo(Cidr.parse("10.3.25.0/24"));
    assertThat(v4.allows(Cidr.parse("10.3.25.0/24"))).isTrue();
    assertThat(v4.allows(Cidr.parse("10.3.26.0/24"))).isFalse();
    assertThat(v4.allows(Cidr.parse("10.3.0.0/24"))).isFalse();
    assertThat(v4.allows(Cidr.parse("10.3.2.0/25"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"NETWORK\":\"10.0.0.0/8\",\"BACKEND\":{\"TYPE\":\"VXLAN\",\"directrouting\":true,\"vni\":7}}",
        "{\"network\":\"10.0.0.0/8\",\"backend\":{\"type\":\"VxLAN\",\"DirectRouting\":true,\"VNI\":7}}",
        "{\"nEtWoRk\":\"10.0.0.0/8\",\"Backend\":{\"Vni\":7,\"directRouting\":true,\"Type\":\"vxlan\"}}",
      })
  void keysMatchWhateverTheirCase(String json) {
    FlannelConfig config = read(json);

    assertThat(config.backend())
        .isEqualTo(new Backend.Vxlan(7, 0, false, false, true, OptionalInt.empty()));
    assertThat(config.warnings()).isEmpty();
  }

  @Test
  void ofTwoSpellingsTheLaterWins() {
    FlannelConfig config =
        read(
            "{\"Network\":\"10.1.0.0/16\",\"network\":\"10.2.0.0/16\",\"Network\":\"10.3.0.0/16\","
                + "\"NETWORK\":\"10.4.0.0/16\",\"Backend\":{\"Type\":\"host-gw\"},"
                + "\"backend\":{\"Type\":\"vxlan\",\"VNI\":2,\"vni\":3}}");

    assertThat(config.ipv4().orElseThrow().network()).isEqualTo(Cidr.parse("10.4.0.0/16"));
    assertThat(((Backend.Vxlan) config.backend()).vni()).isEqualTo(3);
  }

  @Test
  void nullLeavesNumbersAndBooleansAsTheyWere() {
    FlannelConfig config =
        read(
            "{\"Network\":\"10.0.0.0/8\",\"EnableIPv4\":null,\"SubnetLen\":20,\"subnetlen\":null,"
                + "\"Backend\":{\"Type\":\"vxlan\",\"VNI\":null,\"Learning\":true,\"learning\":null}}");

    assertThat(config.enableIpv4()).isTrue();
    assertThat(config.ipv4().orElseThrow().subnetLength()).isEqualTo(20);
    assertThat(config.backend())
        .isEqualTo(new Backend.Vxlan(1, 0, false, true, false, OptionalInt.empty()));
  }

  @Test
  void nullForAnAddressIsAnError() {
    assertThat(problems("{\"Network\":null," + VXLAN + "}"))
        .singleElement()
        .asString()
        .startsWith("Network null: is null; allowed is a text in quotes");
  }

  @Test
  void theWholeAddressSpaceCountsAsNotGiven() {
    FlannelConfig k3s =
        read(
            "{\"Network\":\"10.42.0.0/16\",\"EnableIPv6\":false,\"EnableIPv4\":true,"
                + "\"IPv6Network\":\"::/0\",\"SubnetMin\":\"0.0.0.0\","
                + VXLAN
                + "}");

    assertThat(k3s.ipv6()).isEmpty();
    assertThat(k3s.warnings()).isEmpty();
    assertThat(problems("{\"Network\":\"0.0.0.0/0\"," + VXLAN + "}"))
        .containsExactly("Network: is required while IPv4 is on, such as \"10.244.0.0/16\"");
  }

  @Test
  void everyKeyOfVxlanIsRead() {
    assertThat(
            vxlan(
                ",\"VNI\":16777215,\"Port\":4789,\"GBP\":true,\"Learning\":true,"
                    + "\"DirectRouting\":true,\"MTU\":1400,\"MacPrefix\":\"0E-2A\",\"Name\":\"x\""))
        .isEqualTo(new Backend.Vxlan(16777215, 4789, true, true, true, OptionalInt.of(1400)));
    assertThat(vxlan(",\"MTU\":0").mtu()).isEmpty();
  }

  @Test
  void hostGwAndAllocAreRead() {
    assertThat(read("{\"Network\":\"10.0.0.0/8\",\"Backend\":{\"Type\":\"host-gw\"}}").backend())
        .isEqualTo(new Backend.HostGw());
    assertThat(read("{\"Network\":\"10.0.0.0/8\",\"Backend\":{\"Type\":\"Alloc\"}}").backend())
        .isEqualTo(new Backend.Alloc());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"SubnetLen\":\"24\" | SubnetLen \"24\": is a text; allowed is a whole number",
        "\"SubnetLen\":24.0 | SubnetLen 24.0: allowed is a whole number",
        "\"SubnetLen\":-1 | SubnetLen -1: allowed is a whole number",
        "\"SubnetLen\":99999999999999999999 | SubnetLen 99999999999999999999: allowed is a whole",
        "\"SubnetLen\":31 | SubnetLen 31: allowed is 18 to 30: 10.3.0.0/16 must hold at least four",
        "\"SubnetLen\":17 | SubnetLen 17: allowed is 18 to 30",
        "\"EnableIPv6\":\"true\" | EnableIPv6 \"true\": is a text; allowed is true or false",
        "\"EnableIPv6\":1 | EnableIPv6 1: is a number; allowed is true or false",
        "\"SubnetMin\":\"10.4.0.0\" | SubnetMin 10.4.0.0: must lie in 10.3.0.0/16",
        "\"SubnetMin\":\"10.3.1.7\" | SubnetMin 10.3.1.7: must be the first address of a subnet",
        "\"SubnetMax\":\"10.3.0.0\" | SubnetMin 10.3.1.0: must not be above SubnetMax 10.3.0.0",
        "\"SubnetMin\":\"fd00::\" | SubnetMin \"fd00::\": must be an IPv4 address",
        "\"EnableIPv6\":true | IPv6Network: is required while IPv6 is on, such as",
        "\"EnableIPv4\":false | EnableIPv4 false: one of EnableIPv4 and EnableIPv6 must be true",
        "\"IPv6Network\":7 | IPv6Network 7: is a number; allowed is a text in quotes",
      })
  void whatIsWrongAtTheTopIsNamed(String key, String expected) {
    assertThat(problems("{\"Network\":\"10.3.0.0/16\"," + key + "," + VXLAN + "}"))
        .singleElement()
        .asString()
        .startsWith(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"VNI\":16777216 | Backend.VNI 16777216: allowed is a whole number from 0 to 16777215",
        "\"VNI\":-1 | Backend.VNI -1: allowed is a whole number from 0 to 16777215",
        "\"vni\":\"1\" | Backend.VNI \"1\": is a text; allowed is a whole number",
        "\"Port\":65536 | Backend.Port 65536: allowed is a whole number from 0 to 65535",
        "\"MTU\":117 | Backend.MTU 117: allowed is 0 (the MTU of the external interface) or 118",
        "\"MTU\":65536 | Backend.MTU 65536: allowed is a whole number from 0 to 65535",
        "\"GBP\":\"yes\" | Backend.GBP \"yes\": is a text; allowed is true or false",
      })
  void whatIsWrongInTheBackendIsNamed(String key, String expected) {
    assertThat(
            problems("{\"Network\":\"10.3.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"," + key + "}}"))
        .singleElement()
        .asString()
        .startsWith(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "udp | not there yet in this version of Denim: udp; use vxlan, host-gw",
        "ipip | not there yet in this version of Denim: ipip",
        "wireguard | not there yet in this version of Denim: wireguard",
        "ipsec | needs strongSwan's charon as a child process",
        "extension | runs the commands that the configuration names",
        "aws-vpc | writes the route table of a cloud",
        "gce | writes the route table of a cloud",
        "ali-vpc | writes the route table of a cloud",
        "tencent-vpc | writes the route table of a cloud",
        "vxlann | is no type of backend; did you mean \"vxlan\"?; allowed are",
        "hostgw | is no type of backend; did you mean \"host-gw\"?; allowed are",
      })
  void aTypeThatCannotBeUsedIsRefusedWithTheReason(String type, String expected) {
    assertThat(problems("{\"Network\":\"10.3.0.0/16\",\"Backend\":{\"Type\":\"" + type + "\"}}"))
        .singleElement()
        .asString()
        .startsWith("Backend.Type \"" + type + "\": " + expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"Type\":\"\"}", "{\"Type\":null}", "null"})
  void anEmptyTypeIsAnErrorAndNotUdp(String backend) {
    assertThat(problems("{\"Network\":\"10.3.0.0/16\",\"Backend\":" + backend + "}"))
        .singleElement()
        .asString()
        .startsWith("Backend.Type: is missing");
  }

  @Test
  void anAbsentBackendMeansUdpWhichIsSaid() {
    assertThat(problems("{\"Network\":\"10.3.0.0/16\"}"))
        .singleElement()
        .asString()
        .startsWith("Backend: is not given, which for flannel means the type udp");
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    assertThat(
            problems(
                "{\"Network\":\"10.3.0.0\",\"SubnetLen\":\"x\",\"Backend\":{\"Type\":\"vxlan\","
                    + "\"VNI\":-1,\"Port\":true}}"))
        .hasSize(4);
  }

  @Test
  void unknownKeysAreIgnoredWithAWarning() {
    FlannelConfig config =
        read(
            "{\"Network\":\"10.3.0.0/16\",\"SubnetLenght\":24,\"DirectRouting\":true,\"Zebra\":1,"
                + "\"Backend\":{\"Type\":\"vxlan\",\"DirectRoutng\":true,\"ListenPort\":1}}");

    assertThat(config.warnings())
        .containsExactly(
            "key \"SubnetLenght\" is ignored: there is no such key; did you mean \"SubnetLen\"?",
            "key \"DirectRouting\" is ignored: there is no such key; \"DirectRouting\" belongs"
                + " inside \"Backend\"",
            "key \"Zebra\" is ignored: there is no such key",
            "key \"DirectRoutng\" in Backend is ignored: vxlan has no such key; did you mean"
                + " \"DirectRouting\"?",
            "key \"ListenPort\" in Backend is ignored: vxlan has no such key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | document []: must be one JSON object",
        "'' | document (empty): must be one JSON object",
        "{\"Network\":1} x | line 1, column",
        "{\"Network\" | line 1, column",
        "{'Network':1} | line 1, column",
        "{\"a\":01} | line 1, column",
        "{\"a\":1,} | line 1, column",
        "{\"a\":\"\\q\"} | line 1, column",
        "{} {} | line 1, column",
      })
  void whatIsNoJsonIsRefusedWithItsPlace(String json, String expected) {
    assertThat(problems(json)).singleElement().asString().startsWith(expected);
  }

  @Test
  void underKubernetesTheKeysAboutSubnetsAreNotChecked() {
    FlannelConfig config =
        FlannelConfig.parse(
            "{\"Network\":\"10.3.0.0/31\",\"SubnetLen\":99,\"SubnetMin\":\"1.2.3.4\","
                + VXLAN
                + "}",
            SubnetOrigin.POD_CIDR);

    assertThat(config.ipv4().orElseThrow().network()).isEqualTo(Cidr.parse("10.3.0.0/31"));
    assertThat(config.warnings())
        .containsExactly(
            "SubnetLen, SubnetMin and SubnetMax are not used: Kubernetes divides the network");
  }

  @Test
  void underKubernetesAMissingNetworkIsAWarning() {
    FlannelConfig config = FlannelConfig.parse("{" + VXLAN + "}", SubnetOrigin.POD_CIDR);

    assertThat(config.ipv4().orElseThrow().network()).isEqualTo(Cidr.ALL_V4);
    assertThat(config.warnings()).singleElement().asString().startsWith("Network is not given");
  }

  @Test
  void dualStackWithALowMtuIsWarnedOf() {
    FlannelConfig config =
        read(
            "{\"Network\":\"10.0.0.0/8\",\"EnableIPv6\":true,\"IPv6Network\":\"fd00::/48\","
                + "\"Backend\":{\"Type\":\"vxlan\",\"MTU\":1300}}");

    assertThat(config.warnings()).singleElement().asString().contains("allow at least 1350");
  }
}
