package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.model.SubnetEnv;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FlannelPluginTest {
  private static final SubnetEnv ENV =
      SubnetEnv.parse(
          """
          FLANNEL_NETWORK=10.244.0.0/16
          FLANNEL_SUBNET=10.244.1.1/24
          FLANNEL_MTU=1450
          FLANNEL_IPMASQ=true
          """);
  private static final SubnetEnv DUAL =
      SubnetEnv.parse(
          """
          FLANNEL_NETWORK=10.42.0.0/16
          FLANNEL_SUBNET=10.42.0.1/24
          FLANNEL_IPV6_NETWORK=2001:cafe:42::/56
          FLANNEL_IPV6_SUBNET=2001:cafe:42::1/64
          FLANNEL_MTU=1450
          FLANNEL_IPMASQ=false
          """);
  private static final SubnetEnv NONE =
      new SubnetEnv(Optional.empty(), Optional.empty(), 1450, true);

  private static FlannelPlugin flannel(String keys) {
    return (FlannelPlugin) PluginConfig.parse(Configs.json("flannel", keys));
  }

  @Test
  void theManifestsConfigurationIsWrittenByteForByte() {
    FlannelPlugin plugin =
        (FlannelPlugin)
            PluginConfig.parse(
                """
                {"cniVersion":"0.3.1","name":"cbr0","type":"flannel",
                 "delegate":{"hairpinMode":true,"isDefaultGateway":true}}\
                """);

    assertThat(plugin.delegateJson(ENV))
        .isEqualTo(
            """
            {"cniVersion":"0.3.1","hairpinMode":true,"ipMasq":false,\
            "ipam":{"ranges":[[{"subnet":"10.244.1.0/24"}]],"routes":[{"dst":"10.244.0.0/16"}],\
            "type":"host-local"},"isDefaultGateway":true,"isGateway":true,"mtu":1450,\
            "name":"cbr0","type":"bridge"}\
            """);
  }

  @Test
  void bothFamiliesComeInOrderAfterTheUsersRoutes() {
    FlannelPlugin plugin =
        flannel(
            "'ipam':{'routes':[{'gw':'10.42.0.9','mtu':1400,'dst':'10.9.1.1/16','priority':0}],"
                + "'ranges':[[{'subnet':'10.9.0.0/24'}]],'dataDir':'/d'},"
                + "'runtimeConfig':{'portMappings':[{'hostPort':80,'containerPort':8080}]}");

    assertThat(plugin.delegateJson(DUAL))
        .isEqualTo(
            """
            {"cniVersion":"1.0.0","ipMasq":true,"ipam":{"dataDir":"/d",\
            "ranges":[[{"subnet":"10.42.0.0/24"}],[{"subnet":"2001:cafe:42::/64"}]],\
            "routes":[{"dst":"10.9.1.1/16","gw":"10.42.0.9","mtu":1400},\
            {"dst":"10.42.0.0/16"},{"dst":"2001:cafe:42::/56"}],"type":"host-local"},\
            "isGateway":true,"mtu":1450,"name":"cbr0","runtimeConfig":{"portMappings":\
            [{"containerPort":8080,"hostPort":80}]},"type":"bridge"}\
            """);
  }

  @Test
  void theUsersKeysWinButForFlannelsOwn() {
    FlannelPlugin plugin =
        flannel(
            "'delegate':{'mtu':1400,'ipMasq':true,'isGateway':false,'bridge':'br7',"
                + "'runtimeConfig':{'mac':'c6:d2:32:6f:8f:44'},'cniVersion':'0.1.0','z':1e21},"
                + "'runtimeConfig':{}");

    assertThat(plugin.delegateJson(ENV))
        .isEqualTo(
            """
            {"bridge":"br7","cniVersion":"1.0.0","ipMasq":true,\
            "ipam":{"ranges":[[{"subnet":"10.244.1.0/24"}]],"routes":[{"dst":"10.244.0.0/16"}],\
            "type":"host-local"},"isGateway":false,"mtu":1400,"name":"cbr0","runtimeConfig":{},\
            "type":"bridge","z":1e+21}\
            """);
  }

  @Test
  void aVersionThatIsNotGivenIsNotWritten() {
    FlannelPlugin plugin =
        (FlannelPlugin) PluginConfig.parse("{\"name\":\"cbr0\",\"type\":\"flannel\"}");

    assertThat(plugin.delegateJson(ENV)).startsWith("{\"ipMasq\":false,\"ipam\":");
    assertThat(plugin.delegate(ENV).version()).isEqualTo(CniVersion.V0_1_0);
  }

  @Test
  void theBridgeIsWhatItsTextSays() {
    FlannelPlugin plugin =
        flannel(
            "'delegate':{'hairpinMode':true,'isDefaultGateway':true},"
                + "'prevResult':{'ips':[{'address':'10.1.0.2/24'}]},"
                + "'args':{'cni':{'ips':['10.244.1.9']}},"
                + "'runtimeConfig':{'ips':['10.244.1.7']}");

    BridgeConfig bridge = plugin.delegate(ENV);

    assertThat(bridge).isEqualTo(PluginConfig.parse(plugin.delegateJson(ENV)));
    assertThat(bridge.type()).isEqualTo("bridge");
    assertThat(bridge.hairpinMode()).contains(true);
    assertThat(bridge.isDefaultGateway()).contains(true);
    assertThat(bridge.mtu()).isEqualTo(OptionalInt.of(1450));
    assertThat(bridge.requestedIps(CniArgs.NONE))
        .containsExactly(InterfaceAddress.parse("10.244.1.7/32"));
    assertThat(bridge.previous()).isEmpty();
    assertThat(bridge.ipam().orElseThrow().ranges().getFirst().ranges().getFirst().subnet())
        .isEqualTo(Cidr.parse("10.244.1.0/24"));
  }

  @Test
  void filesAreWhereFlannelHasThem() {
    assertThat(flannel("").subnetFile()).isEqualTo(Path.of("/run/flannel/subnet.env"));
    assertThat(flannel("").dataDir()).isEqualTo(Path.of("/var/lib/cni/flannel"));
    assertThat(flannel("'subnetFile':'/a','dataDir':'/b'"))
        .satisfies(plugin -> assertThat(plugin.subnetFile()).isEqualTo(Path.of("/a")))
        .satisfies(plugin -> assertThat(plugin.dataDir()).isEqualTo(Path.of("/b")));
  }

  @Test
  void aNodeWithoutASubnetIsToBeTriedAgain() {
    CniException error = catchThrowableOfType(CniException.class, () -> flannel("").delegate(NONE));

    assertThat(error)
        .hasMessage(
            "/run/flannel/subnet.env is missing FLANNEL_NETWORK, FLANNEL_IPV6_NETWORK,"
                + " FLANNEL_SUBNET, FLANNEL_IPV6_SUBNET");
    assertThat(error.code()).isEqualTo(CniException.Code.TRY_AGAIN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'delegate':{'name':'x'} | 'delegate' dictionary must not have 'name' field, it'll be set by",
        "'delegate':{'ipam':{}} | 'delegate' dictionary must not have 'ipam' field, it'll be set by",
        "'delegate':{'type':7} | 'delegate' dictionary, if present, must have (string) 'type' field",
        "'delegate':{'type':null} | 'delegate' dictionary, if present, must have (string) 'type'",
      })
  void flannelsOwnRefusalsHaveItsWords(String keys, String expected) {
    CniException error = catchThrowableOfType(CniException.class, () -> flannel(keys));

    assertThat(error).hasMessageStartingWith(expected);
    assertThat(error.code().number()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'delegate':{'type':'ipvlan'} | delegate.type 'ipvlan'; allowed is bridge",
        "'delegate':[] | delegate []; allowed is an object {…}",
        "'delegate':{'x':1e999} | delegate.x ",
        "'ipam':[] | ipam []; allowed is an object {…}",
        "'runtimeConfig':7 | runtimeConfig 7; allowed is an object {…}",
        "'subnetFile':'a' | subnetFile 'a'; allowed is an absolute path",
        "'dataDir':7 | dataDir 7; allowed is an absolute path, in quotes",
      })
  void aWrongKeyIsNamed(String keys, String expected) {
    Configs.assertRefused(Configs.json("flannel", keys), 7, expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'delegate':{'hairpinMode':7} | 7 | delegate.hairpinMode 7; allowed is true or false",
        "'delegate':{'vlan':7} | 2 | delegate.vlan 7 is not supported",
        "'ipam':{'type':'dhcp'} | 7 | ipam.type 'dhcp'; allowed is host-local",
        "'ipam':{'routes':[7]} | 7 | ipam.routes[0] 7; allowed is an object {…}",
        "'runtimeConfig':{'mac':'x'} | 7 | runtimeConfig.mac 'x'; allowed is a hardware address",
      })
  void aWrongKeyOfTheBridgeIsNamedWhereTheUserWroteIt(String keys, int code, String expected) {
    CniException error =
        catchThrowableOfType(CniException.class, () -> flannel(keys).delegate(ENV));

    assertThat(error).hasMessageStartingWith(expected.replace('\'', '"'));
    assertThat(error.code().number()).isEqualTo(code);
  }
}
