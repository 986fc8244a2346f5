package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfFileTest {
  /** As kubeasz's template gives it. */
  static final String BOOTSTRAP =
      """
      {
      \t"name": "mynet",
      \t"cniVersion": "0.3.1",
      \t"type": "bridge",
      \t"bridge": "mynet0",
      \t"isDefaultGateway": true,
      \t"ipMasq": true,
      \t"hairpinMode": true,
      \t"ipam": {
      \t\t"type": "host-local",
      \t\t"subnet": "10.244.0.0/16"
      \t}
      }
      """;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void kubeaszsBootstrapIsKnownWhateverItsLayoutAndRange() {
    assertThat(ConfFile.isBootstrap(bytes(BOOTSTRAP))).isTrue();
    assertThat(ConfFile.isBootstrap(bytes(BOOTSTRAP.replaceAll("\\s", "")))).isTrue();
    assertThat(ConfFile.isBootstrap(bytes(BOOTSTRAP.replace("10.244", "172.20")))).isTrue();
    assertThat(
            ConfFile.isBootstrap(
                bytes(
                    """
                    {"ipam":{"subnet":"fd00::/48","type":"host-local"},"type":"bridge",
                     "hairpinMode":true,"ipMasq":true,"isDefaultGateway":true,"bridge":"mynet0",
                     "cniVersion":"0.3.1","name":"mynet"}\
                    """)))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "mynet"      | "other"
          "mynet0"     | "cni0"
          "bridge",    | "ptp",
          "ipMasq"     | "isMasq"
          "host-local" | "dhcp"
          "cniVersion" | "mtu": 1450, "cniVersion"
          "subnet"     | "rangeStart": "10.244.0.9", "subnet"
          "subnet"     | "ranges"
          true         | "true"
          "0.3.1"      | 0.3
          """)
  void whatSomebodyHasChangedIsNotKubeaszsAnyMore(String part, String other) {
    assertThat(ConfFile.isBootstrap(bytes(BOOTSTRAP.replace(part, other)))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{}", "{\"name\":\"mynet\"", "\u0000"})
  void whatIsNoConfigurationIsNotKubeaszs(String text) {
    assertThat(ConfFile.isBootstrap(bytes(text))).isFalse();
  }

  @Test
  void denimsOwnIsAListThatRuntimesCanUse() {
    assertThat(ConfFile.judge(Conflist.FILE, Conflist.content()))
        .isEqualTo(new ConfFile.Usable("cbr0", List.of("denim-cni")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a.conflist | {"name":"n","plugins":[{"type":"a"},{"type":"b"}]} | n | a,b
          a.conf     | {"name":"n","type":"bridge"}                       | n | bridge
          a.json     | {"name":"n","type":"bridge","plugins":[]}          | n | bridge
          """)
  void aUsableFileTellsItsNetworkAndPlugins(
      String file, String content, String network, String types) {
    assertThat(ConfFile.judge(file, bytes(content)))
        .isEqualTo(new ConfFile.Usable(network, List.of(types.split(","))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a.conflist | {"name":"n","type":"bridge"}           | has no list "plugins"
          a.conflist | {"name":"n","plugins":[]}              | has no list "plugins"
          a.conflist | {"name":"n","plugins":{"type":"a"}}    | has no list "plugins"
          a.conflist | {"name":"n","plugins":[{"type":7}]}    | has a plugin without "type"
          a.conflist | {"name":"n","plugins":["a"]}           | has a plugin without "type"
          a.conflist | {"plugins":[{"type":"a"}]}             | has no "name"
          a.conf     | {"name":"n","plugins":[{"type":"a"}]}  | has a plugin without "type"
          a.conf     | {"name":"n","type":""}                 | has a plugin without "type"
          a.conf     | []                                     | is no JSON object
          a.conf     | ``                                     | is no JSON object
          """)
  void anUnusableFileSaysWhy(String file, String content, String reason) {
    assertThat(ConfFile.judge(file, bytes(content))).isEqualTo(new ConfFile.Unusable(reason));
  }

  @Test
  void whatIsNoJsonSaysWhere() {
    assertThat(ConfFile.judge("a.conf", bytes("{\n\"name\":")))
        .isEqualTo(
            new ConfFile.Unusable(
                "is no JSON: Unexpected end-of-input within/between Object entries, line 2"));
    assertThat(ConfFile.judge("a.conf", bytes("{} {}"))).isInstanceOf(ConfFile.Unusable.class);
    assertThat(ConfFile.judge("a.conf", bytes("[".repeat(100_000))))
        .isInstanceOf(ConfFile.Unusable.class);
  }

  @Test
  void kubeaszsFileRenderedByContainerdAsAListIsUnusable() {
    assertThat(ConfFile.judge("10-containerd-net.conflist", bytes(BOOTSTRAP)))
        .isEqualTo(new ConfFile.Unusable("has no list \"plugins\""));
  }
}
