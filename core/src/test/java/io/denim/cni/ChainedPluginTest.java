package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The plugins that work on what others have made. */
final class ChainedPluginTest {
  private static PluginConfig parse(String type, String keys) {
    return PluginConfig.parse(Configs.json(type, keys));
  }

  @Test
  void portmapMasqueradesWhereItMustUnlessToldOtherwise() {
    assertThat(parse("portmap", ""))
        .isEqualTo(
            new ChainedPortMap(
                CniVersion.V1_0_0,
                "cbr0",
                "portmap",
                true,
                List.of(),
                Optional.empty(),
                Optional.empty()));
    assertThat(parse("portmap", "'snat':false,'masqAll':false,'backend':'nftables'"))
        .isEqualTo(
            new ChainedPortMap(
                CniVersion.V1_0_0,
                "cbr0",
                "portmap",
                false,
                List.of(),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void portmapHasTheRuntimesMappings() {
    ChainedPortMap portMap =
        (ChainedPortMap)
            parse(
                "portmap",
                "'runtimeConfig':{'portMappings':[{'hostPort':80,'containerPort':8080}]},"
                    + "'conditionsV4':[]");

    assertThat(portMap.portMappings())
        .containsExactly(new PortMapping(80, 8080, PortMapping.Protocol.TCP, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'markMasqBit':13",
        "'masqAll':true",
        "'externalSetMarkChain':'KUBE-MARK-MASQ'",
        "'conditionsV4':['-d','10.0.0.0/8']",
        "'conditionsV6':['-d','fd00::/8']"
      })
  void whatBelongsToIptablesIsNotDone(String keys) {
    String key = keys.substring(1, keys.indexOf(':') - 1);

    Configs.assertRefused(Configs.json("portmap", keys), 2, key + " ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'snat':'no' | snat 'no'; allowed is true or false, without quotes",
        "'masqAll':0 | masqAll 0; allowed is true or false, without quotes",
        "'backend':'ipfw' | backend 'ipfw'; allowed is iptables or nftables",
        "'runtimeConfig':{'portMappings':[7]} | runtimeConfig.portMappings[0] 7; allowed is an",
      })
  void aWrongKeyOfPortmapIsNamed(String keys, String expected) {
    Configs.assertRefused(Configs.json("portmap", keys), 7, expected);
  }

  @Test
  void bandwidthTakesItsOwnKeysFirst() {
    String runtime = "'runtimeConfig':{'bandwidth':{'egressRate':8,'egressBurst':8}}";

    assertThat(((ChainedBandwidth) parse("bandwidth", runtime)).bandwidth())
        .contains(new Bandwidth(0, 0, 8, 8));
    assertThat(
            ((ChainedBandwidth) parse("bandwidth", "'ingressRate':1,'ingressBurst':2," + runtime))
                .bandwidth())
        .contains(new Bandwidth(1, 2, 0, 0));
    assertThat(((ChainedBandwidth) parse("bandwidth", "'ingressRate':0," + runtime)).bandwidth())
        .isEmpty();
  }

  @Test
  void aWrongKeyOfBandwidthIsNamed() {
    Configs.assertRefused(
        Configs.json("bandwidth", "'ingressRate':1"),
        7,
        "the network configuration: ingressRate is 1 and ingressBurst is 0; both must be set");
    Configs.assertRefused(
        Configs.json("bandwidth", "'shapedSubnets':['10.0.0.0/8']"),
        2,
        "shapedSubnets ['10.0.0.0/8'] is not supported: Denim limits all of a");
  }
}
