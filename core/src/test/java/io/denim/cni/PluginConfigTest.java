package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all configurations have in common. */
final class PluginConfigTest {
  private static final String IDENTIFIER =
      "letters, digits, _ . and -, beginning with a letter or a digit, at most 239 characters";

  @ParameterizedTest
  @CsvSource({
    "denim-cni, io.denim.cni.BridgeConfig",
    "bridge, io.denim.cni.BridgeConfig",
    "flannel, io.denim.cni.FlannelPlugin",
    "portmap, io.denim.cni.ChainedPortMap",
    "bandwidth, io.denim.cni.ChainedBandwidth",
    "loopback, io.denim.cni.LoopbackPlugin",
  })
  void aTypeHasItsConfiguration(String type, Class<?> kind) {
    PluginConfig config =
        PluginConfig.parse(
            Configs.json(
                type, "'prevResult':{'ips':[{'address':'10.1.0.2/24'}]},'extra':[1,{'a':null}]"));

    assertThat(config).isInstanceOf(kind);
    assertThat(config.version()).isEqualTo(CniVersion.V1_0_0);
    assertThat(config.name()).isEqualTo("cbr0");
    assertThat(config.type()).isEqualTo(type);
    assertThat(config.previous().orElseThrow().ips()).hasSize(1);
    assertThat(config.validAttachments()).isEmpty();
  }

  @Test
  void aMissingVersionIsTheOldest() {
    PluginConfig config = PluginConfig.parse("{\"name\":\"n\",\"type\":\"loopback\"}");

    assertThat(config.version()).isEqualTo(CniVersion.V0_1_0);
  }

  @Test
  void keysMatchWhateverTheirCaseAsInGo() {
    PluginConfig config =
        PluginConfig.parse(
            "{\"CNIVERSION\":\"1.1.0\",\"Name\":\"n\",\"TYPE\":\"bridge\",\"hairpinmode\":true}");

    assertThat(config.version()).isEqualTo(CniVersion.V1_1_0);
    assertThat(((BridgeConfig) config).hairpinMode()).contains(true);
  }

  @Test
  void nullIsAsIfTheKeyWereNotThere() {
    assertThat(
            Configs.bridge("'mtu':null,'ipam':null,'args':null,'prevResult':null,'vlanTrunk':null"))
        .isEqualTo(Configs.bridge(""));
  }

  @Test
  void theHeaderIsReadWhateverElseIsWrong() {
    assertThat(PluginConfig.Header.parse(Configs.json("bridge", "'mtu':'x'")))
        .isEqualTo(new PluginConfig.Header(CniVersion.V1_0_0, "cbr0", "bridge"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cni.dev/valid-attachments", "cni.dev/attachments"})
  void gcIsToldWhatToKeepByEitherKey(String key) {
    PluginConfig config =
        PluginConfig.parse(
            Configs.json("loopback", "'" + key + "':[{'containerID':'c1','ifname':'eth0'}]"));

    assertThat(config.validAttachments().orElseThrow())
        .containsExactly(new Attachment("c1", "eth0"));
  }

  @Test
  void ofBothKeysTheNewerCounts() {
    PluginConfig config =
        Configs.bridge(
            "'cni.dev/attachments':[{'containerID':'old','ifname':'eth0'}],"
                + "'cni.dev/valid-attachments':[{'containerID':'new','ifname':'eth0'}]");

    assertThat(config.validAttachments().orElseThrow())
        .containsExactly(new Attachment("new", "eth0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]"})
  void gcMayBeToldToKeepNothing(String list) {
    assertThat(
            Configs.bridge("'cni.dev/valid-attachments':" + list).validAttachments().orElseThrow())
        .isEmpty();
  }

  @Test
  void withoutAListNothingIsSaidOfWhatToKeep() {
    assertThat(Configs.bridge("").validAttachments()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'bridge'} | name is missing; allowed is " + IDENTIFIER,
        "{'type':'bridge','name':''} | name is missing; allowed is " + IDENTIFIER,
        "{'type':'bridge','name':7} | name 7; allowed is letters, digits",
        "{'type':'bridge','name':'../x'} | name '../x'; allowed is " + IDENTIFIER,
        "{'name':'n'} | type is missing; allowed is denim-cni, bridge, flannel, portmap, bandwidth,",
        "{'name':'n','type':'ipvlan'} | type 'ipvlan'; allowed is denim-cni, bridge, flannel,",
        "{'name':'n','type':'bridge','NAME':'m'} | name stands in the network configuration twice,"
            + " as name and as NAME; write it once",
        "{'name':'n','type':'loopback','capabilities':[]} | capabilities []; allowed is an object",
        "{'name':'n','type':'loopback','prevResult':[]} | prevResult []; allowed is an object {…}",
        "{'name':'n','type':'loopback','prevResult':{'cniVersion':'1.0.0','ips':7}} | prevResult.ips"
            + " 7; allowed is a list",
        "{'name':'n','type':'loopback','cni.dev/valid-attachments':{}} | cni.dev/valid-attachments"
            + " {}; allowed is a list",
        "{'name':'n','type':'loopback','cni.dev/attachments':[{'ifname':'a'}]} |"
            + " cni.dev/attachments[0] {'ifname':'a'}: containerID is missing; allowed is "
            + IDENTIFIER,
        "{'name':'n','type':'loopback','cni.dev/attachments':[{'containerID':' ','ifname':'a'}]} |"
            + " cni.dev/attachments[0].containerID ' '; allowed is "
            + IDENTIFIER,
        "{'name':'n','type':'loopback','cni.dev/attachments':[{'containerID':'c','ifname':'/'}]} |"
            + " cni.dev/attachments[0].ifname '/'; allowed is 1 to 15 octets",
        "{'name':'n','type':'loopback','cniVersion':1} | cniVersion 1; allowed is a text in quotes",
      })
  void aWrongKeyIsNamed(String json, String expected) {
    Configs.assertRefused(json.replace('\'', '"'), 7, expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'{}' | the network configuration is '{}'; it must be one JSON object {…}",
        "[] | the network configuration is []; it must be one JSON object {…}",
        "null | the network configuration is null; it must be one JSON object",
        "{'name':'n' | the network configuration is no JSON at line 1, column 12: Unexpected end",
        "{name:'n'} | the network configuration is no JSON at line 1, column 2: Unexpected",
        "{} {} | the network configuration is no JSON at line 1, column 4: Trailing token",
        "{'name':'n','name':'m'} | the network configuration is no JSON at line 1, column",
      })
  void whatIsNoJsonIsRefused(String json, String expected) {
    Configs.assertRefused(json.replace('\'', '"'), 6, expected);
  }

  @Test
  void anUnknownVersionIsIncompatible() {
    String json = "{\"cniVersion\":\"1.2.0\",\"type\":\"bridge\"}";

    Configs.assertRefused(json, 1, "cniVersion \"1.2.0\" is not supported");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":"})
  void nestingWithoutEndIsRefused(String opening) {
    String json = "{\"type\":\"bridge\",\"name\":\"n\",\"x\":" + opening.repeat(100_000);

    Configs.assertRefused(json, 6, "the network configuration is no JSON");
  }

  @Test
  void aNumberWithoutEndIsRefused() {
    String json = Configs.json("bridge", "'mtu':" + "1".repeat(500_000));

    Configs.assertRefused(json, 6, "the network configuration is no JSON");
  }

  @Test
  void aHugeConfigurationIsReadInATwinkle() {
    String ranges =
        "[{'subnet':'10.0.0.0/16','rangeStart':'10.0.0.9','rangeEnd':'10.0.0.9'}],".repeat(14_000);

    Configs.assertRefused(
        Configs.json("bridge", "'ipam':{'type':'host-local','ranges':[" + ranges + "[]]}"),
        7,
        "ipam.ranges[14000]: a set of ranges is not empty");
  }
}
