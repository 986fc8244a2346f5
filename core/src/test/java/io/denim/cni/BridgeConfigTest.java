package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.net.InterfaceAddress;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BridgeConfigTest {
  private static final CniArgs ARGS = CniArgs.parse("IP=10.1.0.1;MAC=c6:d2:32:6f:8f:01");
  private static final String CNI_ARGS =
      "'args':{'cni':{'ips':['10.1.0.2'],'mac':'c6:d2:32:6f:8f:02','labels':[{'key':'a'}]}}";
  private static final String RUNTIME =
      "'runtimeConfig':{'ips':['10.1.0.3/24'],'mac':'c6:d2:32:6f:8f:03'}";

  @Test
  void nothingGivenIsNothingDecided() {
    BridgeConfig config = Configs.denim("");

    assertThat(config)
        .isEqualTo(
            new BridgeConfig(
                CniVersion.V1_0_0,
                "cbr0",
                BridgeConfig.DENIM,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Dns.NONE,
                RuntimeConfig.NONE,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void allKeysOfTheReferencePluginAreRead() {
    BridgeConfig config =
        Configs.bridge(
            "'bridge':'br7','isGateway':true,'isDefaultGateway':false,'forceAddress':true,"
                + "'ipMasq':true,'ipMasqBackend':'iptables','hairpinMode':false,'promiscMode':true,"
                + "'macspoofchk':true,'disableContainerInterface':false,'portIsolation':true,"
                + "'enabledad':true,'mtu':1400,'vlan':0,'preserveDefaultVlan':false,'vlanTrunk':[],"
                + "'dns':{'nameservers':['10.96.0.10'],'domain':'d','search':['s'],'options':['o']},"
                + "'ipam':{'type':'host-local','subnet':'10.1.0.0/24'}");

    assertThat(config.bridge()).contains("br7");
    assertThat(config.isGateway()).contains(true);
    assertThat(config.isDefaultGateway()).contains(false);
    assertThat(config.forceAddress()).contains(true);
    assertThat(config.ipMasq()).contains(true);
    assertThat(config.hairpinMode()).contains(false);
    assertThat(config.promiscMode()).contains(true);
    assertThat(config.macspoofchk()).contains(true);
    assertThat(config.disableContainerInterface()).contains(false);
    assertThat(config.portIsolation()).contains(true);
    assertThat(config.enabledad()).contains(true);
    assertThat(config.mtu()).isEqualTo(OptionalInt.of(1400));
    assertThat(config.dns())
        .isEqualTo(new Dns(List.of("10.96.0.10"), "d", List.of("s"), List.of("o")));
    assertThat(config.ipam()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "'isGateway':false,"})
  void aDefaultGatewayIsAGateway(String more) {
    assertThat(Configs.bridge(more + "'isDefaultGateway':true").isGateway()).contains(true);
  }

  @Test
  void mtuZeroIsAsIfNotGiven() {
    assertThat(Configs.bridge("'mtu':0").mtu()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"'ipam':{}", "'ipam':{'type':''}", "'ipam':{'subnet':'10.1.0.0/24'}"})
  void ipamWithoutATypeIsNone(String ipam) {
    assertThat(Configs.bridge(ipam).ipam()).isEmpty();
  }

  @Test
  void theRuntimesHardwareAddressWinsThenArgsThenTheEnvironment() {
    assertThat(Configs.bridge(CNI_ARGS + "," + RUNTIME).requestedMac(ARGS))
        .contains(MacAddress.parse("c6:d2:32:6f:8f:03"));
    assertThat(Configs.bridge(CNI_ARGS).requestedMac(ARGS))
        .contains(MacAddress.parse("c6:d2:32:6f:8f:02"));
    assertThat(Configs.bridge("").requestedMac(ARGS))
        .contains(MacAddress.parse("c6:d2:32:6f:8f:01"));
    assertThat(Configs.bridge("").requestedMac(CniArgs.NONE)).isEmpty();
  }

  @Test
  void allRequestsForAddressesAreOne() {
    assertThat(Configs.bridge(CNI_ARGS + "," + RUNTIME).requestedIps(ARGS))
        .containsExactly(
            InterfaceAddress.parse("10.1.0.1/32"),
            InterfaceAddress.parse("10.1.0.2/32"),
            InterfaceAddress.parse("10.1.0.3/24"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'isGateway':'true' | isGateway 'true'; allowed is true or false, without quotes",
        "'hairpinMode':1 | hairpinMode 1; allowed is true or false, without quotes",
        "'mtu':'1500' | mtu '1500'; allowed is a whole number from 0 to 65535, without quotes",
        "'mtu':65536 | mtu 65536; allowed is a whole number from 0 to 65535, without quotes",
        "'mtu':-1 | mtu -1; allowed is a whole number from 0 to 65535, without quotes",
        "'mtu':1500.0 | mtu 1500.0; allowed is a whole number from 0 to 65535, without quotes",
        "'mtu':99999999999999999999 | mtu 99999999999999999999; allowed is a whole number",
        "'mtu':67 | mtu 67: is too small; allowed is 68 to 65535",
        "'bridge':'a/b' | bridge 'a/b'; allowed is 1 to 15 octets without /,",
        "'bridge':['a'] | bridge ['a']; allowed is 1 to 15 octets without",
        "'ipMasqBackend':'ebtables' | ipMasqBackend 'ebtables'; allowed is iptables or nftables",
        "'promiscMode':true,'hairpinMode':true | promiscMode true: hairpinMode is true too; a",
        "'disableContainerInterface':true,'ipam':{'type':'host-local','subnet':'10.1.0.0/24'} |"
            + " disableContainerInterface true: an interface that stays down can have no ipam",
        "'vlan':4095 | vlan 4095; allowed is a whole number from 0 to 4094, without quotes",
        "'vlanTrunk':{} | vlanTrunk {}; allowed is a list […]",
        "'dns':[] | dns []; allowed is an object {…}",
        "'dns':{'nameservers':[7]} | dns.nameservers[0] 7; allowed is a text in quotes",
        "'args':7 | args 7; allowed is an object {…}",
        "'args':{'cni':[]} | args.cni []; allowed is an object {…}",
        "'args':{'cni':{'mac':'x'}} | args.cni.mac 'x'; allowed is a hardware address",
        "'args':{'cni':{'ips':['x']}} | args.cni.ips[0] 'x'; allowed is an address with or without",
        "'ipam':'host-local' | ipam 'host-local'; allowed is an object {…}",
        "'runtimeConfig':true | runtimeConfig true; allowed is an object {…}",
        "'mtu':1400,'MTU':1400 | mtu stands in the network configuration twice, as mtu and as MTU",
      })
  void aWrongKeyIsNamed(String keys, String expected) {
    Configs.assertRefused(Configs.json("bridge", keys), 7, expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'vlan':7 | vlan 7 is not supported: Denim does not filter VLANs on its bridge; leave the",
        "'vlanTrunk':[{'id':7}] | vlanTrunk [{'id':7}] is not supported: Denim does not filter",
        "'preserveDefaultVlan':true | preserveDefaultVlan true is not supported: Denim does not",
      })
  void whatDenimDoesNotDoIsSaid(String keys, String expected) {
    Configs.assertRefused(Configs.json("bridge", keys), 2, expected);
  }
}
