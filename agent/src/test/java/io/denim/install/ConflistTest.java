package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.model.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ConflistTest {
  private final JsonNode list = Json.mapper().readTree(Conflist.content());

  @Test
  void olderRuntimesTakeVersion100AndNewerOnesChooseTheHighest() {
    assertThat(list.path("cniVersion").asString()).isEqualTo("1.0.0");
    assertThat(list.path("cniVersions"))
        .extracting(JsonNode::asString)
        .containsExactly("1.0.0", "1.1.0");
  }

  @Test
  void itIsOneNetworkWithOnePluginThatIsGivenWhatItCanUse() {
    assertThat(list.path("name").asString()).isEqualTo("cbr0");
    assertThat(list.path("plugins")).hasSize(1);
    JsonNode plugin = list.path("plugins").path(0);
    assertThat(plugin.path("type").asString()).isEqualTo(Conflist.TYPE);
    assertThat(plugin.path("capabilities").propertyNames())
        .containsExactlyElementsOf(
            List.of(
                "portMappings", "bandwidth", "ips", "mac", "io.kubernetes.cri.pod-annotations"));
    assertThat(plugin.path("capabilities")).allMatch(JsonNode::booleanValue);
  }

  @Test
  void itSortsBetweenMultusAndAllOtherNetworks() {
    assertThat(ConfFolder.isBefore("00-multus.conf", Conflist.FILE)).isTrue();
    for (String other : List.of("10-calico.conflist", "10-default.conf", "10-flannel.conflist")) {
      assertThat(ConfFolder.isBefore(Conflist.FILE, other)).as(other).isTrue();
    }
  }
}
